"""What other programs found is read as if a detector had found it."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.detect.keypoint_files import KeypointFile, read_keypoints
from pose3d_cli.errors import InputError
from pose3d_cli.sequences import Detections, Frame

SIZE_PX = (320, 240)
FRAMES = 4
POINTS = np.random.default_rng(0).uniform(20, 220, (FRAMES, 2, 17, 2)).round(2)
"""Two people whose joints are anywhere."""
SCORES = np.random.default_rng(1).uniform(0.3, 1, (FRAMES, 2, 17)).round(3)
# https://github.com/CMU-Perceptual-Computing-Lab/openpose/blob/master/doc/02_output.md
BODY_25_FROM_COCO = {0: 0, 2: 6, 3: 8, 4: 10, 5: 5, 6: 7, 7: 9, 9: 12, 10: 14, 11: 16, 12: 11} | {
    13: 13,
    14: 15,
    15: 2,
    16: 1,
    17: 4,
    18: 3,
}
# https://developers.google.com/mediapipe/solutions/vision/pose_landmarker
BLAZEPOSE_FROM_COCO = {0: 0, 2: 1, 5: 2, 7: 3, 8: 4} | dict(
    zip((*range(11, 17), *range(23, 29)), range(5, 17), strict=True)
)


def flat(frame: int, person: int) -> list[float]:
    return np.column_stack([POINTS[frame, person], SCORES[frame, person]]).ravel().tolist()


def openpose(path: Path, from_coco: dict[int, int], size: int) -> Path:
    path.mkdir()
    for frame in range(FRAMES):
        people = []
        for person in range(2):
            points = np.zeros((size, 3))
            for there, here in from_coco.items():
                points[there] = [*POINTS[frame, person, here], SCORES[frame, person, here]]
            people.append({"person_id": [-1], "pose_keypoints_2d": points.ravel().tolist()})
        text = json.dumps({"version": 1.3, "people": people})
        (path / f"clip_{frame:012d}_keypoints.json").write_text(text)
    return path


def written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def coco(image_id: Callable[[int], Any], *, extra: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "image_id": image_id(f),
            "category_id": 1,
            "keypoints": flat(f, p) + [1.0, 2.0, 0.5] * extra,
            "score": 2.5 - p,
        }
        for f in range(FRAMES)
        for p in range(2)
    ]


def mmpose(first: int) -> list[dict[str, Any]]:
    def person(f: int, p: int) -> dict[str, Any]:
        points, scores = POINTS[f, p].tolist(), SCORES[f, p].tolist()
        return {"keypoints": points, "keypoint_scores": scores, "bbox": [[0, 0, 9, 9]]}

    return [
        {"frame_id": first + f, "instances": [person(f, 0), person(f, 1)]} for f in range(FRAMES)
    ]


def ultralytics() -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "name": "person",
                "confidence": 0.9 - 0.1 * p,
                "box": {"x1": 0, "y1": 0, "x2": 9, "y2": 9},
                "keypoints": {
                    "x": POINTS[f, p, :, 0].tolist(),
                    "y": POINTS[f, p, :, 1].tolist(),
                    "visible": SCORES[f, p].tolist(),
                },
            }
            for p in range(2)
        ]
        for f in range(FRAMES)
    ]


def folder(path: Path, frames: list[Any]) -> Path:
    path.mkdir()
    for number, frame in enumerate(frames, start=1):
        written(path / f"clip_{number}.json", frame)
    return path


FILES: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "OpenPose": ("openpose", lambda p: openpose(p, BODY_25_FROM_COCO, 25)),
    "BlazePose": ("openpose", lambda p: openpose(p, BLAZEPOSE_FROM_COCO, 33)),
    "AlphaPose": ("alphapose", lambda p: written(p, coco(lambda f: f"{f}.jpg"))),
    "AlphaPose, Halpe": ("alphapose", lambda p: written(p, coco(lambda f: f"{f}.jpg", extra=9))),
    "COCO from 0": ("coco results", lambda p: written(p, coco(lambda f: f))),
    "COCO from 1": ("coco results", lambda p: written(p, coco(lambda f: f + 1))),
    "MMPose": ("mmpose", lambda p: written(p, mmpose(0))),
    "MMPose demo": ("mmpose", lambda p: written(p, {"meta_info": {}, "instance_info": mmpose(1)})),
    "Ultralytics": ("ultralytics", lambda p: written(p, ultralytics())),
    "Ultralytics folder": ("ultralytics", lambda p: folder(p, ultralytics())),
}


def detections(found: KeypointFile, *, frames: int = FRAMES, size: int = 1) -> list[Detections]:
    picture = np.zeros((SIZE_PX[1] // size, SIZE_PX[0] // size, 3), np.uint8)
    return list(found.detect(Frame(i, Fraction(i, 30), picture) for i in range(frames)))


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_is_recognised_and_read(kind: str, tmp_path: Path) -> None:
    name, write = FILES[kind]
    found = read_keypoints(write(tmp_path / "keypoints.json"))

    assert found.name == name
    for frame, seen in enumerate(detections(found)):
        order = np.argsort(-seen.scores)
        first = int(np.argmin([np.abs(k - POINTS[frame, 0]).sum() for k in seen.keypoints_px]))
        for person, row in ((0, first), (1, 1 - first)):
            np.testing.assert_allclose(seen.keypoints_px[row], POINTS[frame, person])
            np.testing.assert_allclose(seen.confidence[row], SCORES[frame, person])
        np.testing.assert_array_equal(order, [0, 1])
        np.testing.assert_allclose(seen.boxes_px[first, :2], POINTS[frame, 0].min(axis=0))


def test_what_was_not_found_has_no_confidence_and_no_part_in_the_box(tmp_path: Path) -> None:
    points = np.array(flat(0, 0)).reshape(17, 3)
    points[3:6] = 0
    file = written(tmp_path / "a.json", [{"image_id": 0, "keypoints": points.ravel().tolist()}])

    (seen,) = detections(read_keypoints(file), frames=1)

    assert (seen.confidence[0, 3:6] == 0).all()
    assert seen.boxes_px[0, :2].min() >= 20


def test_shares_of_the_picture_are_told_from_pixels(tmp_path: Path) -> None:
    people = coco(lambda f: f)
    for person in people:
        person["keypoints"][0::3] = [x / SIZE_PX[0] for x in person["keypoints"][0::3]]
        person["keypoints"][1::3] = [y / SIZE_PX[1] for y in person["keypoints"][1::3]]
    (tmp_path / "frames").mkdir()
    by_frame = {"version": 1.3, "people": [{"pose_keypoints_2d": people[0]["keypoints"]}]}

    for path in (
        written(tmp_path / "a.json", people),
        written(tmp_path / "frames" / "clip_0.json", by_frame).parent,
    ):
        with pytest.raises(InputError, match="nobody is larger than 4 pixels"):
            read_keypoints(path)


def test_frames_with_nobody_are_empty(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", coco(lambda f: f"{2 * f}.jpg"))

    counts = [len(seen.scores) for seen in detections(read_keypoints(file), frames=8)]

    assert counts == [2, 0, 2, 0, 2, 0, 2, 0]


@pytest.mark.parametrize(
    ("frames", "size", "said"), [(FRAMES - 1, 1, "3 frames"), (FRAMES, 8, "40 × 30 pixels")]
)
def test_another_video_is_told(frames: int, size: int, said: str, tmp_path: Path) -> None:
    found = read_keypoints(written(tmp_path / "a.json", coco(lambda f: f)))

    with pytest.raises(InputError, match=said):
        detections(found, frames=frames, size=size)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"version": 1}, "no known kind"),
        ([], "nobody"),
        ([1, 2], "no known kind"),
        ([{"image_id": 0}], "without 'keypoints'"),
        ([{"image_id": "x", "keypoints": flat(0, 0)}], "no number"),
        ([{"image_id": 0, "keypoints": flat(0, 0)[:-3]}], "16 keypoints"),
        ([{"image_id": 0, "keypoints": flat(0, 0)[:-1]}], "in turn"),
        ([{"image_id": 0, "keypoints": ["a"] * 51}], "not numbers"),
        ([{"image_id": 0, "keypoints": flat(0, 0), "score": "high"}], "no number"),
        ([{"frame_id": -1, "instances": []}], "without a number"),
        ([[{"keypoints": {"x": [1.0], "y": [2.0]}}]], "1 keypoints"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(document: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_keypoints(written(tmp_path / "a.json", document))

    assert "\n" not in str(caught.value)
    assert caught.value.hint is not None


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, "\x00"])
def test_what_is_no_json_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(content)

    with pytest.raises(InputError, match="not JSON"):
        read_keypoints(tmp_path / "a.json")


def test_a_missing_file_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_keypoints(tmp_path / "none.json")
    with pytest.raises(InputError, match=r"no \.json"):
        read_keypoints(tmp_path)
