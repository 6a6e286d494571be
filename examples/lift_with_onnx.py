"""Lift joints to 3D with numpy and onnxruntime alone: no PyTorch, no pose3d.

pose3d weights export sasmamba-small -o sasmamba.onnx
python examples/lift_with_onnx.py sasmamba.onnx result.json poses.npy

The joints come out of a result that `pose3d lift` wrote; take yours from anywhere, in the order of
Human3.6M's 17, in pixels, with the confidence of the detector (0 for a joint that is missing).
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

MIRROR = [0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13]
"""The joint that takes each joint's place in a mirror."""
SEEN = 0.05
"""Joints of less confidence do not count for where the person is and how large."""


def lift(
    session: onnxruntime.InferenceSession, rays: np.ndarray, confidence: np.ndarray
) -> np.ndarray:
    """Return poses (frames, 17, 3) in metres about the pelvis: x right, y down, z forward.

    Args:
        session: the exported network.
        rays: (pixel − middle of the picture) / focal length, (frames, 17, 2); 9 to 243 frames.
        confidence: 0 to 1, (frames, 17).
    """
    seen: np.ndarray = (confidence > SEEN) | (confidence <= SEEN).all()
    view = looking_at(rays[seen].mean(0))
    turned = np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1) @ view.T
    points = turned[..., :2] / np.maximum(turned[..., 2:], 0.05)
    sizes = [np.ptp(points[f][seen[f]], axis=0).max() for f in range(len(points)) if seen[f].any()]
    # The lower of the two middle sizes where there is an even number, as in training.
    half = max(np.sort(sizes)[(len(sizes) - 1) // 2] / 2, 1e-4)
    points = points / half * seen.max(0)[:, None]
    clip = np.concatenate([points, confidence[..., None]], axis=-1)[None].astype(np.float32)
    poses = (run(session, clip) + mirrored(run(session, mirrored(clip)))) / 2
    return np.asarray((poses - poses[:, :, :1])[0] @ view)


def looking_at(centre: np.ndarray) -> np.ndarray:
    """Return right, down and forward of a camera that is turned towards a ray, without roll."""
    forward = np.array([*centre, 1.0]) / np.linalg.norm([*centre, 1.0])
    right = np.array([forward[2], 0.0, -forward[0]]) / np.hypot(forward[0], forward[2])
    return np.stack([right, np.cross(forward, right), forward])


def mirrored(clips: np.ndarray) -> np.ndarray:
    """Return joints as a mirror shows them."""
    swapped = clips[..., MIRROR, :].copy()
    swapped[..., 0] *= -1
    return swapped


def run(session: onnxruntime.InferenceSession, clips: np.ndarray) -> np.ndarray:
    """Call the network."""
    (poses,) = session.run(["poses"], {"joints": clips})
    return np.asarray(poses)


def main(model: Path, result: Path, out: Path) -> None:
    """Lift the first person of a result, at most 243 frames."""
    document = json.loads(result.read_text(encoding="utf-8"))
    camera, person = document["coordinates"]["camera"], document["people"][0]
    keypoints = np.array(person["keypoints2d"], dtype=float)[:243]
    observed = np.array(person["observed"], dtype=bool)[:243]
    rays = (keypoints[..., :2] - camera["centre_px"]) / camera["focal_px"]
    session = onnxruntime.InferenceSession(model.read_bytes(), providers=["CPUExecutionProvider"])
    poses = lift(session, rays, np.where(observed, keypoints[..., 2], 0.0))
    np.save(out, poses)
    print(f"{out}: {poses.shape}, metres")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: lift_with_onnx.py MODEL.onnx RESULT.json POSES.npy")
    main(*map(Path, sys.argv[1:]))
