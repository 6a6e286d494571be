"""Fetch the networks that a command names, and load them."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pose3d_cli.detect import PoseDetector
    from pose3d_cli.detect.quality import Quality
    from pose3d_cli.lifting import Lifter


def load_detector(
    name: str,
    *,
    device: str,
    backend: str = "auto",
    quality: "Quality" = "normal",
    cache_dir: Path,
    offline: bool,
) -> "PoseDetector":
    """Return a YOLO-pose network, by name or file, that looks so thoroughly.

    Raises:
        WeightsError: it is unknown, cannot be fetched, or is another kind of file.
        UsageError: there is no such back end.
        DeviceError: the back end is not installed, or cannot use the device.
    """
    from pose3d_cli.detect.quality import looking
    from pose3d_cli.detect.yolo import YoloPoseDetector

    path = fetch(name, cache_dir=cache_dir, offline=offline)
    detector = YoloPoseDetector(path, device=device, backend=backend, cache_dir=cache_dir)
    return looking(detector, quality)


def load_lifter(name: str, *, device: str, flip: bool, cache_dir: Path, offline: bool) -> "Lifter":
    """Return a SasMamba, by name or file, or another lifter as ``KIND:FILE``.

    Raises:
        WeightsError: it is unknown, cannot be fetched, or is another kind of file.
        UsageError: there is no such kind of lifter.
    """
    from pose3d_cli.lifting.plugins import open_named

    def fetched(wanted: str) -> Path:
        return fetch(wanted, cache_dir=cache_dir, offline=offline)

    return open_named(name, fetched=fetched, device=device, flip=flip)


def fetch(name: str, *, cache_dir: Path, offline: bool) -> Path:
    """Return the verified file of a name, downloaded if need be; a file stands for itself.

    Raises:
        WeightsError: it is unknown, or cannot be fetched.
    """
    from pose3d_cli.cli.weights import download_bar
    from pose3d_cli.weights import ensure

    with download_bar(name) as on_progress:
        return ensure(name, cache_dir=cache_dir, offline=offline, on_progress=on_progress)
