"""A training run, declared: TOML in, frozen values out, unknown keys refused."""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pose3d_cli.datasets.views import Views, views_of
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.lifting.config import WINDOW_FRAMES, SasMambaConfig

OPTIMIZERS = ("muon", "adamw")
SCHEDULES = ("trapezoid", "cosine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of the run with windows of one length."""

    frames: int
    clips: int
    """Windows in a step, over all processes together."""
    steps: int = 0
    """How long it lasts, unless the run has a budget in seconds."""
    share: float = 0.0
    """How much of a budget in seconds it gets, against the other phases."""

    def __post_init__(self) -> None:
        if not 1 <= self.frames <= WINDOW_FRAMES:
            raise ValueError(f"expected phases of 1 to {WINDOW_FRAMES} frames, got {self.frames}")
        if self.clips < 1 or (self.steps < 1) == (self.share <= 0):
            raise ValueError(
                "a phase needs clips and either steps or a share, "
                f"got {self.clips}, {self.steps} and {self.share}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Everything that decides what comes out, except the data's own content."""

    width: int
    depth: int
    in_channels: int = 3
    start: str | None = None
    """File of weights of this size to go on from, under other views or for longer."""
    drop_path: float = 0.0
    shards: tuple[str, ...]
    """Training shards, relative to the data folder."""
    validation_shards: tuple[str, ...]
    validation_clips: int = 48
    validation_frames: int = 81
    mix: dict[str, float]
    """How often each source is drawn; sources that are not named are left out."""
    straight_knees: bool = False
    """Unbend legs that a recording's skeleton bends; see ``datasets/knees.py``."""
    standing: float = 0.0
    """By how much frames in which both legs are straight count for more than others, within a source."""
    views: Views = field(default_factory=Views)
    """How cameras and detectors vary."""
    phases: tuple[Phase, ...]
    mixed: bool = False
    """Phases take turns all along, in proportion to their sizes, instead of following each other."""
    budget_s: float | None = None
    """Wall time to train for, pauses left out; the phases then have shares instead of steps."""
    optimizer: str = "muon"
    """``muon`` for the matrices between hidden layers, or ``adamw`` for all."""
    schedule: str = "trapezoid"
    """``trapezoid`` or ``cosine``; see ``schedule.py``."""
    learning_rate: float
    warmup_steps: int
    decay_share: float = 0.2
    """Of the trapezoid: the last part of the run, over which the rate falls to 0."""
    weight_decay: float = 0.01
    scale_weight: float = 0.5
    velocity_weight: float = 10.0
    bone_direction_weight: float = 0.0
    """In metres: what a bone that points anywhere else costs."""
    clip_norm: float = 1.0
    ema_decay: float = 0.998
    bf16: bool = False
    """Linear layers in bfloat16; on CUDA only."""
    compile: bool = False
    """Compile the network with ``torch.compile``; on CUDA only."""
    seed: int = 0
    licence: str
    """What the weights may be used for; it follows from the data."""

    def __post_init__(self) -> None:
        if not self.phases:
            raise ValueError("expected at least one of [[phases]]")
        if any((phase.share > 0) != (self.budget_s is not None) for phase in self.phases):
            raise ValueError("phases have shares with budget_s, and steps without")
        if self.budget_s is not None and not self.budget_s > 0:
            raise ValueError(f"expected a budget_s above 0, got {self.budget_s}")
        if not 0 <= self.decay_share <= 1:
            raise ValueError(f"expected a decay_share from 0 to 1, got {self.decay_share}")
        for name, value, known in (
            ("optimizer", self.optimizer, OPTIMIZERS),
            ("schedule", self.schedule, SCHEDULES),
        ):
            if value not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")

    @property
    def steps(self) -> int | None:
        """All steps of all phases; None if a budget in seconds decides."""
        return sum(phase.steps for phase in self.phases) if self.budget_s is None else None

    @property
    def network(self) -> SasMambaConfig:
        """The network that is trained."""
        return SasMambaConfig(
            width=self.width,
            depth=self.depth,
            in_channels=self.in_channels,
            drop_path=self.drop_path,
        )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        InputError: no such file, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot read the configuration {path}: {error}") from error


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file.

    Raises:
        InputError: no such file, or not TOML.
        UsageError: a key is unknown or missing, or a value makes no sense.
    """
    values = read_toml(path)
    try:
        values["phases"] = tuple(Phase(**phase) for phase in values.get("phases", ()))
        values["views"] = views_of(values.get("views", {}))
        return TrainingConfig(**{key: _frozen(value) for key, value in values.items()})
    except (TypeError, ValueError) as error:
        known = ", ".join(field.name for field in dataclasses.fields(TrainingConfig))
        raise UsageError(f"{path}: {error}", hint=f"Known keys: {known}") from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
