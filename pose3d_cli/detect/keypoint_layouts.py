"""How other programs order a body's keypoints, by how many there are, and where COCO's 17 are in them."""

from collections.abc import Mapping

from pose3d_cli.skeleton import COCO17

_BODY_25 = (
    *("nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder"),
    *("left_elbow", "left_wrist", "mid_hip", "right_hip", "right_knee", "right_ankle"),
    *("left_hip", "left_knee", "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear"),
)
"""OpenPose's, without the feet: .../openpose/blob/master/doc/02_output.md."""
_OPENPOSE_18 = tuple(joint for joint in _BODY_25 if joint != "mid_hip")
_BLAZEPOSE = (
    *("nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye"),
    *("right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb"),
    *("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
)
"""MediaPipe's, without the feet: developers.google.com/mediapipe/solutions/vision/pose_landmarker."""

SMALLEST_PX = 4.0
"""Where nobody is larger than this, places are not told in pixels, but in shares of the picture."""
SHARES = (
    "Shares of the picture, as MediaPipe has them, want to be multiplied by its width and height."
)
"""What to do about it."""

PLACES: Mapping[int, tuple[int, ...]] = {
    # COCO itself; Halpe and COCO-WholeBody begin with it
    **dict.fromkeys((17, 26, 133, 136), tuple(range(17))),
    18: tuple(_OPENPOSE_18.index(joint) for joint in COCO17.joints),
    25: tuple(_BODY_25.index(joint) for joint in COCO17.joints),
    33: tuple(_BLAZEPOSE.index(joint) for joint in COCO17.joints),
}
"""Number of keypoints → where each of COCO's stands."""
