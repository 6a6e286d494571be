"""Read what `pose3d lift` wrote, and find the video that it is of."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pose3d_cli.errors import InputError

if TYPE_CHECKING:
    from pose3d_cli.sequences import Result

logger = logging.getLogger(__name__)

NO_CLIP = Path("(no clip)")
"""Where a clip is that nothing is to be read from."""
SAME_SHAPE = 0.02
"""How far width to height may be off in a copy, whose sides are rounded."""


def read_result(path: Path, *, video: Path | None = None) -> "Result":
    """Return a result whose clip is ``video``, or the file of the clip's name beside ``path``.

    Raises:
        InputError: the result cannot be read, or ``video`` is not there.
    """
    from pose3d_cli.export.json_file import read_json

    if video is not None and not video.exists():
        raise InputError(f"{video} is not there", hint="Name the video with --video.")
    result = read_json(path)
    found = video or path.parent / result.clip.path.name
    return replace(result, clip=replace(result.clip, path=found))


def check_video(result: "Result", *, of: Path, needed: bool = True) -> None:
    """Refuse a video that cannot be the one of which a result is; copies of other sizes can.

    A batch leaves what it drew beside ``result.json``, under the clip's own name.

    Args:
        result: What was read, its clip found.
        of: Where it was read.
        needed: Whether it may not be missing.

    Raises:
        InputError: it is missing, drawn by us, of another shape, or no video.
    """
    from pose3d_cli.video.drawn import is_drawn
    from pose3d_cli.video.reader import probe

    clip = result.clip
    hint = f"Name the video that {of} is of with --video."
    if not clip.path.exists():
        if needed:
            raise InputError(f"{clip.path} is not there", hint=hint)
        return
    if is_drawn(clip.path):
        raise InputError(f"{clip.path} was drawn by pose3d: it is not the clip", hint=hint)
    found = probe(clip.path, clip.filming)
    shape, wanted = (one.width_px / one.height_px for one in (found, clip))
    if abs(shape / wanted - 1) > SAME_SHAPE:
        sizes = (f"{one.width_px} × {one.height_px}" for one in (found, clip))
        raise InputError("{} is {}, but the clip {}".format(clip.path, *sizes), hint=hint)


def or_silent(result: "Result", *, of: Path) -> "Result":
    """Return a result, without its clip if no video that could be it is there.

    For pictures that do not show the clip, and have nothing but its sound from it.
    """
    try:
        check_video(result, of=of)
    except InputError as error:
        if result.clip.has_audio:
            logger.warning("drawn without sound: %s (--video names the clip)", error)
        return replace(result, clip=replace(result.clip, path=NO_CLIP))
    return result


def stem_of(path: Path) -> str:
    """Return the name of a result without ``.json`` or ``.json.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".json")
