"""Rename one person's joints: COCO's, which detectors know, to Human3.6M's, which lifters know."""

from dataclasses import replace

from pose3d_cli.geometry.remap import (
    h36m_confidence_from_coco,
    h36m_from_coco,
    h36m_observed_from_coco,
)
from pose3d_cli.sequences import Face, Pose2DSequence
from pose3d_cli.skeleton import COCO17, H36M17


def coco_to_h36m(poses: Pose2DSequence) -> Pose2DSequence:
    """Return the same person with the joints of Human3.6M.

    A joint that lies between several keypoints is as trustworthy as the worst of them, and was
    observed if all of them were. Nose, eyes and ears are kept as the face.
    """
    if poses.skeleton is not COCO17:
        raise ValueError(f"expected the joints of {COCO17.name}, got {poses.skeleton.name}")
    face = slice(COCO17.index("nose"), COCO17.index("right_ear") + 1)
    seen = poses.confidence * poses.observed
    return replace(
        poses,
        skeleton=H36M17,
        keypoints_px=h36m_from_coco(poses.keypoints_px),
        confidence=h36m_confidence_from_coco(poses.confidence),
        observed=h36m_observed_from_coco(poses.observed),
        face=Face(poses.keypoints_px[:, face], seen[:, face]),
    )
