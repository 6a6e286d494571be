"""``pose3d schema``: what is in a result.json."""

import json

import typer


def schema() -> None:
    """Print the JSON Schema of result.json."""
    from pose3d_cli.export.json_file import schema as load

    typer.echo(json.dumps(load(), indent=2))
