"""Write results to files; the suffix says which kind."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pose3d_cli.errors import UsageError
from pose3d_cli.export.angles_csv import write_angles_csv
from pose3d_cli.export.angles_plot import write_angles_plots
from pose3d_cli.export.blender import BY_BLENDER, ON_PATH, write_with_blender
from pose3d_cli.export.bvh import USUAL, write_people_bvh
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.export.c3d import write_people_c3d
from pose3d_cli.export.csv_file import write_csv
from pose3d_cli.export.glb import write_glb
from pose3d_cli.export.html_page import write_html
from pose3d_cli.export.json_file import write_json
from pose3d_cli.export.npz import write_npz
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.trc import write_people_trc
from pose3d_cli.sequences import Result

Writer = Callable[[Path, Result], tuple[Path, ...]]
"""Writes a result and returns the files that it became."""


def _write_one_json(path: Path, result: Result) -> tuple[Path, ...]:
    write_json(path, result)
    return (path,)


FORMATS: Mapping[str, Writer] = {
    ".angles.csv": write_angles_csv,
    ".angles.png": write_angles_plots,
    ".bvh": write_people_bvh,
    ".c3d": write_people_c3d,
    ".csv": write_csv,
    ".glb": write_glb,
    ".html": write_html,
    ".json": _write_one_json,
    ".json.gz": _write_one_json,
    ".npz": write_npz,
    ".trc": write_people_trc,
}
"""By suffix; one that ends in another stands before it."""
ONE_FILE_A_PERSON = (".angles.png", ".bvh", ".c3d", ".trc", *BY_BLENDER)


def writer_for(path: Path, *, bvh: BvhStyle = USUAL, blender: Path = ON_PATH) -> Writer:
    """Return what writes files that are called like ``path``.

    Args:
        path: Chooses the format by its suffix.
        bvh: What the user has chosen, should it be a BVH or be made from one.
        blender: The program, should one be needed.

    Raises:
        UsageError: the suffix is none that is known.
    """
    if path.name.lower().endswith(".bvh"):
        return partial(write_people_bvh, style=bvh)
    if path.name.lower().endswith(BY_BLENDER):
        return partial(write_with_blender, style=bvh, blender=blender)
    for suffix, writer in FORMATS.items():
        if path.name.lower().endswith(suffix):
            return writer
    raise UsageError(
        f"{path}: the format '{path.suffix}' is unknown",
        hint=f"Choose from {', '.join((*FORMATS, *BY_BLENDER))}; `pose3d render` draws videos and stills.",
    )


def files_written(path: Path, *, people: int) -> tuple[Path, ...]:
    """Return what a result of so many people becomes if it is written to ``path``."""
    for suffix in ONE_FILE_A_PERSON:
        if path.name.lower().endswith(suffix):
            return one_path_a_person(path, people, suffix=suffix)
    return (path,)
