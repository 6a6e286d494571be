import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.export.trc import write_people_trc, write_trc
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import H36M17, RIG, RIG_OF_H36M

MakeMotion = Callable[..., Motion]
Joints = Callable[[Motion], np.ndarray]
KEYS = [
    "DataRate",
    "CameraRate",
    "NumFrames",
    "NumMarkers",
    "Units",
    "OrigDataRate",
    "OrigDataStartFrame",
    "OrigNumFrames",
]


@dataclass(frozen=True)
class Trc:
    name: str
    values: dict[str, str]
    markers: list[str]
    times_s: np.ndarray
    places: np.ndarray


def read_trc(path: Path) -> Trc:
    """Read as OpenSim's TRCFileAdapter does, and refuse whatever it or others would not expect."""
    text = path.read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    lines = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    kind, keys, values, labels, axes, blank, *rows = lines
    assert kind[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    assert keys == KEYS
    header = dict(zip(keys, values, strict=True))
    count = int(header["NumMarkers"])
    assert labels[:2] == ["Frame#", "Time"]
    assert [cell for place, cell in enumerate(labels[2:]) if place % 3] == [""] * 2 * count
    expected = [f"{axis}{number}" for number in range(1, count + 1) for axis in "XYZ"]
    assert axes == ["", "", *expected]
    assert blank == [""]
    assert {len(row) for row in rows} == {len(labels)} == {2 + 3 * count}
    assert [row[0] for row in rows] == [str(frame + 1) for frame in range(len(rows))]
    assert len(rows) == int(header["NumFrames"]) == int(header["OrigNumFrames"])
    assert header["CameraRate"] == header["OrigDataRate"] == header["DataRate"]
    numbers = np.array([[float(cell) for cell in row] for row in rows])
    return Trc(kind[3], header, labels[2::3], numbers[:, 1], numbers[:, 2:].reshape(-1, count, 3))


@pytest.mark.parametrize("seed", range(3))
def test_markers_are_where_the_joints_are(
    seed: int, moving: MakeMotion, joints_m: Joints, tmp_path: Path
) -> None:
    motion = moving(np.arange(30) / 30, seed=seed, fps=Fraction(30), reach_rad=3.0)
    write_trc(tmp_path / "x.trc", motion, clip_start_s=0.0)
    trc = read_trc(tmp_path / "x.trc")
    assert trc.markers == list(H36M17.joints)
    expected_mm = joints_m(motion)[:, list(RIG_OF_H36M)] * 1000
    np.testing.assert_allclose(trc.places, expected_mm, atol=0.00051)


def test_the_header_says_what_follows(moving: MakeMotion, tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    write_trc(tmp_path / "a walk.trc", moving(np.arange(7) / float(fps), fps=fps), clip_start_s=0.0)
    trc = read_trc(tmp_path / "a walk.trc")
    assert trc.name == "a walk.trc"
    assert trc.values["Units"] == "mm"
    assert trc.values["OrigDataStartFrame"] == "1"
    assert float(trc.values["DataRate"]) == pytest.approx(float(fps), abs=1e-6)
    np.testing.assert_allclose(trc.times_s, np.arange(7) / float(fps), atol=1e-6)


def test_a_variable_rate_becomes_a_constant_one(
    moving: MakeMotion, joints_m: Joints, tmp_path: Path
) -> None:
    kept = np.delete(np.arange(60), slice(20, 23))
    motion = moving(kept / 30, fps=Fraction(30))
    write_trc(tmp_path / "x.trc", motion, clip_start_s=0.0)
    trc = read_trc(tmp_path / "x.trc")
    np.testing.assert_allclose(trc.times_s, np.arange(60) / 30, atol=1e-6)
    expected_mm = joints_m(motion)[:, list(RIG_OF_H36M)] * 1000
    np.testing.assert_allclose(trc.places[kept], expected_mm, atol=0.001)


def test_people_get_a_file_each_on_the_clock_of_the_clip(pair: Result, tmp_path: Path) -> None:
    late = replace(
        pair,
        times_s=pair.times_s + 1.4,
        people=tuple(
            replace(person, motion=replace(person.motion, times_s=person.motion.times_s + 1.4))
            for person in pair.people
        ),
    )
    first, second = map(read_trc, write_people_trc(tmp_path / "x.trc", late))
    assert (first.name, second.name) == ("x.1.trc", "x.2.trc")
    assert first.times_s[0] == 0
    np.testing.assert_allclose(first.times_s[2:], second.times_s, atol=1.1e-6)


def test_the_json_joints_are_where_the_markers_are(pair: Result, tmp_path: Path) -> None:
    paths = write_people_trc(tmp_path / "x.trc", pair)
    for path, person in zip(paths, pair.people, strict=True):
        np.testing.assert_allclose(read_trc(path).places, person.world.positions_m * 1000, atol=0.1)


def test_numbers_have_fixed_decimals_and_no_exponent(moving: MakeMotion, tmp_path: Path) -> None:
    write_trc(
        tmp_path / "x.trc",
        moving(np.arange(9) / 30, fps=Fraction(30), reach_rad=1e-5),
        clip_start_s=0.0,
    )
    rows = (tmp_path / "x.trc").read_text("ascii").splitlines()[6:]
    for row in rows:
        frame, time, *places = row.split("\t")
        assert re.fullmatch(r"\d", frame)
        assert re.fullmatch(r"\d\.\d{6}", time)
        assert all(re.fullmatch(r"-?\d+\.\d{3}", place) for place in places)
        assert "-0.000" not in places


def test_another_rig_is_refused(moving: MakeMotion, tmp_path: Path) -> None:
    motion = moving(np.arange(3) / 30)
    other = replace(motion, skeleton=replace(RIG, name="other"))
    with pytest.raises(ValueError, match="'other'"):
        write_trc(tmp_path / "x.trc", other, clip_start_s=0.0)
    assert list(tmp_path.iterdir()) == []
