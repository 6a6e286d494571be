"""Know the videos that we drew again: they are no clips to draw on."""

from pathlib import Path

from pose3d_cli.video.source import opened

KEY, NOTE = "comment", "Drawn by pose3d"


def is_drawn(path: Path) -> bool:
    """Tell whether a video is one of ours.

    Raises:
        InputError: it is missing, or no video.
    """
    with opened(path) as container:
        return container.metadata.get(KEY) == NOTE
