"""A video, or keypoints, in and motion out, as functions: ``from pose3d_cli import lift``."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from numbers import Rational
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from pose3d_cli.detect.arrays import track_of
from pose3d_cli.detect.quality import Quality, looking
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.device import choose_device
from pose3d_cli.files import check_writable
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting import Lifter
from pose3d_cli.lifting.plugins import open_named
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.solve import solve
from pose3d_cli.outputs import check_formats, write
from pose3d_cli.pipeline import Models, Settings, estimate, lifted
from pose3d_cli.render import RenderSettings
from pose3d_cli.sequences import Clip, ModelUsed, Result
from pose3d_cli.video.reader import probe
from pose3d_cli.watch import Unwatched, Watch
from pose3d_cli.weights import default_cache_dir, default_lifter, ensure

DETECTOR = "yolo11n-pose"
NO_VIDEO = Path("(keypoints)")
"""Stands for the clip of keypoints that come without one."""


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


def lift_keypoints(  # noqa: PLR0913 - all but the keypoints are told by name
    keypoints: ArrayLike,
    *,
    size_px: tuple[int, int],
    fps: float | Rational = 30,
    outputs: Sequence[str | Path] = (),
    lifter: Lifter | None = None,
    focal_px: float | None = None,
    motion: MotionSettings | None = None,
    overwrite: bool = False,
) -> Result:
    """Return the motion of one person whose keypoints somebody else found, without a video.

    Args:
        keypoints: (frames, keypoints, 2 or 3): x and y in pixels and, if told, confidence from 0 to 1, of
            which less than 0.3 counts as not seen; NaN where not seen. 17 are COCO's, 18 or 25
            OpenPose's, 33 BlazePose's; of 26, 133 and 136 the first 17 are COCO's.
        size_px: width and height of the upright picture.
        fps: frames a second.
        outputs: files to write, the format by the suffix; videos and stills show the 3D view alone.
        lifter: a ready-made network; ``load_lifter`` makes one, and is asked for sasmamba-small otherwise.
        focal_px: focal length in pixels; None takes a typical one.
        motion: how motion is solved.
        overwrite: replace files that are there.

    Raises:
        NoPersonError: nothing is seen in any frame.
        OutputError: an output exists already or cannot be written.
        UsageError: the keypoints have another shape or unit, or an output's format is unknown.
        WeightsError: the network's weights are not here and cannot be fetched.
    """
    paths = [Path(path) for path in outputs]
    check_formats(paths)
    for path in paths:
        check_writable(path, overwrite=overwrite)
    rate = Fraction(fps).limit_denominator(1001)
    track = track_of(keypoints, fps=rate)
    (width_px, height_px), frames = size_px, len(np.asarray(keypoints))
    camera = Camera.assumed(width_px, height_px)
    if focal_px is not None:
        camera = Camera(width_px, height_px, focal_px, "option")
    lifter, watch = lifter or load_lifter(), Unwatched()
    sighting = lifted(1, track, lifter, camera, watch=watch)
    people = solve([sighting], camera=camera, settings=motion or MotionSettings())
    found_by = ModelUsed("detector", "keypoints", "", "unknown")
    used = ModelUsed("lifter", lifter.name, lifter.sha256, lifter.licence)
    clip = Clip(
        NO_VIDEO, width_px, height_px, rate, rotation_deg=0, has_audio=False, claimed_frames=frames
    )
    result = Result(clip, np.arange(frames) / float(rate), camera, people, (found_by, used))
    write(result, paths, look=RenderSettings(layout="3d-only"), watch=watch)
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
    found = ensure(detector, cache_dir=cache, offline=offline)
    return Models(
        looking(YoloPoseDetector(found, device=chosen, cache_dir=cache), quality),
        load_lifter(
            lifter or default_lifter(quality),
            device=chosen,
            flip=flip,
            cache_dir=cache,
            offline=offline,
        ),
    )


def load_lifter(
    name: str | None = None,
    *,
    device: str = "auto",
    flip: bool = True,
    cache_dir: Path | None = None,
    offline: bool = False,
) -> Lifter:
    """Return a lifter alone; the arguments are those of ``load_models``.

    Raises:
        WeightsError: it is unknown, cannot be fetched, or is of another kind.
        DeviceError: the device is not there.
        UsageError: nobody knows the kind of lifter, or the device's name.
    """

    def fetched(file: str) -> Path:
        return ensure(file, cache_dir=cache_dir or default_cache_dir(), offline=offline)

    name = name or default_lifter("normal")
    return open_named(name, fetched=fetched, device=choose_device(device), flip=flip)
