"""HTML: the clip beside its motion in 3D, in one file that needs no network and no server.

``viewer/`` beside this module has the page, its style, and the script with three.js in it, which
``viewer/build.mjs`` at the top of the repository makes from its sources.
"""

import html
import importlib.resources
import re
from collections.abc import Mapping
from pathlib import Path

from pose3d_cli import __version__
from pose3d_cli.export.html_data import clip_data
from pose3d_cli.export.html_video import page_video
from pose3d_cli.export.precision import rounded
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Result


def write_html(path: Path, result: Result, *, small: Path | None = None) -> tuple[Path, ...]:
    """Write the viewer with everybody in it; return where.

    The video is embedded if it is small, else referred to by its place relative to ``path``;
    ``small``, a copy of it in MP4, is embedded in any case.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the result holds NaN.
    """
    result, clip = rounded(result), result.clip
    video = page_video(clip.path, page=path, small=small)
    parts = {
        "title": html.escape(clip.path.name),
        "generator": f"pose3d {__version__}",
        "aspect": f"{clip.width_px / clip.height_px:.4f}",
        "last_frame": str(len(result.times_s) - 1),
        "about": html.escape(f"Made with pose3d {__version__}. {video.about}"),
        "data": clip_data(result, video=video.document),
        "video": video.base64,
        "style": _shipped("viewer.css"),
        "script": _shipped("viewer.min.js"),
    }
    with written_whole(path) as part:
        part.write_text(_filled(_shipped("page.html"), parts), encoding="utf-8", newline="\n")
    return (path,)


def is_page(path: Path) -> bool:
    """Tell whether a file is a page of ours."""
    with path.open("rb") as file:
        return b'<meta name="generator" content="pose3d ' in file.read(1000)


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """Replace every ``{{name}}`` at once, so that nothing in a part is taken for a name."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def _shipped(name: str) -> str:
    folder = importlib.resources.files("pose3d_cli.export") / "viewer"
    return (folder / name).read_text("utf-8")
