"""YOLO-pose finds people, and refuses to be another model."""

import hashlib
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import pose3d_cli
from pose3d_cli.detect.containment import contained, torchvision_works
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.errors import WeightsError
from pose3d_cli.sequences import Frame


def frames(count: int, *, size: tuple[int, int] = (72, 128)) -> list[Frame]:
    rng = np.random.default_rng(0)
    return [
        Frame(index=i, time_s=Fraction(i, 25), rgb=rng.integers(0, 256, (*size, 3), np.uint8))
        for i in range(count)
    ]


def untrained(path: Path, architecture: str, **changes: object) -> Path:
    """Write a checkpoint of a small network that has learned nothing."""
    with contained():
        import ultralytics.nn.tasks
        from ultralytics.models import YOLO

        tasks: Any = ultralytics.nn.tasks
        torch.manual_seed(0)
        yolo: Any = YOLO(architecture)
        if changes:
            layers = tasks.yaml_model_load(architecture)
            yolo.model = tasks.PoseModel({**layers, **changes}, verbose=False)
        yolo.save(path)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("weights") / "tiny-pose.pt", "yolo11n-pose.yaml")


@pytest.fixture(scope="module")
def detector(weights: Path) -> YoloPoseDetector:
    """Says where people are at random, in great numbers."""
    return YoloPoseDetector(weights, device="cpu", batch_size=2, min_score=1e-9)


def test_every_frame_is_answered_in_order_whatever_the_batch_size(
    detector: YoloPoseDetector,
) -> None:
    found = list(detector.detect(frames(5)))
    assert [one.index for one in found] == [0, 1, 2, 3, 4]
    assert [one.time_s for one in found] == [Fraction(i, 25) for i in range(5)]


def test_people_come_best_first_with_17_keypoints_in_the_picture(
    detector: YoloPoseDetector,
) -> None:
    (found,) = detector.detect(frames(1))
    people = len(found.scores)
    assert people > 1
    assert (np.diff(found.scores) <= 0).all()
    assert found.boxes_px.shape == (people, 4)
    assert found.keypoints_px.shape == (people, 17, 2)
    assert found.confidence.shape == (people, 17)
    assert ((found.keypoints_px >= 0) & (found.keypoints_px <= (128, 72))).all()


