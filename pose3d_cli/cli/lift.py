"""``pose3d lift``: a video in, motion out."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.motion_options import (
    CameraPitch,
    CameraRoll,
    Focal,
    Height,
    PinFeet,
    RootFrame,
    Smooth,
)
from pose3d_cli.cli.options import (
    DETECTOR,
    LIFTER,
    AsJson,
    BvhInPlace,
    BvhNamesOption,
    BvhOrder,
    BvhReference,
    BvhRest,
    BvhUnits,
    CacheDir,
    DetectorBackend,
    Device,
    Keypoints,
    Layout,
    Offline,
    Orbit,
    Overwrite,
    Quiet,
    Theme,
    Trail,
    VideoHeight,
)
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.selecting import Cache, End, Fast, Fps, Start, chosen, store_in, stretch_of
from pose3d_cli.cli.summary import print_written, summarise
from pose3d_cli.errors import UsageError
from pose3d_cli.motion.settings import Root

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models, Settings

DEFAULT_SUFFIXES = (".mp4", ".json")


def lift(  # noqa: PLR0917 - Typer passes options by name
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="Any video of people.")],
    cache_dir: CacheDir,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            help="What to write, by suffix: .mp4 .png .html .json .json.gz .bvh .glb .fbx .usd "
            ".npz .csv .trc .c3d .angles.csv .angles.png. Repeat for more. "
            "Default: VIDEO_3d.mp4 and VIDEO_3d.json here.",
        ),
    ] = None,
    overwrite: Overwrite = False,
    person: Annotated[
        str,
        typer.Option(
            metavar="WHO",
            help="largest, longest, most-moving, all, a number as in `pose3d people`, or "
            "at=0:03@640,360 for who is there then.",
            rich_help_panel="Person",
        ),
    ] = "largest",
    smooth: Smooth = None,
    flip: Annotated[
        bool,
        typer.Option(
            help="Lift the mirrored clip too, and average: slower, a little more accurate.",
            rich_help_panel="Motion",
        ),
    ] = True,
    height: Height = None,
    root: RootFrame = Root.WORLD,
    pin_feet: PinFeet = True,
    focal: Focal = None,
    camera_pitch: CameraPitch = None,
    camera_roll: CameraRoll = None,
    keypoints: Keypoints = None,
    detector: Annotated[
        str, typer.Option(help="YOLO-pose weights: a name or a file.", rich_help_panel="Weights")
    ] = DETECTOR,
    lifter: Annotated[
        str,
        typer.Option(
            help="SasMamba weights, a name or a file; or another lifter as KIND:FILE.",
            rich_help_panel="Weights",
        ),
    ] = LIFTER,
    layout: Layout = "side",
    theme: Theme = "dark",
    orbit: Orbit = 0.0,
    trail: Trail = 0.0,
    video_height: VideoHeight = None,
    bvh_names: BvhNamesOption = "humanik",
    bvh_rest: BvhRest = "t",
    bvh_order: BvhOrder = "zxy",
    bvh_units: BvhUnits = "cm",
    bvh_reference_frame: BvhReference = False,
    bvh_in_place: BvhInPlace = False,
    start: Start = None,
    end: End = None,
    fps: Fps = None,
    offline: Offline = False,
    device: Device = "auto",
    detector_backend: DetectorBackend = "auto",
    fast: Fast = False,
    cache: Cache = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lift people in VIDEO to 3D: a video with the skeleton, JSON, BVH.

    Example: pose3d lift clip.mp4 -o result.mp4 -o result.json -o result.bvh
    """
    from pose3d_cli.detect.choosing import parse
    from pose3d_cli.detect.networks import LABELS, choose_backend
    from pose3d_cli.device import choose_device
    from pose3d_cli.export.bvh_style import BvhStyle
    from pose3d_cli.motion.settings import MotionSettings
    from pose3d_cli.outputs import check_formats, write
    from pose3d_cli.pipeline import Settings, estimate
    from pose3d_cli.render import RenderSettings
    from pose3d_cli.video.reader import probe

    outputs = out or [Path(f"{video.stem}_3d{suffix}") for suffix in DEFAULT_SUFFIXES]
    check_formats(outputs)
    check_outputs(outputs, source=video, overwrite=overwrite, several=parse(person) == "all")
    probe(video)  # what cannot be read is told before anything is downloaded
    settings = Settings(
        focal_px=focal,
        motion=MotionSettings(
            cutoff_hz=smooth,
            camera_pitch_rad=None if camera_pitch is None else math.radians(camera_pitch),
            camera_roll_rad=None if camera_roll is None else math.radians(camera_roll),
            height_m=height,
            root=root,
            pin_feet=pin_feet,
        ),
        stretch=stretch_of(start=start, end=end, fps=fps),
        person=chosen(person, fast=fast),
    )
    look = RenderSettings(
        layout=layout,
        theme=theme,
        orbit_rad_s=math.radians(orbit),
        trail_s=trail,
        height_px=video_height,
    )
    bvh = BvhStyle(
        names=bvh_names,
        rest=bvh_rest,
        order=bvh_order,
        unit=bvh_units,
        reference_frame=bvh_reference_frame,
        in_place=bvh_in_place,
    )
    running_on = choose_device(device)
    backend = choose_backend(detector_backend, device=running_on)
    if not quiet:
        typer.echo(f"Running on {running_on}, finding people with {LABELS[backend]}", err=True)
    watch = ProgressWatch(quiet=quiet)
    started = time.perf_counter()
    with watch.stage("Loading networks"):
        models = _load(
            detector,
            lifter,
            device=running_on,
            backend=backend,
            fast=fast,
            flip=flip,
            cache_dir=cache_dir,
            offline=offline,
            keypoints=_for_the_whole_clip(keypoints, settings),
        )
    result = estimate(video, models, settings, watch=watch, store=store_in(cache_dir, wanted=cache))
    written = write(result, outputs, look=look, bvh=bvh, watch=watch)
    if not quiet:
        summarise(result, watch, elapsed_s=time.perf_counter() - started)
    print_written(result, written, watch, as_json=as_json)


def _for_the_whole_clip(keypoints: Path | None, settings: "Settings") -> Path | None:
    """Refuse to take a file about all frames for one about some of them."""
    from pose3d_cli.video.selection import EVERYTHING

    if keypoints and settings.stretch != EVERYTHING:
        raise UsageError(
            "--keypoints are for the whole clip, not a part of it",
            hint="Leave --start, --end and --fps away.",
        )
    return keypoints


def _load(
    detector: str,
    lifter: str,
    *,
    device: str,
    backend: str,
    fast: bool,
    flip: bool,
    cache_dir: Path,
    offline: bool,
    keypoints: Path | None = None,
) -> "Models":
    from pose3d_cli.cli.networks import load_detector, load_lifter
    from pose3d_cli.detect.keypoint_files import read_keypoints
    from pose3d_cli.pipeline import Models

    where: Any = {"device": device, "cache_dir": cache_dir, "offline": offline}
    return Models(
        read_keypoints(keypoints)
        if keypoints
        else load_detector(detector, backend=backend, fast=fast, **where),
        load_lifter(lifter, flip=flip, **where),
    )
