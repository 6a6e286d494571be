import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from pose3d_cli.export.csv_file import COLUMNS, write_csv
from pose3d_cli.export.precision import rounded
from pose3d_cli.sequences import Result

Row = dict[str, str]


def rows_in(path: Path) -> list[Row]:
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def numbers(rows: list[Row], *columns: str) -> np.ndarray:
    return np.array([[float(row[column]) for column in columns] for row in rows])


def test_it_holds_every_joint_of_everybody_to_the_last_digit(
    result: Result, tmp_path: Path
) -> None:
    write_csv(tmp_path / "x.csv", result)
    rows = rows_in(tmp_path / "x.csv")
    assert len(rows) == sum(person.poses_2d.observed.size for person in result.people)
    for person in rounded(result).people:
        own = [row for row in rows if row["person"] == str(person.id)]
        shape = person.poses_2d.observed.shape
        for columns, expected in [
            (("x_m", "y_m", "z_m"), person.world.positions_m),
            (("x_px", "y_px"), person.poses_2d.keypoints_px),
            (("confidence",), person.poses_2d.confidence[..., None]),
            (("time_s",), np.repeat(person.motion.times_s, shape[1]).reshape(*shape, 1)),
        ]:
            assert np.array_equal(numbers(own, *columns).reshape(*shape, -1), expected)
        seen = np.array([row["observed"] == "true" for row in own]).reshape(shape)
        assert np.array_equal(seen, person.poses_2d.observed)
        assert [row["joint"] for row in own[: shape[1]]] == list(person.world.skeleton.joints)


def test_frames_count_from_the_start_of_the_clip(pair: Result, tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", pair)
    frames = {
        (int(row["person"]), int(row["frame"]), float(row["time_s"]))
        for row in rows_in(tmp_path / "x.csv")
    }
    times_s = rounded(pair).times_s.tolist()
    first = {(1, frame, times_s[frame]) for frame in range(5)}
    assert frames == first | {(2, frame, times_s[frame]) for frame in range(2, 5)}


def test_the_text_keeps_to_what_every_program_reads(pair: Result, tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", pair)
    text = (tmp_path / "x.csv").read_bytes().decode("ascii")
    header, *lines = text.removesuffix("\n").split("\n")
    assert header == ",".join(COLUMNS)
    coordinates = r"(-?\d+\.\d{4},){3}(-?\d+\.\d,){2}"
    line = re.compile(rf"\d,\d,\d\.\d{{6}},[a-z_]+,{coordinates}[01]\.\d\d,(true|false),[01]\.\d\d")
    assert all(line.fullmatch(row) for row in lines)
    assert not re.search(r"-0\.0+\b", text)


def test_it_says_how_far_joints_in_space_can_be_believed_if_the_result_does(
    pair: Result, tmp_path: Path
) -> None:
    first, second = rounded(pair).people
    write_csv(tmp_path / "x.csv", replace(pair, people=(first, replace(second, trust=None))))
    rows = rows_in(tmp_path / "x.csv")
    assert first.trust is not None
    told = numbers([row for row in rows if row["person"] == "1"], "confidence3d")
    np.testing.assert_array_equal(told.ravel(), first.trust.confidence.ravel())
    assert {row["confidence3d"] for row in rows if row["person"] == "2"} == {""}
