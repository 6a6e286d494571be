"""Every style of BVH imports as the motion that it was; every damage to one is noticed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.export.bvh import write_bvh
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.sequences import Motion

Importer = Callable[[Path], Any]
Check = Callable[..., list[str]]

STYLES = {
    "mixamo": BvhStyle(names="mixamo-nocolon", rest="a"),
    "biovision": BvhStyle(names="biovision", unit="m"),
    "cmu": BvhStyle(names="cmu", reference_frame=True),
    "unreal": BvhStyle(names="unreal", rest="a", order="mixed", reference_frame=True),
    "vrm": BvhStyle(names="vrm", unit="m", in_place=True),
    "mixed": BvhStyle(order="mixed"),
}


def test_an_importer_puts_every_joint_where_the_motion_does(
    importer: Importer, check: Check, motion: Motion, tmp_path: Path
) -> None:
    write_bvh(tmp_path / "x.bvh", motion)
    assert check(importer(tmp_path / "x.bvh"), motion) == []


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_style_is_the_same_motion(
    style: BvhStyle, importer: Importer, check: Check, natural: Motion, tmp_path: Path
) -> None:
    write_bvh(tmp_path / "x.bvh", natural, style=style)
    assert check(importer(tmp_path / "x.bvh"), natural, style=style) == []


def wrong_order(text: str) -> str:
    return text.replace("Zrotation Xrotation Yrotation", "Xrotation Yrotation Zrotation")


def mirrored_names(text: str) -> str:
    return text.replace("Left", "L3ft").replace("Right", "Left").replace("L3ft", "Right")


def in_metres(text: str) -> str:
    def changed(lines: list[str]) -> Iterator[str]:
        for place, line in enumerate(lines):
            words = line.split()
            if words[0] == "OFFSET":
                yield "OFFSET " + " ".join(f"{float(word) / 100:.6f}" for word in words[1:])
            elif place >= first_row(lines):
                yield " ".join([*(f"{float(word) / 100:.6f}" for word in words[:3]), *words[3:]])
            else:
                yield line

    return "\n".join(changed(text.splitlines())) + "\n"


def first_row(lines: list[str]) -> int:
    return lines.index("MOTION") + 3


def wrong_sign(text: str) -> str:
    """The first rotation channel of every joint counts the other way."""
    lines = text.splitlines()
    for place in range(first_row(lines), len(lines)):
        values = np.array(lines[place].split(), float)
        values[3::3] *= -1
        lines[place] = " ".join(f"{value:.4f}" for value in values)
    return "\n".join(lines) + "\n"


def one_frame_late(text: str) -> str:
    lines = text.splitlines()
    start = first_row(lines)
    return "\n".join([*lines[:start], lines[start], *lines[start:-1]]) + "\n"


def a_frame_missing(text: str) -> str:
    lines = text.splitlines()
    del lines[first_row(lines) + 5]
    count = len(lines) - first_row(lines)
    return "\n".join(lines).replace(f"Frames: {count + 1}", f"Frames: {count}") + "\n"


def wrong_rate(text: str) -> str:
    return text.replace("Frame Time: 0.0333666667", "Frame Time: 0.0333333333")


def a_longer_bone(text: str) -> str:
    lines = text.splitlines()
    place = lines.index(next(line for line in lines if line.endswith("JOINT LeftForeArm"))) + 2
    word, x, *rest = lines[place].split()
    lines[place] = " ".join([word, f"{float(x) + 0.23:.4f}", *rest])
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "mutate",
    [
        wrong_order,
        mirrored_names,
        in_metres,
        wrong_sign,
        one_frame_late,
        a_frame_missing,
        wrong_rate,
        a_longer_bone,
    ],
)
def test_a_wrong_file_would_be_noticed(
    mutate: Callable[[str], str],
    importer: Importer,
    check: Check,
    natural: Motion,
    tmp_path: Path,
) -> None:
    write_bvh(tmp_path / "x.bvh", natural)
    text = (tmp_path / "x.bvh").read_text()
    assert mutate(text) != text
    (tmp_path / "x.bvh").write_text(mutate(text))
    assert check(importer(tmp_path / "x.bvh"), natural) != []
