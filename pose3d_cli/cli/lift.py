"""``pose3d lift``: a video in, motion out."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.cli.option_groups import spread
from pose3d_cli.cli.options import AsJson, Overwrite, Quiet
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.summary import print_written, summarise
from pose3d_cli.errors import StreamLostError, UsageError

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models
    from pose3d_cli.video.live import Camera, Stream
    from pose3d_cli.video.recording import Recording

DEFAULT_SUFFIXES = (".mp4", ".json")


@spread
def lift(
    video: Annotated[
        str,
        typer.Argument(
            metavar="VIDEO",
            help="Any video of people: a file, a folder of pictures, a camera's number such as 0, "
            "or an address such as rtsp://… or http://….",
        ),
    ],
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
    no_video: Annotated[
        bool, typer.Option("--no-video", help="Write no video: by default VIDEO_3d.json alone.")
    ] = False,
    keypoints: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="2D keypoints that another program found in VIDEO: OpenPose (a folder), "
            "AlphaPose, COCO results, MMPose, Ultralytics; also of BlazePose.",
            rich_help_panel="Person",
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.mkv", help="Keep what a camera or stream shows. Default: it is not kept."
        ),
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lift people in VIDEO to 3D: a video with the skeleton, JSON, BVH.

    For many videos there is `pose3d batch`.

    Example: pose3d lift clip.mp4 -o result.mp4 -o result.json -o result.bvh
    """
    from pose3d_cli.cli.live import check_record, recording_of
    from pose3d_cli.outputs import check_formats
    from pose3d_cli.video.live import live_source

    how.check()
    source = live_source(video)
    stem = source.stem if source else Path(video).stem
    outputs = _outputs(out, stem=stem, no_video=no_video)
    check_formats(outputs)
    check_outputs(outputs, source=Path(video), overwrite=overwrite, several=how.person == "all")
    _check_together(how, source=source, keypoints=keypoints, record=record)
    work = _Work(how, outputs, keypoints, quiet=quiet, as_json=as_json)
    if source is None:
        work.on(Path(video))
        return
    check_record(record, overwrite=overwrite)
    folder, end_s = outputs[0].parent, how.part.stretch().end_s
    with recording_of(source, record=record, beside=folder, end_s=end_s, quiet=quiet) as recording:
        work.on(recording.path, recording=recording)


def _outputs(out: list[Path] | None, *, stem: str, no_video: bool) -> list[Path]:
    """Return what to write.

    Raises:
        UsageError: a video is asked for, and none.
    """
    from pose3d_cli.outputs import VIDEO_SUFFIX

    outputs = out or [Path(f"{stem}_3d{suffix}") for suffix in DEFAULT_SUFFIXES]
    if not no_video:
        return outputs
    without = [path for path in outputs if path.suffix.lower() != VIDEO_SUFFIX]
    if out and without != out:
        named = next(path for path in out if path not in without)
        raise UsageError(f"--no-video contradicts --out {named}", hint="Leave one of the two out.")
    return without


def _check_together(
    how: LiftingOptions,
    *,
    source: "Camera | Stream | None",
    keypoints: Path | None,
    record: Path | None,
) -> None:
    """Refuse options that contradict each other.

    Raises:
        UsageError: keypoints of all frames for some of them, or of a stream; a recording of a file.
    """
    from pose3d_cli.video.selection import EVERYTHING

    if keypoints and (source is not None or how.part.stretch() != EVERYTHING):
        raise UsageError(
            "--keypoints are for a whole clip, not for a part of it or a stream",
            hint="Leave out --start, --end, --duration and --fps.",
        )
    if keypoints and not how.film.filming().as_seen:
        raise UsageError(
            "--keypoints are where other programs saw them, not in a turned picture",
            hint="Leave out --rotate and --mirror; --camera-roll 90 stands people up in files.",
        )
    if record is not None and source is None:
        raise UsageError(
            "--record is for cameras and streams", hint="Leave it out: VIDEO is a file."
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """What is done to a video, whether it is there or comes."""

    how: LiftingOptions
    outputs: list[Path]
    keypoints: Path | None
    quiet: bool
    as_json: bool

    def on(self, path: Path, *, recording: "Recording | None" = None) -> None:
        """Lift it, write the outputs, and say so.

        Raises:
            StreamLostError: all is done, but the recording broke off.
        """
        from pose3d_cli.outputs import write
        from pose3d_cli.pipeline import estimate
        from pose3d_cli.video.reader import probe

        probe(path)  # what cannot be read is told before anything is downloaded
        how, watch = self.how, ProgressWatch(quiet=self.quiet)
        started = time.perf_counter()
        models = self._models(watch)
        store = how.store() if recording is None else None
        result = estimate(path, models, how.settings(), watch=watch, store=store)
        look, bvh = how.render_settings(), how.bvh_style()
        written = write(result, self.outputs, look=look, bvh=bvh, watch=watch)
        if not self.quiet:
            summarise(result, watch, elapsed_s=time.perf_counter() - started)
        lost = _lost(recording)
        print_written(result, written, watch, as_json=self.as_json, lost=lost)
        if lost is not None:
            raise lost

    def _models(self, watch: ProgressWatch) -> "Models":
        """Say where the work is done, and load the networks."""
        from pose3d_cli.detect.networks import LABELS

        with watch.stage("Loading networks"):  # PyTorch, to ask it for devices
            device, backend = self.how.detection.chosen()
        if not self.quiet:
            typer.echo(f"Running on {device}, finding people with {LABELS[backend]}", err=True)
        with watch.stage("Loading networks"):
            return self.how.load(keypoints=self.keypoints)


def _lost(recording: "Recording | None") -> StreamLostError | None:
    if recording is None or recording.lost is None:
        return None
    return StreamLostError(
        f"{recording.source} was lost after {float(recording.length_s):.1f} s: {recording.lost}",
        hint="What came before is in the outputs.",
    )
