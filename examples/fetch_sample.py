"""Fetch the sample clip: two people in a park, from Sports2D's demo (BSD-3-Clause).

    python examples/fetch_sample.py [TARGET]

The clip travels inside the package sports2d; it is unpacked, never installed. Prints its path.
"""

import sys
from pathlib import Path

from pose3d_cli.downloads import FetchError, fetch
from pose3d_cli.sources import Wheel

SAMPLE = Wheel("sports2d==0.8.34", "Sports2D/Demo/demo.mp4")
SHA256 = "d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039"
TARGET = Path(__file__).with_name("sample.mp4")


def fetch_sample(target: Path = TARGET) -> Path:
    """Return the verified clip, fetched unless it is there already."""
    fetch([SAMPLE], target, sha256=SHA256)
    return target


if __name__ == "__main__":
    try:
        print(fetch_sample(*map(Path, sys.argv[1:2])))
    except (FetchError, OSError) as error:
        sys.exit(f"cannot fetch the sample clip: {error}")
