"""A video in, motion out, as one function: ``from pose3d_cli import lift``."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pose3d_cli.detect.quality import Quality, looking
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.device import choose_device
from pose3d_cli.files import check_writable
from pose3d_cli.lifting.plugins import open_named
from pose3d_cli.outputs import check_formats, write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.render import RenderSettings
from pose3d_cli.sequences import Result
from pose3d_cli.video.reader import probe
from pose3d_cli.watch import Unwatched, Watch
from pose3d_cli.weights import default_cache_dir, default_lifter, ensure

DETECTOR = "yolo11n-pose"


def lift(  # noqa: PLR0913 - all but the video are told by name
    video: str | Path,
    *,
    outputs: Sequence[str | Path] = (),
    person: str = "largest",
    models: Models | None = None,
    settings: Settings | None = None,
    look: RenderSettings | None = None,
    overwrite: bool = False,
    watch: Watch | None = None,
) -> Result:
    """Return who is in a video, and their motion in the world; write files if any are named.

    ``result.people[0].world.positions_m`` is (frames, 17, 3): metres, y up, floor at 0. All that the
    result holds, and every axis and unit, stands in ``sequences.py``.

    Args:
        video: any file that holds one.
        outputs: files to write, the format by the suffix: ``.mp4 .json .bvh .glb …``.
        person: who is lifted, such as ``largest``, ``longest``, ``all`` or ``2``.
        models: ready-made networks, to use them for many videos; ``load_models`` makes them.
        settings: camera and motion; ``person`` comes on top.
        look: layout, theme and camera of videos and stills.
        overwrite: replace files that are there.
        watch: whoever wants to know how far the work is.

    Raises:
        InputError: not a video that can be read.
        NoPersonError: nobody was found in it, or not who is wanted.
        OutputError: an output exists already or cannot be written.
        UsageError: an output's format is unknown, or nobody is called so.
        WeightsError: the networks' weights are not here and cannot be fetched.
    """
    paths = [Path(path) for path in outputs]
    check_formats(paths)
    for path in paths:
        check_writable(path, overwrite=overwrite)
    probe(Path(video))  # what cannot be read is told before anything is downloaded
    watch = watch or Unwatched()
    wanted = replace(settings or Settings(), person=person)
    result = estimate(Path(video), models or load_models(), wanted, watch=watch)
    write(result, paths, look=look, watch=watch)
    return result


def load_models(  # noqa: PLR0913 - all are told by name
    *,
    detector: str = DETECTOR,
    lifter: str | None = None,
    device: str = "auto",
    quality: Quality = "normal",
    flip: bool = True,
    cache_dir: Path | None = None,
    offline: bool = False,
) -> Models:
    """Return the networks, fetched if need be.

    Args:
        detector: YOLO-pose weights, a name or a file.
        lifter: SasMamba weights, a name or a file; or another lifter as ``KIND:FILE``. Default:
            sasmamba-small, for the best quality sasmamba-large.
        device: auto, cpu, cuda or mps.
        quality: how thoroughly people are looked at: fast (the largest only), normal or best.
        flip: lift the mirrored clip too, and average.
        cache_dir: where weights are kept.
        offline: never touch the network.

    Raises:
        WeightsError: they are unknown, cannot be fetched, or are of another kind.
        DeviceError: the device is not there.
        UsageError: nobody knows the kind of lifter, or the device's name.
    """
    chosen, cache = choose_device(device), cache_dir or default_cache_dir()

    def fetched(name: str) -> Path:
        return ensure(name, cache_dir=cache, offline=offline)

    network = YoloPoseDetector(fetched(detector), device=chosen, cache_dir=cache)
    return Models(
        looking(network, quality),
        open_named(lifter or default_lifter(quality), fetched=fetched, device=chosen, flip=flip),
    )
