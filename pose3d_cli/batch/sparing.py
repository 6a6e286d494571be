"""What a batch must not write over: the clips, and videos of somebody else's."""

from collections.abc import Iterable
from pathlib import Path

from pose3d_cli.errors import OutputError, UsageError


def check_spares(clips: Iterable[Path], targets: Iterable[Path]) -> None:
    """Refuse to write over what is read, under whatever name.

    Raises:
        UsageError: a target is a clip.
    """
    read = {_identity(clip) for clip in clips} - {None}
    for target in targets:
        if _identity(target) in read:
            raise UsageError(
                f"{target} is a clip, and would be written over",
                hint="Choose another folder with --out.",
            )


def check_ours(target: Path) -> None:
    """Refuse to write over a video that was not drawn by us.

    Raises:
        OutputError: the target is one.
    """
    from pose3d_cli.outputs import VIDEO_SUFFIX
    from pose3d_cli.video.drawn import is_drawn

    if target.suffix == VIDEO_SUFFIX and target.exists() and not is_drawn(target):
        raise OutputError(
            f"{target} is there, and was not drawn by pose3d",
            hint="Move it, or choose another folder with --out.",
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what all names of a file have in common; None if there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
