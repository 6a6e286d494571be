"""A training run, declared: TOML in, frozen values out, unknown keys refused."""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.lift.config import WINDOW_FRAMES, SasMambaConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of steps with windows of one length."""

    frames: int
    clips: int
    """Windows in a step."""
    steps: int

    def __post_init__(self) -> None:
        if not 1 <= self.frames <= WINDOW_FRAMES:
            raise ValueError(f"expected phases of 1 to {WINDOW_FRAMES} frames, got {self.frames}")
        if min(self.clips, self.steps) < 1:
            raise ValueError(f"a phase needs clips and steps, got {self.clips} and {self.steps}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Everything that decides what comes out, except the data's own content."""

    width: int
    depth: int
    in_channels: int = 3
    drop_path: float = 0.0
    shards: tuple[str, ...]
    """Training shards, relative to the data folder."""
    validation_shards: tuple[str, ...]
    mix: dict[str, float]
    """How often each source is drawn; sources that are not named are left out."""
    phases: tuple[Phase, ...]
    learning_rate: float
    warmup_steps: int
    decay_steps: int
    """Steps at the end over which the rate falls to 0, as a straight line."""
    weight_decay: float = 0.01
    scale_weight: float = 0.5
    velocity_weight: float = 10.0
    clip_norm: float = 1.0
    ema_decay: float = 0.998
    seed: int = 0
    licence: str
    """What the weights may be used for; it follows from the data."""

    def __post_init__(self) -> None:
        if not self.phases:
            raise ValueError("expected at least one of [[phases]]")

    @property
    def steps(self) -> int:
        """All steps of all phases."""
        return sum(phase.steps for phase in self.phases)

    @property
    def network(self) -> SasMambaConfig:
        """The network that is trained."""
        return SasMambaConfig(
            width=self.width,
            depth=self.depth,
            in_channels=self.in_channels,
            drop_path=self.drop_path,
        )

    def phase_at(self, step: int) -> Phase:
        """Return the phase that a step belongs to."""
        for phase in self.phases:
            if step < phase.steps:
                return phase
            step -= phase.steps
        return self.phases[-1]

    def rate_at(self, step: int) -> float:
        """Learning rate: linear warm-up, constant, linear decay (Hägele et al. 2024)."""
        rise = min(1.0, (step + 1) / max(self.warmup_steps, 1))
        fall = min(1.0, (self.steps - step) / max(self.decay_steps, 1))
        return self.learning_rate * rise * fall


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file.

    Raises:
        InputError: no such file, or not TOML.
        UsageError: a key is unknown or missing, or a value makes no sense.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot read the configuration {path}: {error}") from error
    try:
        values["phases"] = tuple(Phase(**phase) for phase in values.get("phases", ()))
        return TrainingConfig(**{key: _frozen(value) for key, value in values.items()})
    except (TypeError, ValueError) as error:
        known = ", ".join(field.name for field in dataclasses.fields(TrainingConfig))
        raise UsageError(f"{path}: {error}", hint=f"Known keys: {known}") from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
