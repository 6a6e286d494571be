"""The parts of ``result.json`` that hold for the whole clip, to plain values and back."""

from fractions import Fraction
from pathlib import Path

from pose3d_cli.export.fields import Fields
from pose3d_cli.filming import AS_FILED, QUARTERS_DEG, Filming
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.sequences import Clip, ModelUsed
from pose3d_cli.skeleton import Skeleton


def clip_document(clip: Clip) -> dict[str, object]:
    """Return what is kept of a clip: its name, but not its folder."""
    return {
        "name": clip.path.name,
        "width_px": clip.width_px,
        "height_px": clip.height_px,
        "rotation_deg": clip.rotation_deg,
        "fps": {"num": clip.fps.numerator, "den": clip.fps.denominator},
        "claimed_frames": clip.claimed_frames,
        "has_audio": clip.has_audio,
        "filming": filming_document(clip.filming),
    }


def clip_of(source: Fields) -> Clip:
    """Return the clip, its path the bare name."""
    fps = source.object("fps")
    return Clip(
        path=Path(source.text("name")),
        width_px=source.whole("width_px", minimum=1),
        height_px=source.whole("height_px", minimum=1),
        fps=_fraction(fps),
        rotation_deg=source.whole("rotation_deg"),
        has_audio=source.flag("has_audio"),
        claimed_frames=source.whole("claimed_frames"),
        filming=filming_of(source.object("filming")) if "filming" in source else AS_FILED,
    )


def filming_document(filming: Filming) -> dict[str, object]:
    """Return what the file does not tell."""
    slower = filming.slow_motion
    return {
        "turn_deg": filming.turn_deg,
        "mirrored": filming.mirrored,
        "slow_motion": {"num": slower.numerator, "den": slower.denominator},
    }


def filming_of(filming: Fields) -> Filming:
    """Return what the file does not tell."""
    turn_deg = filming.whole("turn_deg")
    if turn_deg not in QUARTERS_DEG:
        filming.reject("turn_deg", f"is {turn_deg}, no quarter turn")
    return Filming(
        turn_deg=turn_deg,
        mirrored=filming.flag("mirrored"),
        slow_motion=_fraction(filming.object("slow_motion")),
    )


def _fraction(fields: Fields) -> Fraction:
    return Fraction(fields.whole("num", minimum=1), fields.whole("den", minimum=1))


def coordinates_document(camera: Camera) -> dict[str, object]:
    """Return the conventions of ``sequences.py`` in words, and the camera."""
    return {
        "unit": "m",
        "handedness": "right",
        "up": "+y",
        "forward": "+z, towards the camera",
        "floor_y": 0.0,
        "camera": {
            "model": "pinhole",
            "axes": "x right, y down, z forward",
            "width_px": camera.width_px,
            "height_px": camera.height_px,
            "focal_px": camera.focal_px,
            "focal_source": camera.focal_source,
            "centre_px": camera.centre_px.tolist(),
        },
    }


def camera_of(camera: Fields) -> Camera:
    """Return the camera."""
    return Camera(
        width_px=camera.whole("width_px", minimum=1),
        height_px=camera.whole("height_px", minimum=1),
        focal_px=camera.positive("focal_px"),
        focal_source=camera.text("focal_source"),
    )


def model_document(model: ModelUsed) -> dict[str, object]:
    """Return the provenance of a network."""
    return {
        "role": model.role,
        "name": model.name,
        "sha256": model.sha256,
        "license": model.licence,
    }


def model_of(model: Fields) -> ModelUsed:
    """Return the provenance of a network."""
    return ModelUsed(
        role=model.text("role"),
        name=model.text("name"),
        sha256=model.text("sha256"),
        licence=model.text("license"),
    )


def skeleton_document(skeleton: Skeleton) -> dict[str, object]:
    """Return a skeleton with everything that names and draws it."""
    return {
        "name": skeleton.name,
        "joints": list(skeleton.joints),
        "parents": list(skeleton.parents),
        "left_right_pairs": [list(pair) for pair in skeleton.mirror_pairs],
    }


def skeleton_of(fields: Fields) -> Skeleton:
    """Return the skeleton, checked to be a tree."""
    joints = fields.texts("joints")
    count = len(joints)
    parents = fields.indices("parents", shape=(count,), within=range(-1, count)).tolist()
    pairs = fields.indices("left_right_pairs", shape=(None, 2), within=range(count)).tolist()
    if parents[0] != -1 or any(not 0 <= parents[joint] < joint for joint in range(1, count)):
        fields.reject("parents", "is no tree in which parents come before children")
    return Skeleton(
        name=fields.text("name"),
        joints=joints,
        parents=tuple(parents),
        mirror_pairs=tuple((left, right) for left, right in pairs),
    )
