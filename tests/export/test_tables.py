"""NPZ, CSV and TRC, each read by something that is not ours."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.export import writer_for
from pose3d_cli.export.json_file import read_json, write_json
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import H36M17, RIG_OF_H36M

SUFFIXES = (".npz", ".csv", ".trc", ".glb")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_detour_through_json_changes_no_byte(result: Result, tmp_path: Path, suffix: str) -> None:
    write_json(tmp_path / "result.json", result)
    again = read_json(tmp_path / "result.json")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    first = writer_for(Path(f"x{suffix}"))(tmp_path / "a" / f"x{suffix}", result)
    second = writer_for(Path(f"x{suffix}"))(tmp_path / "b" / f"x{suffix}", again)

    assert [path.name for path in first] == [path.name for path in second]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_an_npz_holds_the_numbers_of_the_json(result: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "result.json", result)
    document = json.loads((tmp_path / "result.json").read_text())
    (path,) = writer_for(Path("x.npz"))(tmp_path / "x.npz", result)

    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["time_s"], document["time_s"])
        assert arrays["skeleton_joints"].tolist() == list(H36M17.joints)
        for number, person in enumerate(document["people"], start=1):
            for key in ("joints3d", "keypoints2d", "observed", "root", "local_quat_wxyz"):
                np.testing.assert_array_equal(arrays[f"person{number}_{key}"], person[key])


def test_a_csv_has_a_line_for_every_person_frame_and_joint(result: Result, tmp_path: Path) -> None:
    (path,) = writer_for(Path("x.csv"))(tmp_path / "x.csv", result)

    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(17 * len(person.motion.times_s) for person in result.people)
    by_frame = [rows[i : i + 17] for i in range(0, len(rows), 17)]
    expected = [
        (person, frame) for person in result.people for frame in range(len(person.motion.times_s))
    ]
    for lines, (person, frame) in zip(by_frame, expected, strict=True):
        assert [line["joint"] for line in lines] == list(H36M17.joints)
        assert {int(line["frame"]) for line in lines} == {person.poses_2d.first_frame + frame}
        places = [[float(line[key]) for key in ("x_m", "y_m", "z_m")] for line in lines]
        np.testing.assert_allclose(places, person.world.positions_m[frame], atol=6e-5)
        seen = [line["observed"] == "true" for line in lines]
        np.testing.assert_array_equal(seen, person.poses_2d.observed[frame])


def read_trc(path: Path) -> tuple[dict[str, str], list[str], np.ndarray]:
    """Read by the published layout: header, marker names, and numbers of each row."""
    lines = path.read_text().split("\n")
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    names = [cell for cell in lines[3].split("\t")[2:] if cell]
    assert lines[4].split("\t")[2:] == [f"{a}{i + 1}" for i in range(len(names)) for a in "XYZ"]
    assert lines[5] == ""
    assert lines[-1] == ""
    table = np.array([[float(cell) for cell in line.split("\t")] for line in lines[6:-1]])
    assert table.shape == (int(header["NumFrames"]), 2 + 3 * int(header["NumMarkers"]))
    return header, names, table


def test_a_trc_holds_the_joints_in_millimetres(
    pair: Result, joints_m: Callable[[Motion], np.ndarray], tmp_path: Path
) -> None:
    paths = writer_for(Path("x.trc"))(tmp_path / "x.trc", pair)

    assert [path.name for path in paths] == ["x.1.trc", "x.2.trc"]
    for path, person in zip(paths, pair.people, strict=True):
        header, names, table = read_trc(path)
        assert names == list(H36M17.joints)
        assert header["Units"] == "mm"
        assert float(header["DataRate"]) == pytest.approx(30000 / 1001, abs=1e-6)
        np.testing.assert_array_equal(table[:, 0], np.arange(1, len(table) + 1))
        np.testing.assert_allclose(table[:, 1], person.motion.times_s, atol=1e-5)
        expected_mm = 1000 * joints_m(person.motion)[:, RIG_OF_H36M]
        np.testing.assert_allclose(table[:, 2:].reshape(-1, 17, 3), expected_mm, atol=0.02)


def test_a_trc_of_a_variable_rate_has_a_constant_one(tmp_path: Path, result: Result) -> None:
    for path in writer_for(Path("x.trc"))(tmp_path / "x.trc", result):
        header, _, table = read_trc(path)
        steps_s = np.diff(table[:, 1])
        np.testing.assert_allclose(steps_s, 1 / float(header["DataRate"]), atol=2e-6)
