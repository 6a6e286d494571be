"""The C3D file in the library that wrote it, and in one that did not."""

import sys
import warnings
from pathlib import Path

import c3d as c3d_package  # type: ignore[import-untyped]  # it has no annotations
import ezc3d
import numpy as np
import pytest

from pose3d_cli.errors import UsageError
from pose3d_cli.export.c3d import write_people_c3d
from pose3d_cli.export.precision import rounded
from pose3d_cli.sequences import Result
from pose3d_cli.skeleton import H36M17


def test_both_libraries_read_the_joints_of_everybody(pair: Result, tmp_path: Path) -> None:
    paths = write_people_c3d(tmp_path / "x.c3d", pair)
    assert [path.name for path in paths] == ["x.1.c3d", "x.2.c3d"]
    for path, person in zip(paths, rounded(pair).people, strict=True):
        expected_mm = person.world.positions_m * 1000
        own = ezc3d.c3d(str(path))
        np.testing.assert_allclose(
            own["data"]["points"][:3].transpose(2, 1, 0), expected_mm, atol=0.06
        )
        with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
            other = c3d_package.Reader(file)  # it warns of files without force plates
            frames = list(other.read_frames())
        assert other.point_rate == pytest.approx(float(pair.clip.fps), rel=1e-6)
        assert [label.strip() for label in other.point_labels] == list(H36M17.joints)
        np.testing.assert_allclose(
            np.stack([points[:, :3] for _, points, _ in frames]), expected_mm, atol=0.06
        )
        residuals = np.stack([points[:, 3] for _, points, _ in frames])
        assert np.all(residuals >= 0)  # −1 would mean that a marker is missing
        assert frames[0][0] == person.poses_2d.first_frame + 1


def test_it_says_units_and_axes(pair: Result, tmp_path: Path) -> None:
    path, _ = write_people_c3d(tmp_path / "x.c3d", pair)
    point = ezc3d.c3d(str(path))["parameters"]["POINT"]
    assert point["UNITS"]["value"] == ["mm"]
    assert (point["X_SCREEN"]["value"], point["Y_SCREEN"]["value"]) == (["+X"], ["+Y"])


def test_without_its_package_it_says_what_to_install(
    pair: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(UsageError, match="ezc3d") as raised:
        write_people_c3d(tmp_path / "x.c3d", pair)
    assert "pip install 'pose3d-cli[c3d]'" in str(raised.value.hint)
    assert list(tmp_path.iterdir()) == []
