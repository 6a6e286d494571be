"""What a body and its steps say about the way up: slopes of the floor in the camera's axes.

The floor rises by ``slopes[0]`` for every metre to the camera's right and by ``slopes[1]`` for every
metre ahead of it. A cue is a quadratic: how sure it is (information) and of what (pull).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import label

from pose3d_cli.geometry.rotations import unit
from pose3d_cli.motion.contacts import ANKLES
from pose3d_cli.motion.placed import Placed
from pose3d_cli.skeleton import H36M17

LEAN_DEG = np.array([4.0, 7.0])
"""How far somebody's mean lean is off upright, sideways and ahead: standard deviations."""
BENT = 1.5
"""How much worse that gets for who hardly ever stands."""
STRETCHED = 0.85
"""Share of its full length between ankles and neck at which a body stands, or lies."""
MOST_LEAN_DEG = 40.0
"""Beyond it a stretched body lies."""
LEAST_FRAMES = 5
ODD_LEAN = 0.15
"""A frame that leans this much otherwise than most counts half."""
STEP_M = 0.06
"""How much too high or low a foot comes out that stands on the floor."""
STEP_S, MOST_STEPS = 0.3, 1.5
"""A foot that stands for this long is one step, and never counts as more than so many."""

THORAX, HIP, KNEE = (H36M17.index(name) for name in ("thorax", "left_hip", "left_knee"))
SPINE = H36M17.index("spine")


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """One more thing that is known about two slopes."""

    information: Float[np.ndarray, "2 2"]
    pull: Float[np.ndarray, "2"]

    def __add__(self, other: "Cue") -> "Cue":
        return Cue(self.information + other.information, self.pull + other.pull)

    @property
    def slopes(self) -> Float[np.ndarray, "2"]:
        """The most likely ones."""
        return np.linalg.solve(self.information, self.pull)

    @classmethod
    def of(cls, slopes: Float[np.ndarray, "2"], *, sd_deg: Float[np.ndarray, "2"]) -> "Cue":
        """Return the belief that the slopes are these, give or take."""
        information = np.tan(np.radians(sd_deg)) ** -2.0
        return cls(np.diag(information), information * slopes)

    @classmethod
    def nothing(cls) -> "Cue":
        """Return what says nothing."""
        return cls(np.zeros((2, 2)), np.zeros(2))


def leaning(body_m: Float[np.ndarray, "f 17 3"]) -> Float[np.ndarray, "f 3"]:
    """Return the direction from between the ankles to the neck."""
    return unit(body_m[:, THORAX] - body_m[:, ANKLES].mean(1))


def body_cue(body_m: Float[np.ndarray, "f 17 3"]) -> Cue:
    """Return what somebody says about the way up who stands at least now and then."""
    length = np.linalg.norm(body_m[:, THORAX] - body_m[:, ANKLES].mean(1), axis=-1)
    lean = leaning(body_m)
    stands = (length > STRETCHED * _full_length_m(body_m)) & (
        -lean[:, 1] > np.cos(np.radians(MOST_LEAN_DEG))
    )
    if stands.sum() < LEAST_FRAMES:
        return Cue.nothing()
    usual = _usual(lean[stands])
    bent = 1 + BENT * (1 - stands.mean()) ** 2
    return Cue.of(usual[[0, 2]] / -usual[1], sd_deg=LEAN_DEG * bent)


def steps_m(person: Placed, up: Float[np.ndarray, "3"]) -> Float[np.ndarray, "s 4"]:
    """Return where feet stood (camera axes), and for how many steps' time."""
    rows = []
    stands = person.contacts(up)
    for foot, ankle in enumerate(ANKLES):
        runs, count = label(stands[:, foot])
        for run in range(1, count + 1):
            frames = runs == run
            lasted = float(frames.sum() / person.seen.fps) / STEP_S
            rows.append([*person.positions_m[frames, ankle].mean(0), min(lasted, MOST_STEPS)])
    return np.array(rows).reshape(-1, 4)


def floor_cue(people: Sequence[Float[np.ndarray, "s 4"]], *, so_far: Cue) -> Cue:
    """Return what steps say that stand on one plane, the odd one excepted."""
    together = Cue.nothing()
    slopes = so_far.slopes
    odd = [np.ones(len(steps)) for steps in people]
    for _ in range(5):
        together = Cue.nothing()
        for number, steps in enumerate(people):
            if len(steps) < 2:
                continue
            weight = steps[:, 3] * odd[number]
            off = steps[:, :3] - weight @ steps[:, :3] / weight.sum()
            across, rise = off[:, [0, 2]], off[:, 1]
            weighted = across.T * weight / STEP_M**2
            together = together + Cue(weighted @ across, weighted @ rise)
            odd[number] = 1 / (1 + np.square((rise - across @ slopes) / (2 * STEP_M)))
        slopes = (so_far + together).slopes
    return together


def _full_length_m(body_m: Float[np.ndarray, "f 17 3"]) -> float:
    chain = (0, SPINE), (SPINE, THORAX), (HIP, KNEE), (KNEE, ANKLES[0])
    return float(
        sum(np.median(np.linalg.norm(body_m[:, b] - body_m[:, a], axis=-1)) for a, b in chain)
    )


def _usual(directions: Float[np.ndarray, "f 3"]) -> Float[np.ndarray, "3"]:
    """Return the mean direction; what is far from it counts little."""
    weight = np.ones(len(directions))
    for _ in range(20):
        mean = unit(weight @ directions)
        weight = 1 / (1 + np.square(np.linalg.norm(directions - mean, axis=-1) / ODD_LEAN))
    return mean
