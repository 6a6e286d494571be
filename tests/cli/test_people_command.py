import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pose3d_cli.cli.detection_options import DetectionOptions
from pose3d_cli.geometry.camera import Camera


@pytest.fixture(autouse=True)
def _with_detector(monkeypatch: pytest.MonkeyPatch, models: Any, walker: Any) -> None:
    filmed = models(replace(walker, camera=Camera.assumed(320, 240)))
    monkeypatch.setattr(DetectionOptions, "load", lambda _: filmed.detector)


def test_everybody_is_in_the_table_and_on_the_contact_sheet(
    pose3d: Any, clip: Path, tmp_path: Path
) -> None:
    run = pose3d("people", clip)

    assert run.exit_code == 0, run.output
    assert "Drawing sheet: " in run.stderr.splitlines()[-1]
    assert run.stderr.endswith(" done\n")
    assert run.stdout.splitlines()[-1] == "clip_people.png"
    assert "0:01.0" in run.stdout
    sheet = cv2.imread(str(tmp_path / "clip_people.png"))
    assert sheet is not None
    assert sheet.shape[0] < 250
    assert sheet.std() > 5


def test_a_script_gets_one_json_object(pose3d: Any, clip: Path) -> None:
    run = pose3d("people", clip, "--json", "-o", "who.png")

    found = json.loads(run.stdout)
    assert found["outputs"] == ["who.png"]
    (person,) = found["people"]
    assert (person["number"], person["seen_frames"], person["prominence"]) == (1, 30, 1)


def test_a_sheet_replaces_nothing_and_is_a_png(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "clip_people.png").write_text("precious")

    assert pose3d("people", clip).exit_code == 6
    assert pose3d("people", clip, "-o", "sheet.jpg").exit_code == 2
    assert (tmp_path / "clip_people.png").read_text() == "precious"


def test_who_is_lifted_can_be_chosen(
    pose3d: Any, clip: Path, networks: Callable[..., None], tmp_path: Path
) -> None:
    networks()

    assert pose3d("lift", clip, "-o", "a.bvh", "--person", "1").exit_code == 0
    missing = pose3d("lift", clip, "-o", "b.bvh", "--person", "2")
    assert missing.exit_code == 5
    assert "pose3d people" in missing.stderr
    assert pose3d("lift", clip, "-o", "c.bvh", "--person", "tallest").exit_code == 2

    (tmp_path / "d.2.bvh").write_text("precious")
    assert pose3d("lift", clip, "-o", "d.bvh", "--person", "all").exit_code == 6


def test_a_folder_of_pictures_is_lifted_and_a_picture_more_is_another_clip(
    pose3d: Any, networks: Callable[..., None], tmp_path: Path
) -> None:
    networks()
    folder = tmp_path / "shots"
    folder.mkdir()
    for number in range(4):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((240, 320, 3), 90, np.uint8))
        if number < 2:
            continue
        run = pose3d("lift", folder, "-o", "out.json", "-o", "out.mp4", "-y", "--json")
        assert run.exit_code == 0, run.output
        assert json.loads(run.stdout)["frames"] == number + 1


def test_keypoints_are_for_the_whole_clip(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text("[]")

    run = pose3d("lift", clip, "-o", "a.bvh", "--keypoints", "k.json", "--end", "0.5")

    assert (run.exit_code, "--end" in run.stderr) == (2, True)
