"""Run the command line with ``python -m pose3d_cli``."""

from pose3d_cli.cli import main

if __name__ == "__main__":
    main()
