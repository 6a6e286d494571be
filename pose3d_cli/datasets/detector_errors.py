"""How far off a detector is, how often, and how sure of it: one value for each keypoint of COCO."""

from dataclasses import dataclass

from pose3d_cli.datasets.draws import Ranges

SPREAD = (*[0.45] * 5, 0.8, 0.8, 1.1, 1.1, 1.6, 1.6, 0.9, 0.9, 1.0, 1.0, 1.3, 1.3)
"""How far off each keypoint of COCO is, against the others."""
SURENESS = (*[4.0] * 5, 5.5, 5.5, 5.0, 5.0, 4.5, 4.5, 5.5, 5.5, 5.2, 5.2, 4.8, 4.8)
"""Logit of the confidence in what is plainly to be seen."""
DOUBTFUL = (*[7.0] * 5, *[4.5] * 12)
"""By how much that falls if they are hidden, or look away."""
NEXT_UP = (0, 0, 0, 1, 2, 5, 6, 5, 6, 7, 8, 11, 12, 11, 12, 13, 14)
"""The keypoint whose errors each one shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorErrors:
    """How a detector errs. Lengths are shares of the person's size in the picture."""

    level: Ranges = ((0.75, 0.006, 0.018), (0.25, 0.018, 0.032))
    """Standard deviation along x and y of all that is always there, for a joint of spread 1."""
    wander_s: Ranges = ((1.0, 0.12, 0.6),)
    """How long errors take to change."""
    input_px: float = 640.0
    """Longer side of the picture that the network sees; it is never surer than a pixel or so."""
    leg_swaps_hz: float = 0.06
    """How often knees and ankles, or whole legs, are exchanged, if the person is upright."""
    leg_snaps_hz: float = 0.05
    """How often one leg is laid onto the other."""
    side_swaps_hz: float = 0.01
    """How often a front is taken for a back."""
    misses_hz: float = 0.05
    """How often the person is not found at all."""
    jumps_hz: float = 0.05
    """How often a keypoint of spread 1 is somewhere else."""
    jump: float = 0.12
    """How far from its place it is then."""
    dropouts_hz: float = 0.05
    """How often a keypoint is lost for no reason."""
    burst_s: float = 0.25
    """How long swaps, snaps, misses and dropouts last on average; jumps, a third of it."""
    things: float = 0.2
    """Share of clips with something in front of the person."""