def test_people_come_best_first_whatever_order_ultralytics_has(
    detector: YoloPoseDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    (expected,) = detector.detect(frames(1))
    predict = detector._predict
    monkeypatch.setattr(
        detector, "_predict", lambda batch: [r[list(range(len(r)))[::-1]] for r in predict(batch)]
    )
    (found,) = detector.detect(frames(1))
    np.testing.assert_array_equal(found.scores, expected.scores)


def test_joints_that_were_clipped_to_the_edge_count_as_unseen(detector: YoloPoseDetector) -> None:
    (found,) = detector.detect(frames(1))
    on_edge = ((found.keypoints_px == 0) | (found.keypoints_px == (128, 72))).any(axis=-1)
    assert on_edge.any()
    assert (found.confidence[on_edge] == 0).all()
    assert (found.confidence[~on_edge] > 0).all()


def test_nobody_gives_empty_arrays(weights: Path) -> None:
    (found,) = YoloPoseDetector(weights, device="cpu", min_score=0.9).detect(frames(1))
    assert found.boxes_px.shape == (0, 4)
    assert found.scores.shape == (0,)
    assert found.keypoints_px.shape == (0, 17, 2)
    assert found.confidence.shape == (0, 17)


def test_no_frames_give_nothing(detector: YoloPoseDetector) -> None:
    assert list(detector.detect([])) == []


def test_only_one_batch_of_frames_is_held(detector: YoloPoseDetector) -> None:
    stream = iter(frames(6))
    next(detector.detect(stream))
    assert next(stream).index == detector.batch_size


def test_the_network_sees_blue_green_red(
    detector: YoloPoseDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures: list[np.ndarray] = []
    predict = detector._predict

    def spy(batch: list[np.ndarray]) -> list[Any]:
        pictures.extend(batch)
        return list(predict(batch))

    monkeypatch.setattr(detector, "_predict", spy)
    red = np.zeros((72, 128, 3), np.uint8)
    red[..., 0] = 255
    list(detector.detect([Frame(index=0, time_s=Fraction(0), rgb=red)]))
    np.testing.assert_array_equal(pictures[0][0, 0], [0, 0, 255])


def test_wide_pictures_are_not_padded_to_a_square(
    detector: YoloPoseDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: list[tuple[int, ...]] = []
    preprocess = detector._predict.preprocess

    def spy(pictures: list[np.ndarray]) -> torch.Tensor:
        tensor: torch.Tensor = preprocess(pictures)
        shapes.append(tuple(tensor.shape))
        return tensor

    monkeypatch.setattr(detector._predict, "preprocess", spy)
    list(detector.detect(frames(2, size=(90, 160))))
    assert shapes == [(2, 3, 384, 640)]


def test_provenance_is_told(detector: YoloPoseDetector, weights: Path) -> None:
    assert detector.name == "tiny-pose"
    assert detector.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert detector.licence.startswith("AGPL-3.0")


def test_a_torchvision_that_cannot_be_imported_does_not_matter(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert not torchvision_works()
    assert len(list(YoloPoseDetector(weights, device="cpu").detect(frames(1)))) == 1


def test_nothing_is_said_and_threads_are_left_alone(
    weights: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    list(YoloPoseDetector(weights, device="cpu").detect(frames(1)))
    assert chosen[-1] == 3
    assert capfd.readouterr() == ("", "")


def test_no_usage_statistics_are_collected(detector: YoloPoseDetector) -> None:
    assert not detector._predict.callbacks


def test_importing_ultralytics_leaves_no_trace(tmp_path: Path) -> None:
    script = """
import os, cv2, numpy as np
from pathlib import Path
import pose3d_cli
from pose3d_cli.detect.containment import contained
cv2.setNumThreads(2)
state = lambda: (dict(os.environ), cv2.getNumThreads(), np.get_printoptions(), os.listdir("."))
before = state()
with contained():
    import ultralytics.models
    from ultralytics.utils import AUTOINSTALL, ONLINE
assert state() == before, state()
assert not AUTOINSTALL and not ONLINE
"""
    repository = Path(pose3d_cli.__file__).parents[1]
    quiet = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    environment = {**quiet, "PYTHONPATH": str(repository), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.pt: no such file"):
        YoloPoseDetector(tmp_path / "nowhere.pt", device="cpu")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 nor a zip"])
def test_damaged_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "yolo11n-pose.pt"  # a name that Ultralytics would download
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="not an Ultralytics checkpoint"):
        YoloPoseDetector(path, device="cpu")
    assert path.read_bytes() == content


def test_truncated_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.pt"
    path.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(WeightsError, match="not an Ultralytics checkpoint"):
        YoloPoseDetector(path, device="cpu")


def test_a_pickle_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tensor.pt"
    torch.save({"model": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match="not an Ultralytics checkpoint"):
        YoloPoseDetector(path, device="cpu")


def test_weights_of_another_format_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "yolo11n-pose.onnx"
    path.write_bytes(b"onnx")
    with pytest.raises(WeightsError, match=r"expected a \.pt file"):
        YoloPoseDetector(path, device="cpu")


def test_a_detector_of_boxes_is_refused(tmp_path: Path) -> None:
    path = untrained(tmp_path / "boxes.pt", "yolo11n.yaml")
    with pytest.raises(WeightsError, match="a model with no keypoints"):
        YoloPoseDetector(path, device="cpu")


def test_other_keypoints_than_cocos_are_refused(tmp_path: Path) -> None:
    path = untrained(tmp_path / "feet.pt", "yolo11n-pose.yaml", kpt_shape=[26, 3])
    with pytest.raises(WeightsError, match=r"\(26, 3\), expected \(17, 3\)"):
        YoloPoseDetector(path, device="cpu")
