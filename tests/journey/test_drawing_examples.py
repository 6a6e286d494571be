"""The examples that draw the pictures of the README and of the model card."""

import runpy
from pathlib import Path

import cv2
import numpy as np

from pose3d_cli.outputs import write
from pose3d_cli.sequences import Result
from pose3d_cli.watch import Unwatched

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_layout_of_one_moment_is_on_the_sheet(clip: Path, result: Result) -> None:
    folder = clip.parent / "elsewhere"
    folder.mkdir()
    source, sheet = folder / "result.json", folder / "sheet.png"
    write(result, [source], watch=Unwatched())
    example = runpy.run_path(str(EXAMPLES / "contact_sheet.py"))

    example["main"](source, clip, sheet, 20)

    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert picture.shape[1] == example["WIDTH_PX"]
    gaps = (picture == 255).all(axis=(1, 2))
    assert gaps.sum() == example["GAP_PX"]


def test_a_person_is_drawn_from_both_sides_at_one_moment(result: Result) -> None:
    example = runpy.run_path(str(EXAMPLES / "compare_weights.py"))

    oblique, aside = example["space"](result.people[0], 20)

    assert oblique.shape == aside.shape == (*example["TILE_PX"][::-1], 3)
    assert np.ptp(oblique) > 100
    assert (oblique != aside).any()
