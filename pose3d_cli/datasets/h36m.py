"""What all preparations of Human3.6M share; nothing of the data set itself is in pose3d.

Ionescu et al. 2014. Training: subjects 1, 5, 6, 7, 8; test: 9 and 11.
"""

from pose3d_cli.datasets.labelled import LabelledSet, Recording
from pose3d_cli.skeleton import H36M17

SIZES_PX = {
    "54138969": (1000, 1002),
    "55011271": (1000, 1000),
    "58860488": (1000, 1000),
    "60457274": (1000, 1002),
}
"""Width and height of each camera's picture, in the order in which VideoPose3D lists the cameras."""

WITHOUT_TRUTH = ("s_09_act_05_subact_02", "s_09_act_10_subact_02", "s_09_act_13_subact_01")
"""Recordings whose motion capture is broken: no published evaluation counts them."""

TRAIN, TEST = ("S1", "S5", "S6", "S7", "S8"), ("S9", "S11")


def h36m_set(
    train: tuple[Recording, ...], test: tuple[Recording, ...], *, picture_units: bool
) -> LabelledSet:
    """Return Human3.6M as one value."""
    return LabelledSet(
        name="Human3.6M",
        root=0,
        mirror=H36M17.mirror,
        picture_units=picture_units,
        train=train,
        test=test,
    )
