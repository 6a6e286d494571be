"""From a result to files: each in the format that its suffix names."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np

from pose3d_cli.errors import UsageError
from pose3d_cli.export import FORMATS, writer_for
from pose3d_cli.export.blender import BY_BLENDER, find_blender
from pose3d_cli.export.bvh import USUAL
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.export.html_page import write_html
from pose3d_cli.memory import give_back
from pose3d_cli.render import Renderer, RenderSettings, render_frames
from pose3d_cli.render.still import telling_frame, write_still
from pose3d_cli.sequences import Frame, Result
from pose3d_cli.streams import ahead
from pose3d_cli.video.drawn import NOTE
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.selection import AtTimes
from pose3d_cli.video.shrink import write_small
from pose3d_cli.video.writer import write_video
from pose3d_cli.watch import Watch

VIDEO_SUFFIX = ".mp4"
PAGE_SUFFIX = ".html"
STILL_SUFFIXES = (".png", ".jpg", ".jpeg")
PICTURES = (VIDEO_SUFFIX, *STILL_SUFFIXES)
PRESETS = {"small": "superfast", "quick": "ultrafast"}
"""Of x264, for each way to encode."""
WITHOUT_CLIP = "3d-only"
"""The layout that shows nothing of it."""
SURELY_SHORTER_S = 1.0
"""Headers promise less than this too much."""


def write(
    result: Result,
    outputs: Sequence[Path],
    *,
    watch: Watch,
    look: RenderSettings | None = None,
    bvh: BvhStyle = USUAL,
) -> tuple[Path, ...]:
    """Write every output in the format that its suffix names; return the files that appeared.

    Raises:
        OutputError: a file could not be written.
        InputError: the video, which is read again to be drawn on, is gone.
    """
    written: list[Path] = []
    for path in outputs:
        if path.name.lower().endswith(VIDEO_SUFFIX):
            _write_video(result, path, look=look, watch=watch)
            written.append(path)
        elif _is_still(path):
            with watch.stage("Drawing still"):
                _write_still(result, path, look=look)
            written.append(path)
        elif path.name.lower().endswith(PAGE_SUFFIX):
            written += write_page(path, result, watch=watch)
        else:
            with watch.stage("Writing files"):
                written += writer_for(path, bvh=bvh)(path, result)
    return tuple(written)


def write_page(
    path: Path, result: Result, *, watch: Watch, shrink: bool = False
) -> tuple[Path, ...]:
    """Write the page with the viewer; a smaller copy of the clip inside if it is wanted.

    Browsers would show a clip as its file says, so one that had to be turned is always copied; nor do
    they know folders of pictures.

    Raises:
        OutputError: the page cannot be written.
        InputError: the clip, which has to be copied, cannot be read.
    """
    clip = result.clip
    unlike = not clip.filming.as_seen and clip.path.exists()
    if not (shrink or unlike or clip.path.is_dir()):
        with watch.stage("Writing files"):
            return write_html(path, result)
    with tempfile.TemporaryDirectory(prefix="pose3d-") as folder:
        small = Path(folder) / "small.mp4"
        whole = probe(clip.path, clip.filming)
        with closing(
            watch.each("Shrinking video", read_frames(whole), total=whole.claimed_frames)
        ) as counted:
            write_small(small, counted, clip=whole)
        return write_html(path, result, small=small)


def check_formats(outputs: Iterable[Path]) -> None:
    """Refuse suffixes that nothing can write, before any work is done.

    Raises:
        UsageError: a suffix is unknown.
        DeviceError: Blender is needed, but not there.
    """
    names = tuple(outputs)
    _check_suffixes(names, (*PICTURES, *FORMATS, *BY_BLENDER))
    if any(path.name.lower().endswith(BY_BLENDER) for path in names):
        find_blender()


def check_pictures(outputs: Iterable[Path]) -> None:
    """Refuse suffixes of what is not a picture or a video.

    Raises:
        UsageError: a suffix is unknown.
    """
    _check_suffixes(outputs, PICTURES, others=" `pose3d export` writes other formats.")


def _check_suffixes(outputs: Iterable[Path], known: tuple[str, ...], *, others: str = "") -> None:
    for path in outputs:
        if not path.name.lower().endswith(known):
            raise UsageError(
                f"{path}: the format '{path.suffix}' is unknown",
                hint=f"Choose from {', '.join(known)}.{others}",
            )


def _is_still(path: Path) -> bool:
    """Tell stills from the plots among the formats: ``x.png`` but not ``x.angles.png``."""
    name = path.name.lower()
    return name.endswith(STILL_SUFFIXES) and not name.endswith(tuple(FORMATS))


def _write_video(result: Result, path: Path, *, look: RenderSettings | None, watch: Watch) -> None:
    """Decode again, draw and encode side by side; what does not show the clip needs it for sound alone."""
    give_back()
    clip = result.clip
    source = clip if clip.path.exists() else None
    with (
        closing(ahead(_frames(result, look or RenderSettings()))) as frames,
        closing(
            ahead(render_frames(frames, result.people, camera=result.camera, settings=look))
        ) as pictures,
        closing(watch.each("Drawing video", pictures, total=len(result.times_s))) as counted,
    ):
        write_video(
            path,
            counted,
            fps=clip.played_fps,
            source=source,
            stretch_s=_stretch_s(result) if source else None,
            preset=PRESETS[(look or RenderSettings()).encoding],
            note=NOTE,
        )


def _frames(result: Result, look: RenderSettings) -> Iterator[Frame]:
    """Yield the pictures to draw on; nothing is decoded for a view without them."""
    if look.layout == WITHOUT_CLIP:
        nothing = np.zeros((1, 1, 3), np.uint8)
        times = enumerate(result.played_s.tolist())
        return (Frame(index, Fraction(time_s), nothing) for index, time_s in times)
    return read_frames(result.clip, selection=AtTimes(result.played_s.tolist()))


def _stretch_s(result: Result) -> tuple[Fraction, Fraction] | None:
    """Return from when to when a result is of its clip, None if it is of all, or nothing is heard."""
    if not result.clip.has_audio:
        return None
    first_s, last_s = (Fraction(time_s) for time_s in result.played_s[[0, -1]].tolist())
    whole = probe(result.clip.path)
    with closing(ahead(read_frames(whole), buffer=1)) as frames:
        begins_s = next(frames).time_s
    ends_s = begins_s + whole.claimed_frames / whole.fps
    if first_s - begins_s < 1 / whole.fps and ends_s - last_s < SURELY_SHORTER_S:
        return None
    return first_s, last_s + 1 / result.clip.played_fps


def _write_still(result: Result, path: Path, *, look: RenderSettings | None) -> None:
    settings = look or RenderSettings()
    frame = _frame_at(result, telling_frame(result.people), look=settings)
    renderer = Renderer.of(result.people, camera=result.camera, settings=settings)
    write_still(path, renderer.compose(frame))


def _frame_at(result: Result, index: int, *, look: RenderSettings) -> Frame:
    """Return one frame, or the last if the file has become shorter."""
    with closing(ahead(_frames(result, look))) as frames:
        frame = next(frames)
        while frame.index < index and (later := next(frames, None)):
            frame = later
    return frame
