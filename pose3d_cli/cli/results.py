"""Read what `pose3d lift` wrote, and find the video that it is of."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pose3d_cli.errors import InputError

if TYPE_CHECKING:
    from pose3d_cli.sequences import Result


def read_result(path: Path, *, video: Path | None = None) -> "Result":
    """Return a result whose clip is ``video``, or the file of the clip's name beside ``path``.

    Raises:
        InputError: the result cannot be read, or ``video`` is not there.
    """
    from pose3d_cli.export.json_file import read_json

    if video is not None and not video.is_file():
        raise InputError(f"{video} is not there", hint="Name the video with --video.")
    result = read_json(path)
    found = video or path.parent / result.clip.path.name
    return replace(result, clip=replace(result.clip, path=found))


def stem_of(path: Path) -> str:
    """Return the name of a result without ``.json`` or ``.json.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".json")
