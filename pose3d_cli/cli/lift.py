"""``pose3d lift``: a video in, motion out."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.cli.option_groups import spread
from pose3d_cli.cli.options import AsJson, Overwrite, Quiet
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.summary import print_written, summarise
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models, Settings

DEFAULT_SUFFIXES = (".mp4", ".json")


@spread
def lift(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="Any video of people.")],
    *,
    how: LiftingOptions,
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
    keypoints: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="2D keypoints that another program found in VIDEO: OpenPose (a folder), "
            "AlphaPose, COCO results, MMPose, Ultralytics.",
            rich_help_panel="Person",
        ),
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lift people in VIDEO to 3D: a video with the skeleton, JSON, BVH.

    Example: pose3d lift clip.mp4 -o result.mp4 -o result.json -o result.bvh
    """
    from pose3d_cli.outputs import check_formats, write
    from pose3d_cli.pipeline import estimate
    from pose3d_cli.video.reader import probe

    how.check()
    outputs = out or [Path(f"{video.stem}_3d{suffix}") for suffix in DEFAULT_SUFFIXES]
    check_formats(outputs)
    check_outputs(outputs, source=video, overwrite=overwrite, several=how.person == "all")
    probe(video)  # what cannot be read is told before anything is downloaded
    settings = how.settings()
    if keypoints:
        _check_is_whole(settings)
    watch = ProgressWatch(quiet=quiet)
    started = time.perf_counter()
    models = _load(how, keypoints, watch=watch, quiet=quiet)
    result = estimate(video, models, settings, watch=watch, store=how.store())
    look, bvh = how.render_settings(), how.bvh_style()
    written = write(result, outputs, look=look, bvh=bvh, watch=watch)
    if not quiet:
        summarise(result, watch, elapsed_s=time.perf_counter() - started)
    print_written(result, written, watch, as_json=as_json)


def _check_is_whole(settings: "Settings") -> None:
    """Refuse to take a file about all frames for one about some of them."""
    from pose3d_cli.video.selection import EVERYTHING

    if settings.stretch != EVERYTHING:
        raise UsageError(
            "--keypoints are for the whole clip, not a part of it",
            hint="Leave --start, --end, --duration and --fps away.",
        )


def _load(
    how: LiftingOptions, keypoints: Path | None, *, watch: ProgressWatch, quiet: bool
) -> "Models":
    """Say where the work is done, and load the networks."""
    from pose3d_cli.detect.networks import LABELS

    device, backend = how.detection.chosen()
    if not quiet:
        typer.echo(f"Running on {device}, finding people with {LABELS[backend]}", err=True)
    with watch.stage("Loading networks"):
        return how.load(keypoints=keypoints)
