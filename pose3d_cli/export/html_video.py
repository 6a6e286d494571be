"""Bring the clip to a viewer page: inside it, or beside it."""

import base64
import logging
import os
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

LARGEST_EMBEDDED_BYTES = 25_000_000
"""Base64 makes a third more of it; mail and chat take about 30 MB."""
TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",  # the same boxes; browsers refuse QuickTime's own name
    ".webm": "video/webm",
}
"""What browsers play, if they know the codec."""
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class PageVideo:
    """How a page comes by the video."""

    document: dict[str, str]
    """``kind`` is ``embedded`` (``type``), ``linked`` (``href``) or ``missing`` (``note``)."""
    about: str
    """The same in words."""
    base64: str = ""
    """The embedded video."""


def page_video(clip: Path, *, page: Path, small: Path | None = None) -> PageVideo:
    """Return the video for a page: embedded if it is small and can be played.

    Args:
        clip: The video.
        page: Where the page will be.
        small: A small MP4 of it, to be embedded instead.
    """
    if small is not None:
        size_mb = small.stat().st_size / BYTES_PER_MB
        about = f"A smaller copy of the video is inside this page ({size_mb:.1f} MB)."
        return PageVideo({"kind": "embedded", "type": "video/mp4"}, about, _base64(small))
    if not clip.is_file():
        logger.warning("%s is not there: the page shows the poses without it", clip)
        note = f"Without the video: {clip.name} was not found."
        return PageVideo({"kind": "missing", "note": note}, note)
    size_mb = clip.stat().st_size / BYTES_PER_MB
    kind = TYPES.get(clip.suffix.lower())
    if kind and clip.stat().st_size <= LARGEST_EMBEDDED_BYTES:
        about = f"The video is inside this page ({size_mb:.1f} MB)."
        return PageVideo({"kind": "embedded", "type": kind}, about, _base64(clip))
    relative = Path(os.path.relpath(clip.resolve(), page.resolve().parent))
    why = f"{size_mb:.0f} MB" if kind else f"{clip.suffix or 'without suffix'}, not for browsers"
    logger.warning(
        "%s is not inside the page (%s): keep it where it is, or use `pose3d view --shrink`",
        clip,
        why,
    )
    href = urllib.parse.quote(relative.as_posix())
    about = f"The video stays at {relative.as_posix()}, seen from this page ({why})."
    return PageVideo({"kind": "linked", "href": href}, about)


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
