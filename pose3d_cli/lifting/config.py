"""The sizes of the network."""

import operator
from dataclasses import dataclass

WINDOW_FRAMES = 243
"""Length of the frame embedding, and so the longest clip that one forward pass can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SasMambaConfig:
    """Sizes of a SasMamba; ``SMALL`` and ``LARGE`` are the published ones."""

    width: int
    """C: features per joint and frame between blocks."""
    depth: int
    """Pairs of blocks."""
    in_channels: int = 2
    """2: x, y as published; 3: x, y, confidence of the detector."""
    max_frames: int = WINDOW_FRAMES
    joints: int = 17
    states: int = 16
    """N: states per channel of the selective scan."""
    drop_path: float = 0.2
    """Chance of skipping the last block in training; rises linearly from 0 at the first."""

    def __post_init__(self) -> None:
        if self.joints != 17:
            raise ValueError(f"stride mixing is defined for 17 joints, got {self.joints}")
        # Configurations come from files, where a size may be anything that JSON can say.
        sizes = (self.width, self.depth, self.max_frames, self.states)
        if min(map(operator.index, sizes)) < 1:
            raise ValueError(f"width, depth, frames and states must be at least 1, got {sizes}")
        if not 0 <= self.drop_path < 1:
            raise ValueError(f"drop_path must be at least 0 and below 1, got {self.drop_path}")
        if self.in_channels not in (2, 3):
            raise ValueError(f"in_channels must be 2 or 3, got {self.in_channels}")

    @property
    def inner(self) -> int:
        """E: channels inside the state space model."""
        return 2 * self.width

    @property
    def rank(self) -> int:
        """R: rank of the projection that yields the time step."""
        return -(-self.width // 16)


SMALL = SasMambaConfig(width=64, depth=5)
"""0.95 M parameters."""
LARGE = SasMambaConfig(width=128, depth=10)
"""5.57 M parameters."""
