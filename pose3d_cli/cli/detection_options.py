"""Options of how people are found: which network, where it runs, what is kept."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.option_groups import OptionGroup
from pose3d_cli.cli.options import DETECTOR, CacheDir, Device, Offline

if TYPE_CHECKING:
    from pose3d_cli.detect import PoseDetector
    from pose3d_cli.detect.networks import Backend
    from pose3d_cli.detect.quality import Quality
    from pose3d_cli.detect.store import DetectionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionOptions(OptionGroup):
    """What every command takes that looks for people."""

    cache_dir: CacheDir
    detector: Annotated[
        str, typer.Option(help="YOLO-pose weights: a name or a file.", rich_help_panel="Weights")
    ] = DETECTOR
    offline: Offline = False
    device: Device = "auto"
    detector_backend: Annotated[
        str,
        typer.Option(
            help="auto, onnxruntime, openvino or torch. auto takes the fastest that is installed.",
            rich_help_panel="Speed",
        ),
    ] = "auto"
    cache: Annotated[
        bool,
        typer.Option(
            help="Keep what was detected, and go on from it after a stop or with other options.",
            rich_help_panel="Speed",
        ),
    ] = True

    def load(self, *, quality: "Quality" = "normal") -> "PoseDetector":
        """Return the network, to look so thoroughly.

        Raises:
            WeightsError: it is unknown, cannot be fetched, or is another kind of file.
            UsageError: there is no such device or back end.
            DeviceError: the device is not there, or the back end is not installed.
        """
        from pose3d_cli.cli.networks import load_detector

        device, backend = self.chosen()
        return load_detector(
            self.detector,
            device=device,
            backend=backend,
            quality=quality,
            cache_dir=self.cache_dir,
            offline=self.offline,
        )

    def chosen(self) -> "tuple[str, Backend]":
        """Return the device and the back end, by name.

        Raises:
            UsageError: there are none of that name.
            DeviceError: they are not there.
        """
        from pose3d_cli.detect.networks import choose_backend
        from pose3d_cli.device import choose_device

        device = choose_device(self.device)
        return device, choose_backend(self.detector_backend, device=device)

    def store(self) -> "DetectionStore | None":
        """Return where detections are kept, if they are."""
        from pose3d_cli.detect.store import DetectionStore

        return DetectionStore(self.cache_dir / "detections") if self.cache else None
