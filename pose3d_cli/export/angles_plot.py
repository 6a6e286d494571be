"""PNG of joint angles over time: left blue, right orange, one picture a person.

What cannot be believed (``angle_trust.py``) is faint, as in every other picture.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64

from pose3d_cli.export.angle_trust import DOUBTFUL, angle_confidence
from pose3d_cli.export.joint_angles import SIDES, Angles, joint_angles_deg
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.precision import rounded
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Person, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIX = ".angles.png"
PAIRS = (
    "knee_flexion",
    "hip_flexion",
    "hip_abduction",
    "elbow_flexion",
    "shoulder_elevation",
)
"""One panel each, both sides in it."""
TRUNK: Mapping[str, str] = {
    "trunk_flexion": "#4f5b6b",
    "trunk_bend": "#9a6fb0",
    "trunk_rotation": "#5a9e7c",
}
"""The last panel's lines."""
COLOURS: Mapping[str, str] = {"left": "#1f7fd0", "right": "#e0701c"}
FAINT = 0.25
"""Opacity of what cannot be believed."""
SIZE_IN = (10.0, 7.5)
DPI = 120
MARGINS = {"left": 0.05, "right": 0.98, "bottom": 0.07, "top": 0.9, "hspace": 0.28, "wspace": 0.1}
"""Shares of the picture, told because finding them out takes as long as all the drawing."""


def write_angles_plots(path: Path, result: Result) -> tuple[Path, ...]:
    """Draw everybody's angles, one file a person; return where.

    Raises:
        OutputError: a file cannot be written.
        ValueError: a motion holds NaN, or is not one of ``RIG``.
    """
    paths = one_path_a_person(path, len(result.people), suffix=SUFFIX)
    for person_path, person in zip(paths, rounded(result).people, strict=True):
        figure = _figure(person, clip=result.clip.path.name)
        with written_whole(person_path) as part:
            figure.savefig(part, format="png", dpi=DPI, metadata={"Software": "pose3d"})
    return paths


def believed(
    angle_deg: Float64[np.ndarray, " f"], person: Person, name: str
) -> Float64[np.ndarray, " f"]:
    """Return an angle with NaN where it is likelier wrong than right."""
    if person.trust is None:
        return angle_deg
    return np.where(angle_confidence(person.trust, [name])[name] < DOUBTFUL, np.nan, angle_deg)


def _figure(person: Person, *, clip: str) -> "Figure":
    from matplotlib.figure import Figure

    angles = joint_angles_deg(person.motion)
    if not np.all(np.isfinite(list(angles.values()))):
        raise ValueError(f"the motion of person {person.id} holds NaN")
    figure = Figure(figsize=SIZE_IN)
    figure.subplots_adjust(**MARGINS)
    title = f"{clip}, person {person.id}: joint angles in degrees (faint: not to be relied on)"
    figure.suptitle(title, parse_math=False)
    panels = figure.subplots(3, 2, sharex=True).flat
    for panel, name in zip(panels, PAIRS, strict=False):
        sides = {side: (f"{side}_{name}", COLOURS[side]) for side in SIDES}
        _draw(panel, person, angles, sides, title=name)
    trunk = {name.removeprefix("trunk_"): (name, colour) for name, colour in TRUNK.items()}
    _draw(panels[len(PAIRS)], person, angles, trunk, title="trunk")
    for panel in panels[-2:]:
        panel.set_xlabel("time in s")
    return figure


def _draw(
    panel: "Axes",
    person: Person,
    angles: Angles,
    lines: Mapping[str, tuple[str, str]],
    *,
    title: str,
) -> None:
    """Draw lines, each with its label, its angle and its colour."""
    times_s = person.motion.times_s
    for label, (name, colour) in lines.items():
        panel.plot(times_s, angles[name], color=colour, linewidth=1.4, alpha=FAINT)
        shown = believed(angles[name], person, name)
        panel.plot(times_s, shown, color=colour, linewidth=1.4, label=label)
    panel.set_title(title.replace("_", " "), loc="left", fontsize=10)
    panel.grid(alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(
        frameon=False, fontsize=8, ncols=len(lines), loc="lower right", bbox_to_anchor=(1, 0.97)
    )
