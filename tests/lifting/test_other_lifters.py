"""Other lifters in SasMamba's place: strict loading, inputs, windows, size; and plug-ins."""

import os
from collections import OrderedDict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pose3d_cli.errors import UsageError, WeightsError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting import Lifter
from pose3d_cli.lifting.others import lifter as module
from pose3d_cli.lifting.others import motionagformer
from pose3d_cli.lifting.others.lifter import BONES_M, OtherLifter
from pose3d_cli.lifting.others.loading import loaded
from pose3d_cli.lifting.others.motionagformer import MotionAgFormer, MotionAgFormerConfig
from pose3d_cli.lifting.plugins import BUILT_IN, open_lifter
from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.skeleton import COCO17, H36M17

SMALL = MotionAgFormerConfig(layers=1, width=16, frames=9, heads=4, representation=8)
CAMERA = Camera(1000, 500, 1200.0, "option")


def tensors(*, prefix: str = "") -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {prefix + name: t for name, t in MotionAgFormer(SMALL).state_dict().items()}


def seen(frames: int) -> Pose2DSequence:
    rng = np.random.default_rng(frames)
    return Pose2DSequence(
        skeleton=H36M17,
        first_frame=0,
        times_s=np.arange(frames) / 30,
        fps=Fraction(30),
        keypoints_px=rng.normal([500, 250], 60, (17, 2)) + rng.normal(0, 2, (frames, 17, 2)),
        confidence=rng.uniform(0.5, 1, (frames, 17)),
        observed=np.ones((frames, 17), bool),
    )


