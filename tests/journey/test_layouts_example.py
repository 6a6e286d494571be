"""The example that draws the README's picture of all layouts."""

import runpy
from pathlib import Path

import cv2

from pose3d_cli.outputs import write
from pose3d_cli.sequences import Result
from pose3d_cli.watch import Unwatched

EXAMPLE = Path(__file__).parents[2] / "examples" / "contact_sheet.py"


def test_every_layout_of_one_moment_is_on_the_sheet(clip: Path, result: Result) -> None:
    folder = clip.parent / "elsewhere"
    folder.mkdir()
    source, sheet = folder / "result.json", folder / "sheet.png"
    write(result, [source], watch=Unwatched())
    example = runpy.run_path(str(EXAMPLE))

    example["main"](source, clip, sheet, 20)

    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert picture.shape[1] == example["WIDTH_PX"]
    gaps = (picture == 255).all(axis=(1, 2))
    assert gaps.sum() == example["GAP_PX"]
