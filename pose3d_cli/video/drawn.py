"""Know the videos that we drew again: they are no clips to draw on."""

from pathlib import Path

from pose3d_cli.errors import InputError
from pose3d_cli.video.source import opened

KEY, NOTE = "comment", "Drawn by pose3d"


def is_drawn(path: Path) -> bool:
    """Tell whether a file is a video of ours; what is missing or no video is none."""
    try:
        with opened(path) as container:
            return container.metadata.get(KEY) == NOTE
    except InputError:
        return False
