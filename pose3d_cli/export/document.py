"""A result as plain nested values, the shape of ``result.json``; ``schema.json`` specifies it.

Columns hold one row per frame. Their frames are ``start`` … ``start + count`` of ``time_s``.
"""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from jaxtyping import Float64

from pose3d_cli import __version__
from pose3d_cli.errors import InputError
from pose3d_cli.export.fields import Fields
from pose3d_cli.export.header import (
    camera_of,
    clip_document,
    clip_of,
    coordinates_document,
    model_document,
    model_of,
    skeleton_document,
    skeleton_of,
)
from pose3d_cli.export.precision import rounded
from pose3d_cli.export.trust_fields import trust_document, trust_of
from pose3d_cli.sequences import (
    Motion,
    Person,
    Pose2DSequence,
    Pose3DSequence,
    Result,
    WorldPoses,
)
from pose3d_cli.skeleton import H36M17, RIG, Skeleton

FORMAT = "pose3d"
SCHEMA_VERSION = "1.1"
"""Readers ignore keys that they do not know; a new major version is one they would misread."""


def document_of(result: Result) -> dict[str, object]:
    """Return the document that holds a result, rounded, its per-frame columns still arrays.

    Raises:
        ValueError: poses differ in skeleton, or their times or rate are not the clip's.
    """
    result = rounded(result)
    people = result.people
    for person in people:
        _check_times(person, result)
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "generator": {"name": "pose3d", "version": __version__},
        "models": [model_document(model) for model in result.models],
        "source": clip_document(result.clip),
        "coordinates": coordinates_document(result.camera),
        "skeleton": skeleton_document(_common(map(_pose_skeleton, people), H36M17)),
        "rig": skeleton_document(_common((p.motion.skeleton for p in people), RIG)),
        "time_s": result.times_s,
        "people": [_person_document(person) for person in people],
    }


def result_of(document: Fields) -> Result:
    """Return the result that a document holds.

    Raises:
        InputError: a key is missing or does not fit, or the version is one from the future.
    """
    _check_version(document)
    clip = clip_of(document.object("source"))
    times_s = document.numbers("time_s", shape=(None,))
    if np.any(np.diff(times_s) < 0):
        document.reject("time_s", "runs backwards")
    skeleton, rig = (skeleton_of(document.object(key)) for key in ("skeleton", "rig"))
    return Result(
        clip=clip,
        times_s=times_s,
        camera=camera_of(document.object("coordinates").object("camera")),
        people=tuple(
            _person_of(fields, times_s=times_s, fps=clip.fps, skeleton=skeleton, rig=rig)
            for fields in document.objects("people")
        ),
        models=tuple(model_of(fields) for fields in document.objects("models")),
    )


def _check_version(document: Fields) -> None:
    if document.values.get("format") != FORMAT:
        document.reject("format", f'is not "{FORMAT}"')
    version = document.text("schema_version")
    major = version.partition(".")[0]
    if not major.isdecimal():
        document.reject("schema_version", f"is '{version}', expected something like 1.0")
    if int(major) > int(SCHEMA_VERSION.partition(".")[0]):
        raise InputError(
            f"{document.file}: schema_version is {version}, but {SCHEMA_VERSION} is the newest"
            " that this pose3d reads",
            hint="Upgrade pose3d.",
        )


def _person_document(person: Person) -> dict[str, object]:
    seen, motion = person.poses_2d, person.motion
    return {
        "id": person.id,
        "start": seen.first_frame,
        "count": len(seen.times_s),
        "camera_from_world": person.world.camera_from_world,
        "rig_offsets_m": motion.offsets_m,
        "keypoints2d": np.dstack([seen.keypoints_px, seen.confidence]),
        "observed": seen.observed,
        "joints3d_raw": person.poses_3d.positions_m,
        "joints3d": person.world.positions_m,
        "root": motion.root_m,
        "local_quat_wxyz": motion.rotations_wxyz,
        **({} if person.trust is None else trust_document(person.trust)),
    }


def _person_of(
    fields: Fields,
    *,
    times_s: Float64[np.ndarray, " f"],
    fps: Fraction,
    skeleton: Skeleton,
    rig: Skeleton,
) -> Person:
    start, count = fields.whole("start"), fields.whole("count", minimum=1)
    if start + count > len(times_s):
        fields.reject("count", f"reaches frame {start + count}, but time_s has {len(times_s)}")
    times_s = times_s[start : start + count]
    joints = (count, len(skeleton))
    keypoints = fields.numbers("keypoints2d", shape=(*joints, 3))
    return Person(
        id=fields.whole("id"),
        poses_2d=Pose2DSequence(
            skeleton=skeleton,
            first_frame=start,
            times_s=times_s,
            fps=fps,
            keypoints_px=keypoints[..., :2],
            confidence=keypoints[..., 2],
            observed=fields.flags("observed", shape=joints),
        ),
        poses_3d=Pose3DSequence(
            skeleton, times_s, fps, fields.numbers("joints3d_raw", shape=(*joints, 3))
        ),
        world=WorldPoses(
            skeleton,
            fields.numbers("joints3d", shape=(*joints, 3)),
            fields.numbers("camera_from_world", shape=(4, 4)),
        ),
        motion=Motion(
            skeleton=rig,
            times_s=times_s,
            fps=fps,
            offsets_m=fields.numbers("rig_offsets_m", shape=(len(rig), 3)),
            root_m=fields.numbers("root", shape=(count, 3)),
            rotations_wxyz=fields.numbers("local_quat_wxyz", shape=(count, len(rig), 4)),
        ),
        trust=trust_of(fields, frames=count, joints=len(skeleton)),
    )


def _pose_skeleton(person: Person) -> Skeleton:
    poses = (person.poses_2d, person.poses_3d, person.world)
    return _common((pose.skeleton for pose in poses), otherwise=H36M17)


def _common(skeletons: Iterable[Skeleton], otherwise: Skeleton) -> Skeleton:
    found = list(skeletons) or [otherwise]
    if any(skeleton != found[0] for skeleton in found):
        raise ValueError("the poses of one result must share one skeleton")
    return found[0]


def _check_times(person: Person, result: Result) -> None:
    start, count = person.poses_2d.first_frame, len(person.poses_2d.times_s)
    expected = result.times_s[start : start + count]
    for sequence in (person.poses_2d, person.poses_3d, person.motion):
        if not np.array_equal(sequence.times_s, expected) or sequence.fps != result.clip.fps:
            raise ValueError(f"person {person.id} has other times or another rate than the clip")
