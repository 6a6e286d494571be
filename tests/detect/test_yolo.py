"""YOLO-pose finds people, and refuses to be another model."""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pose3d_cli.detect import yolo
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.errors import WeightsError
from pose3d_cli.sequences import Frame


def frames(count: int, *, size: tuple[int, int] = (72, 128)) -> list[Frame]:
    rng = np.random.default_rng(0)
    return [
        Frame(index=i, time_s=Fraction(i, 25), rgb=rng.integers(0, 256, (*size, 3), np.uint8))
        for i in range(count)
    ]


@pytest.fixture(scope="module", params=["torch", "onnxruntime"])
def detector(request: pytest.FixtureRequest, weights: Path, exports: Path) -> YoloPoseDetector:
    """Says where people are at random, in great numbers."""
    return YoloPoseDetector(
        weights, device="cpu", backend=request.param, cache_dir=exports, min_score=1e-9
    )


class Spied:
    """A network that remembers what it was shown."""

    workers, licence = 1, "CC0-1.0"

    def __init__(self, *, batch_size: int = 2) -> None:
        self.batch_size = batch_size
        self.seen: list[np.ndarray] = []

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        self.seen.append(pictures)
        return np.zeros((len(pictures), 56, 1), np.float32)


@pytest.fixture
def spied(weights: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[YoloPoseDetector, Spied]:
    network = Spied()
    monkeypatch.setattr(yolo, "_loaded", lambda *_, **__: network)
    return YoloPoseDetector(weights, device="cpu"), network


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


def test_joints_that_were_clipped_to_the_edge_count_as_unseen(detector: YoloPoseDetector) -> None:
    (found,) = detector.detect(frames(1))
    on_edge = ((found.keypoints_px == 0) | (found.keypoints_px == (128, 72))).any(axis=-1)
    assert on_edge.any()
    assert (found.confidence[on_edge] == 0).all()
    assert (found.confidence[~on_edge] > 0).all()


def test_nobody_gives_empty_arrays(spied: tuple[YoloPoseDetector, Spied]) -> None:
    (found,) = spied[0].detect(frames(1))
    assert found.boxes_px.shape == (0, 4)
    assert found.scores.shape == (0,)
    assert found.keypoints_px.shape == (0, 17, 2)
    assert found.confidence.shape == (0, 17)


def test_no_frames_give_nothing(detector: YoloPoseDetector) -> None:
    assert list(detector.detect([])) == []


def test_only_a_few_batches_of_frames_are_held(spied: tuple[YoloPoseDetector, Spied]) -> None:
    detector, network = spied
    stream = iter(frames(20))
    next(detector.detect(stream))
    assert next(stream).index <= 2 * network.batch_size * network.workers


def test_the_network_sees_batches_in_red_green_blue(
    spied: tuple[YoloPoseDetector, Spied],
) -> None:
    detector, network = spied
    red = np.zeros((72, 128, 3), np.uint8)
    red[..., 0] = 255

    list(detector.detect([Frame(index=i, time_s=Fraction(i), rgb=red) for i in range(3)]))

    assert sorted(len(pictures) for pictures in network.seen) == [1, 2]
    assert network.seen[0].shape[1:] == (384, 640, 3)
    np.testing.assert_array_equal(network.seen[0][0, 192, 320], [255, 0, 0])


def test_provenance_is_told(detector: YoloPoseDetector, weights: Path) -> None:
    assert detector.name == "tiny-pose"
    assert detector.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert detector.licence.startswith("AGPL-3.0")


def test_nothing_is_said_and_threads_are_left_alone(
    weights: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    list(YoloPoseDetector(weights, device="cpu", backend="torch").detect(frames(1)))
    assert chosen[-1] == 3
    assert capfd.readouterr() == ("", "")


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


def test_a_detector_of_boxes_is_refused(tmp_path: Path, untrained: Any) -> None:
    path = untrained(tmp_path / "boxes.pt", "yolo11n.yaml")
    with pytest.raises(WeightsError, match="a model with no keypoints"):
        YoloPoseDetector(path, device="cpu")


def test_other_keypoints_than_cocos_are_refused(tmp_path: Path, untrained: Any) -> None:
    path = untrained(tmp_path / "feet.pt", "yolo11n-pose.yaml", kpt_shape=[26, 3])
    with pytest.raises(WeightsError, match=r"\(26, 3\), expected \(17, 3\)"):
        YoloPoseDetector(path, device="cpu")
