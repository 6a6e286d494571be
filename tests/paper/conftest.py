"""Tiny files in the forms in which the field shares its data, made up here."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def h36m_pickle(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a tiny set in MotionBERT's form; ``without`` drops keys."""

    def write(*, lengths: tuple[int, ...] = (30, 12), **changed: Any) -> Path:
        rng = np.random.default_rng(3)
        splits = {
            "train": _motionbert_split(rng, [("01", "02", "54138969"), ("05", "14", "55011271")]),
            "test": _motionbert_split(
                rng, [("09", "05", "58860488"), ("11", "10", "60457274")], lengths=lengths
            ),
        }
        for split in splits.values():
            for key, value in changed.items():
                split.pop(key) if value is None else split.update({key: value})
        path = tmp_path / "h36m_sh_conf_cam_source_final.pkl"
        path.write_bytes(pickle.dumps(splits))
        return path

    return write


def _motionbert_split(
    rng: np.random.Generator,
    recordings: list[tuple[str, str, str]],
    *,
    lengths: tuple[int, ...] = (30, 12),
) -> dict[str, Any]:
    """Return people who sway, filmed orthographically at 2 to 3 mm a pixel."""
    frames = sum(lengths)
    scale = np.concatenate([np.full(n, 2 + 0.5 * i) for i, n in enumerate(lengths)])
    pose_mm = rng.normal(0, 300, (1, 17, 3)) + rng.normal(0, 4, (frames, 17, 3)).cumsum(0)
    image = pose_mm / scale[:, None, None] + [500, 500, 0]
    named = list(zip(recordings, lengths, strict=True))
    return {
        "joint_2d": image[..., :2] + rng.normal(0, 2, (frames, 17, 2)),
        "confidence": rng.uniform(0.5, 1, (frames, 17, 1)),
        "joint3d_image": image,
        "joints_2.5d_image": image * scale[:, None, None],
        "2.5d_factor": scale,
        "camera_name": [camera for (_, _, camera), n in named for _ in range(n)],
        "action": [f"act_{action}" for (_, action, _), n in named for _ in range(n)],
        "source": [f"s_{s}_act_{a}_subact_01_ca_01" for (s, a, _), n in named for _ in range(n)],
    }


@pytest.fixture
def videopose3d_files(tmp_path: Path) -> dict[str, Path]:
    """Two subjects, each seen by four cameras that stand 4 m away on all sides."""
    rng = np.random.default_rng(5)
    places = {
        camera: {
            "R": np.array([[c, -s, 0], [0, 0, -1], [s, c, 0]]).tolist(),
            "t": [[0.0], [1000.0], [4000.0]],
        }
        for camera, (s, c) in zip(
            ("54138969", "55011271", "58860488", "60457274"),
            ((0, 1), (1, 0), (0, -1), (-1, 0)),
            strict=True,
        )
    }
    world = {
        subject: {action: rng.normal((0, 0, 1), 0.3, (20, 32, 3))}
        for subject, action in (("S1", "WalkingDog 1"), ("S9", "Directions"))
    }
    seen = {
        subject: {action: [rng.uniform(0, 1000, (22, 17, 2)) for _ in places] for action in actions}
        for subject, actions in world.items()
    }
    files = {
        name: tmp_path / name
        for name in ("data_2d_h36m_gt.npz", "data_3d_h36m.npz", "camera-parameters.json")
    }
    np.savez(files["data_2d_h36m_gt.npz"], positions_2d=np.array(seen, dtype=object))
    np.savez(files["data_3d_h36m.npz"], positions_3d=np.array(world, dtype=object))
    files["camera-parameters.json"].write_text(
        json.dumps({"extrinsics": dict.fromkeys(("S1", "S9"), places)})
    )
    return files


@pytest.fixture
def mpi_files(tmp_path: Path) -> dict[str, Path]:
    """One training sequence with two cameras, and the test sequences TS1 and TS5."""
    rng = np.random.default_rng(7)

    def filmed(frames: int) -> dict[str, np.ndarray]:
        return {
            "data_2d": rng.uniform(0, 2048, (frames, 17, 2)),
            "data_3d": rng.normal(0, 300, (frames, 17, 3)),
        }

    files = {name: tmp_path / name for name in ("data_train_3dhp.npz", "data_test_3dhp.npz")}
    train = {"S1 Seq1": [{"0": filmed(15), "4": filmed(15)}, 25]}
    test = {name: filmed(12) | {"valid": np.arange(12) % 2} for name in ("TS1", "TS5")}
    np.savez(files["data_train_3dhp.npz"], data=np.array(train, dtype=object))
    np.savez(files["data_test_3dhp.npz"], data=np.array(test, dtype=object))
    return files
