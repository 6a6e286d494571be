"""A page about one person: sentences, and where and when to believe what."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from pose3d_cli.files import written_whole
from pose3d_cli.report.findings import Finding, findings, score, trust_of
from pose3d_cli.sequences import Person, Result
from pose3d_cli.skeleton import H36M17

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN, DPI = (12.0, 7.2), 130
ROWS = (
    *("head", "thorax", "left_elbow", "left_wrist", "right_elbow", "right_wrist", "spine"),
    *("left_knee", "left_ankle", "right_knee", "right_ankle"),
)
"""Joints that have a line of their own, from top to toe."""
INK, FAINT, WORRY, FINE = "#1d2733", "#8a94a3", "#c2491d", "#2f7d5b"
LEFT, RIGHT = "#1f7fd0", "#e0701c"
COLUMNS = 74
"""Letters in a line of the sentences."""


def write_page(path: Path, result: Result, person: Person) -> None:
    """Draw the page as a PNG.

    Raises:
        OutputError: the file cannot be written.
        InputError: the result does not tell how far it can be believed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, facecolor="white")
    grid = figure.add_gridspec(
        3, 2, height_ratios=(2.3, 4.0, 1.1), width_ratios=(1.55, 1.0),
        left=0.09, right=0.97, bottom=0.075, top=0.86, hspace=0.34, wspace=0.22,
    )  # fmt: skip
    _title(figure, result, person)
    _sentences(figure.add_subplot(grid[0, :]), findings(result, person))
    _strip(figure.add_subplot(grid[1, 0]), person)
    _contacts(figure.add_subplot(grid[2, 0]), person)
    _path(figure.add_subplot(grid[1:, 1]), person)
    with written_whole(path) as part:
        figure.savefig(part, format="png", dpi=DPI, metadata={"Software": "pose3d"})


def _title(figure: "Figure", result: Result, person: Person) -> None:
    value = score(person)
    frames, seconds = len(person.motion.times_s), float(np.ptp(person.motion.times_s))
    name = result.clip.path.name
    about = f"person {person.id} · {frames} frames, {seconds:.1f} s"
    figure.text(0.03, 0.93, name, size=20, weight="bold", color=INK)
    figure.text(0.03, 0.895, about, size=11, color=FAINT)
    colour = FINE if value >= 0.7 else WORRY
    figure.text(0.97, 0.925, f"{value:.0%}", size=26, weight="bold", color=colour, ha="right")
    meaning = "of joints are expected within 10 cm of the truth"
    figure.text(0.97, 0.895, meaning, size=10, color=FAINT, ha="right")


def _sentences(axes: "Axes", what: tuple[Finding, ...]) -> None:
    axes.axis("off")
    half = -(-len(what) // 2)
    for place, finding in enumerate(what):
        x, y = (0.0 if place < half else 0.52), 1.0 - (place % half) / max(half, 1)
        colour = WORRY if finding.worry else INK
        mark = "!" if finding.worry else "·"
        text = textwrap.fill(finding.text, COLUMNS)
        axes.text(x - 0.012, y, mark, size=10, color=colour, weight="bold", va="top", ha="right")
        axes.text(x, y, text, size=10, color=colour, va="top", linespacing=1.15)


def _strip(axes: "Axes", person: Person) -> None:
    chosen = trust_of(person).confidence[:, [H36M17.index(joint) for joint in ROWS]].T
    picture = axes.imshow(
        chosen, aspect="auto", cmap="RdYlGn", vmin=0.2, vmax=1.0, interpolation="nearest",
        extent=(*_ends(person), len(ROWS), 0),
    )  # fmt: skip
    axes.set_yticks(np.arange(len(ROWS)) + 0.5, [row.replace("_", " ") for row in ROWS], size=9)
    axes.set_title("Chance that a joint is within 10 cm", size=11, loc="left", color=INK)
    axes.tick_params(length=0, labelbottom=False)
    scale = axes.inset_axes((1.012, 0.0, 0.018, 1.0))
    axes.figure.colorbar(picture, cax=scale, ticks=[0.2, 0.4, 0.6, 0.8, 1])


def _contacts(axes: "Axes", person: Person) -> None:
    stands = trust_of(person).stands
    start, end = _ends(person)
    frame_s = (end - start) / len(stands)
    for row, colour in enumerate((LEFT, RIGHT)):
        bars = [(start + i * frame_s, frame_s) for i in np.flatnonzero(stands[:, row])]
        axes.broken_barh(bars, (row + 0.15, 0.7), color=colour, linewidth=0)
    axes.set(xlim=(start, end), ylim=(2, 0), xlabel="seconds")
    axes.set_yticks([0.5, 1.5], ["left foot", "right foot"], size=9)
    axes.set_title("Feet that stand", size=11, loc="left", color=INK)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _path(axes: "Axes", person: Person) -> None:
    """Draw the way over the floor as seen from above, the camera below the picture."""
    root: Float[np.ndarray, "f 2"] = person.world.positions_m[:, 0][:, [0, 2]]
    stands, ankles = trust_of(person).stands, ("left_ankle", "right_ankle")
    axes.plot(root[:, 0], root[:, 1], color=INK, linewidth=1.6, zorder=3)
    for foot, (joint, colour) in enumerate(zip(ankles, (LEFT, RIGHT), strict=True)):
        place = person.world.positions_m[:, H36M17.index(joint)][stands[:, foot]]
        label = f"{joint.partition('_')[0]} foot stands"
        axes.scatter(place[:, 0], place[:, 2], s=14, color=colour, alpha=0.35, lw=0, label=label)
    axes.scatter(root[0, 0], root[0, 1], s=46, color=INK, zorder=4, label="start")
    axes.set_title("The way over the floor, from above (metres)", size=11, loc="left", color=INK)
    axes.set_aspect("equal", adjustable="datalim")
    axes.invert_yaxis()
    axes.grid(color="#e5e9ef", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("to the camera's right →, towards the camera ↓", color=FAINT, size=9)
    axes.legend(frameon=False, fontsize=9, loc="best")


def _ends(person: Person) -> tuple[float, float]:
    times = person.motion.times_s
    frame_s = 1 / float(person.motion.fps)
    return float(times[0]), float(times[-1]) + frame_s
