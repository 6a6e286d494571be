"""Refuse outputs that cannot be meant, before hours of work."""

import re
from collections.abc import Sequence
from pathlib import Path

from pose3d_cli.errors import UsageError
from pose3d_cli.files import check_writable


def check_outputs(
    outputs: Sequence[Path], *, source: Path, overwrite: bool, several: bool = False
) -> None:
    """Refuse to write one file twice, over what is read, or over anything without being told to.

    Args:
        outputs: as they were named.
        source: what is read.
        overwrite: whether existing files may be replaced.
        several: whether there may be several people, who get a file each in some formats.

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
        for numbered in _numbered(path) if several else ():
            check_writable(numbered, overwrite=overwrite)


def suffixes(formats: str) -> list[str]:
    """Return what a comma-separated list of formats names: ``["json", "angles.csv"]``.

    Raises:
        UsageError: it names none.
    """
    names = [name for part in formats.split(",") if (name := part.strip().lstrip(".").lower())]
    if not names:
        raise UsageError("--format names no format", hint="Such as --format mp4,json,bvh.")
    return names


def _numbered(path: Path) -> list[Path]:
    """Return the files of single people that are there already: ``x.1.bvh`` for ``x.bvh``."""
    ours = re.compile(rf"{re.escape(path.stem)}\.\d+{re.escape(path.suffix)}")
    folder = path.parent
    return (
        [other for other in folder.iterdir() if ours.fullmatch(other.name)]
        if folder.is_dir()
        else []
    )