class Recorder(torch.nn.Module):
    """Remembers what it was shown, and says where the joints are, at a depth that grows."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.shown.append(x)
        return torch.cat([x[..., :2], torch.arange(17.0).view(17, 1).expand(*x.shape[:3], 1)], -1)


def recording(**how: Any) -> tuple[OtherLifter, Recorder]:
    network = Recorder()
    settings: dict[str, Any] = {"frames": 9, "fixed": True, "view": "picture", "flip": False} | how
    return OtherLifter(network, name="r", sha256="0" * 64, **settings), network


@pytest.mark.parametrize("where", ["model", "model_pos", "state_dict", None])
def test_networks_are_found_inside_of_checkpoints(tmp_path: Path, where: str | None) -> None:
    path = tmp_path / "best.pth.tr"
    inside: Any = OrderedDict(tensors(prefix="module."))
    extras = {"epoch": 3, "lr": 1e-4, "min_mpjpe": np.float64(38.4), "wandb_id": None}
    torch.save({where: inside, **extras} if where else inside, path)

    network = loaded(MotionAgFormer(SMALL), path)

    assert not network.training
    for name, tensor in network.state_dict().items():
        assert tensor.equal(inside[f"module.{name}"])


def test_safetensors_load_as_well(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "best.safetensors")

    loaded(MotionAgFormer(SMALL), tmp_path / "best.safetensors")


class Attack:
    def __reduce__(self) -> Any:
        return os.system, ("touch owned",)


def test_nothing_in_a_checkpoint_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model": tensors(), "epoch": Attack()}, tmp_path / "best.pth.tr")

    with pytest.raises(WeightsError, match="read safely"):
        loaded(MotionAgFormer(SMALL), tmp_path / "best.pth.tr")

    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"head.bias": None}, "'head.bias' is missing"),
        ({"extra": torch.zeros(1)}, "'extra' has no place"),
        ({"head.bias": torch.zeros(4)}, r"'head.bias' is \(4,\), expected \(3,\)"),
    ],
)
def test_another_networks_tensors_are_named(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    state = {**tensors(), **change}
    torch.save({"model": {k: t for k, t in state.items() if t is not None}}, tmp_path / "x.bin")

    with pytest.raises(WeightsError, match=named):
        loaded(MotionAgFormer(SMALL), tmp_path / "x.bin")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"])
def test_files_of_something_else_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.bin").write_bytes(content)

    with pytest.raises(WeightsError, match=r"x\.bin"):
        loaded(MotionAgFormer(SMALL), tmp_path / "x.bin")


def test_checkpoints_without_tensors_are_named(tmp_path: Path) -> None:
    torch.save({"model": {"a": 3}}, tmp_path / "x.bin")

    with pytest.raises(WeightsError, match="holds no network"):
        loaded(MotionAgFormer(SMALL), tmp_path / "x.bin")


@pytest.mark.parametrize("frames", [1, 8, 9, 10, 31])
def test_clips_of_any_length_have_a_pose_for_every_frame(frames: int) -> None:
    lifter, network = recording()

    poses = lifter.lift(seen(frames), camera=CAMERA)

    assert poses.positions_m.shape == (frames, 17, 3)
    np.testing.assert_array_equal(poses.positions_m[:, 0], 0)
    assert {clip.shape[1] for clip in network.shown} == {9}


def test_networks_of_free_length_are_not_given_more_than_there_is() -> None:
    lifter, network = recording(fixed=False)

    lifter.lift(seen(4), camera=CAMERA)

    assert network.shown[0].shape == (1, 4, 17, 3)


def test_the_picture_spans_two_units_whatever_its_height() -> None:
    poses, (lifter, network) = seen(9), recording()

    lifter.lift(poses, camera=CAMERA)

    expected = (poses.keypoints_px - [500, 250]) / 500
    np.testing.assert_allclose(network.shown[0][0, ..., :2], expected, atol=1e-6)
    np.testing.assert_allclose(network.shown[0][0, ..., 2], poses.confidence, atol=1e-6)


def test_a_persons_box_spans_from_minus_one_to_one() -> None:
    lifter, network = recording(view="person")

    lifter.lift(seen(9), camera=CAMERA)

    places = network.shown[0][0, ..., :2].flatten(0, 1)
    assert places.abs().max() <= 1
    assert (places.amax(0) - places.amin(0)).max().item() == pytest.approx(2, abs=1e-5)


def test_everybody_is_of_human36ms_mean_size() -> None:
    lifter, _ = recording()

    positions = lifter.lift(seen(30), camera=CAMERA).positions_m

    parents, children = zip(*H36M17.bones, strict=True)
    bones = np.linalg.norm(positions[:, children] - positions[:, parents], axis=-1)
    assert bones.sum(-1).mean() == pytest.approx(BONES_M)


def test_other_joints_are_refused() -> None:
    lifter, _ = recording()
    poses = seen(9)
    coco = Pose2DSequence(
        COCO17, 0, poses.times_s, poses.fps, poses.keypoints_px, poses.confidence, poses.observed
    )

    with pytest.raises(ValueError, match="h36m17"):
        lifter.lift(coco, camera=CAMERA)


def test_a_kind_and_a_file_make_a_lifter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"model": tensors()}, tmp_path / "tiny.pth.tr")
    make = BUILT_IN["motionagformer-xs"]
    monkeypatch.setattr(motionagformer, "XS", SMALL)
    monkeypatch.setitem(
        BUILT_IN, "motionagformer-xs", lambda p, **how: module.open_motionagformer(SMALL, p, **how)
    )

    lifter = open_lifter("motionagformer-xs", tmp_path / "tiny.pth.tr", device="cpu")

    assert isinstance(lifter, Lifter)
    assert len(lifter.lift(seen(3), camera=CAMERA).positions_m) == 3
    assert make is not BUILT_IN["motionagformer-xs"]


def test_packages_bring_lifters_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "guest_lifters.py").write_text(
        "class Guest:\n"
        "    name, sha256, licence = 'guest', '0' * 64, 'CC0-1.0'\n"
        "    def lift(self, poses, *, camera): ...\n"
        "def open_it(path, *, device, flip):\n"
        "    return Guest()\n"
        "def open_none(path, *, device, flip):\n"
        "    return path\n"
    )
    about = tmp_path / "guest-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[pose3d.lifters]\nguest = guest_lifters:open_it\nnone = guest_lifters:open_none\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    assert open_lifter("guest", Path("mine.bin"), device="cpu").name == "guest"
    with pytest.raises(UsageError, match="no lifter: PosixPath"):
        open_lifter("none", Path("mine.bin"), device="cpu")


def test_a_kind_that_nobody_knows_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'guessed'") as raised:
        open_lifter("guessed", Path("x"), device="cpu")

    assert "motionbert" in str(raised.value.hint)
