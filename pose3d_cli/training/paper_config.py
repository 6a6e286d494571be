"""The papers' training recipe, declared: TOML in, frozen values out, unknown keys refused."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pose3d_cli.errors import UsageError
from pose3d_cli.lifting.config import WINDOW_FRAMES, SasMambaConfig
from pose3d_cli.training.config import read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the reference code does otherwise than one should; all off unless asked for."""

    select_on_test: bool = False
    """Keep the epoch that is best on the test subjects, and stop by them."""
    decay_everything: bool = False
    """Weight decay on norms, biases, embeddings, decay rates and direct paths too."""
    constant_anchors: bool = False
    """No gradient through the joints that the stride mixing adds."""
    replace_xy: bool = False
    """With true 2D joints, put their x and y in place of the lifter's before measuring."""
    drop_tail: bool = False
    """Leave the end of a recording out that fills no clip, in training and evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperConfig:
    """Everything that decides what comes out, except the data."""

    width: int
    depth: int
    in_channels: int = 2
    drop_path: float = 0.2
    frames: int = WINDOW_FRAMES
    stride: int = 81
    """Frames from one training clip's start to the next one's."""
    two_d: Literal["detected", "truth"] = "detected"
    centre_frame: bool = False
    """Evaluate a clip about every frame, as on MPI-INF-3DHP."""
    validation_subjects: tuple[str, ...] = ("S8",)
    """Training subjects that choose the epoch instead; none are held out where the test chooses."""
    optimizer: Literal["adamw", "amsgrad"] = "adamw"
    learning_rate: float = 5e-4
    rate_decay: float = 0.99
    """Factor of the learning rate after every epoch."""
    weight_decay: float = 0.01
    batch: int = 16
    epochs: int = 300
    patience: int = 41
    """Epochs without a better one after which the run is over."""
    scale_weight: float = 0.5
    velocity_weight: float = 20.0
    seed: int = 0
    licence: str
    """What the weights may be used for; it follows from the data."""
    reference: Reference = field(default_factory=Reference)

    def __post_init__(self) -> None:
        if self.two_d not in ("detected", "truth"):
            raise ValueError(f"two_d must be 'detected' or 'truth', got '{self.two_d}'")
        if self.optimizer not in ("adamw", "amsgrad"):
            raise ValueError(f"optimizer must be 'adamw' or 'amsgrad', got '{self.optimizer}'")
        if min(self.stride, self.batch, self.epochs, self.patience) < 1:
            raise ValueError("stride, batch, epochs and patience must be at least 1")

    @property
    def network(self) -> SasMambaConfig:
        """The network that is trained."""
        return SasMambaConfig(
            width=self.width,
            depth=self.depth,
            in_channels=self.in_channels,
            max_frames=self.frames,
            drop_path=self.drop_path,
        )


def read_paper_config(path: Path) -> PaperConfig:
    """Read a TOML file.

    Raises:
        InputError: no such file, or not TOML.
        UsageError: a key is unknown or missing, or a value makes no sense.
    """
    values = read_toml(path)
    try:
        values["reference"] = Reference(**values.get("reference", {}))
        values["validation_subjects"] = tuple(values.get("validation_subjects", ("S8",)))
        config = PaperConfig(**values)
        _ = config.network
    except (TypeError, ValueError) as error:
        known = ", ".join(
            f.name for kind in (PaperConfig, Reference) for f in dataclasses.fields(kind)
        )
        raise UsageError(f"{path}: {error}", hint=f"Known keys: {known}") from error
    return config
