"""Refuse outputs that cannot be meant, before hours of work."""

from collections.abc import Sequence
from pathlib import Path

from pose3d_cli.errors import UsageError
from pose3d_cli.files import check_writable


def check_outputs(outputs: Sequence[Path], *, source: Path, overwrite: bool) -> None:
    """Refuse to write one file twice, over what is read, or over anything without being told to.

    Raises:
        UsageError: an output is named twice, or is the source under whatever name.
        OutputError: an output exists already, or its folder takes no files.
    """
    places = [path.resolve() for path in outputs]
    for path, place in zip(outputs, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"{path} would be written twice", hint="Name every output once.")
        if path.exists() and source.exists() and path.samefile(source):
            raise UsageError(f"{path} would be written over the input", hint="Name another file.")
        check_writable(path, overwrite=overwrite)
