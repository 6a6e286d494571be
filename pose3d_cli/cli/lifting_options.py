"""Everything that decides what becomes of a clip: what ``lift`` and ``batch`` both take."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pose3d_cli.cli.bvh_options import BvhOptions
from pose3d_cli.cli.detection_options import DetectionOptions
from pose3d_cli.cli.filming_options import FilmingOptions
from pose3d_cli.cli.look_options import LookOptions
from pose3d_cli.cli.motion_options import MotionOptions
from pose3d_cli.cli.option_groups import OptionGroup
from pose3d_cli.cli.part_options import PartOptions
from pose3d_cli.errors import UsageError, WeightsError

if TYPE_CHECKING:
    from pose3d_cli.detect.quality import Quality
    from pose3d_cli.detect.store import DetectionStore
    from pose3d_cli.export.bvh_style import BvhStyle
    from pose3d_cli.pipeline import Models, Settings
    from pose3d_cli.render import Encoding, RenderSettings

OF_NO_ACCOUNT = ("cache_dir", "offline", "cache", "detector")
"""Options of detection that say where things are; the detector's hash counts, not its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingOptions(OptionGroup):
    """Plain values, so that workers anywhere can be told."""

    person: Annotated[
        str,
        typer.Option(
            metavar="WHO",
            help="largest, longest, most-moving, all, a number as in `pose3d people`, or "
            "at=0:03@640,360 for who is there then.",
            rich_help_panel="Person",
        ),
    ] = "largest"
    motion: MotionOptions
    part: PartOptions
    film: FilmingOptions
    look: LookOptions
    bvh: BvhOptions
    detection: DetectionOptions
    quality: Annotated[
        Literal["fast", "normal", "best"],
        typer.Option(
            help="fast looks closely around the largest person and at the rest once a second: over "
            "twice as fast, a little less accurate. best looks twice more at each of up to four "
            "people, closely and in a mirror: three to five times slower, more accurate.",
            rich_help_panel="Speed",
        ),
    ] = "normal"
    fast: Annotated[
        bool, typer.Option("--fast", help="Short for --quality fast.", rich_help_panel="Speed")
    ] = False
    lifter: Annotated[
        str | None,
        typer.Option(
            help="SasMamba weights, a name or a file; or another lifter as KIND:FILE. "
            "Default: sasmamba-small, with --quality best sasmamba-large.",
            rich_help_panel="Weights",
        ),
    ] = None
    flip: Annotated[
        bool,
        typer.Option(
            help="Lift the mirrored clip too, and average: slower, a little more accurate.",
            rich_help_panel="Motion",
        ),
    ] = True

    def check(self) -> None:
        """Refuse what makes no sense, before anything heavy is loaded.

        Raises:
            UsageError: nobody is called so, two options contradict each other, or nothing would be
                left of a clip.
        """
        from pose3d_cli.detect.choosing import parse

        parse(self.person)
        self.part.stretch()
        self.film.filming()
        self.motion.settings()
        if self.fast and self.quality == "best":
            raise UsageError(
                "--fast and --quality best contradict each other",
                hint="Leave one of the two out.",
            )
        if self.thoroughly == "fast" and self.person != "largest":
            raise UsageError(
                f"--fast finds the largest person only, not --person {self.person}",
                hint="Leave one of the two out.",
            )

    @property
    def thoroughly(self) -> "Quality":
        """How people are looked at, whichever option said so."""
        return "fast" if self.fast else self.quality

    def settings(self) -> "Settings":
        """Return how clips are lifted."""
        from pose3d_cli.pipeline import Settings

        return Settings(
            focal_px=self.motion.focal,
            motion=self.motion.settings(),
            stretch=self.part.stretch(),
            filming=self.film.filming(),
            person=self.person,
        )

    def render_settings(self) -> "RenderSettings":
        """Return how results are drawn; who is in a hurry gets larger files."""
        encoding: Encoding = "quick" if self.thoroughly == "fast" else "small"
        return replace(self.look.settings(), encoding=encoding)

    def bvh_style(self) -> "BvhStyle":
        """Return how BVHs are written."""
        return self.bvh.style()

    def load(self, *, keypoints: Path | None = None) -> "Models":
        """Load the networks, fetched if need be; with a file of keypoints, no detector.

        Raises:
            WeightsError: weights are unknown, cannot be fetched, or of another kind.
            DeviceError: the device or the back end is not there.
            UsageError: there is no such device, back end or kind of lifter.
            InputError: the file has no keypoints.
        """
        from pose3d_cli.cli.networks import load_lifter
        from pose3d_cli.detect.keypoint_files import read_keypoints
        from pose3d_cli.pipeline import Models
        from pose3d_cli.weights import default_lifter

        where = self.detection
        device, _ = where.chosen()
        return Models(
            read_keypoints(keypoints) if keypoints else where.load(quality=self.thoroughly),
            load_lifter(
                self.lifter or default_lifter(self.thoroughly),
                device=device,
                flip=self.flip,
                cache_dir=where.cache_dir,
                offline=where.offline,
            ),
        )

    def store(self) -> "DetectionStore | None":
        """Return where detections are kept, if they are."""
        return self.detection.store()

    def fetched(self) -> "tuple[LiftingOptions, tuple[str, str]]":
        """Return the same with whole paths in the place of names, and the hashes of both networks.

        Raises:
            WeightsError: weights are unknown or cannot be fetched.
        """
        from pose3d_cli.cli.networks import fetch
        from pose3d_cli.downloads import sha256_of
        from pose3d_cli.lifting.kinds import kind_and_file
        from pose3d_cli.weights import default_lifter

        where: Any = {"cache_dir": self.detection.cache_dir, "offline": self.detection.offline}
        detector = fetch(self.detection.detector, **where).resolve()
        kind, name = kind_and_file(self.lifter or default_lifter(self.thoroughly))
        lifter = (Path(name) if kind else fetch(name, **where)).resolve()
        if not lifter.is_file():
            raise WeightsError(f"{lifter} does not exist", hint="Give --lifter KIND:FILE.")
        there = replace(
            self,
            lifter=f"{kind}:{lifter}" if kind else str(lifter),
            detection=replace(
                self.detection,
                detector=str(detector),
                cache_dir=self.detection.cache_dir.resolve(),
            ),
        )
        return there, (sha256_of(detector), f"{kind}:{sha256_of(lifter)}")

    def identity(self) -> dict[str, Any]:
        """Return all that outputs depend on but for the weights' content."""
        values = asdict(self)
        values["quality"] = self.thoroughly
        del values["lifter"], values["fast"]
        for name in OF_NO_ACCOUNT:
            del values["detection"][name]
        return values
