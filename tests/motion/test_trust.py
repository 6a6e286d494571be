from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.motion.rig import h36m_positions
from pose3d_cli.motion.settings import MotionSettings, Root
from pose3d_cli.motion.solve import Sighting, solve
from pose3d_cli.motion.stature import stature_m
from pose3d_cli.motion.trust import LOST, LOST_S
from pose3d_cli.sequences import Motion, Person, Trust
from pose3d_cli.skeleton import H36M17

WRIST = H36M17.index("left_wrist")
FREE = MotionSettings(pin_feet=False)


@pytest.fixture
def seen(walk: Callable[..., Motion], film: Callable[..., Any]) -> Any:
    return film(walk(heading_rad=0.5), distance_m=6)


def solved(
    seen: Any,
    camera: Camera,
    settings: MotionSettings = FREE,
    *,
    doubt_m: float = 0.02,
    **changed: Any,
) -> Person:
    doubts = np.full(seen.poses_2d.confidence.shape, doubt_m)
    lifted = replace(seen.poses_3d, doubt_m=doubts)
    sighting = Sighting(3, replace(seen.poses_2d, **changed), lifted)
    (person,) = solve([sighting], camera=camera, settings=settings)
    return person


def trust(person: Person) -> Trust:
    assert person.trust is not None
    return person.trust


def test_confidence_is_a_chance_and_ends_of_limbs_are_the_least_certain(
    seen: Any, camera: Camera
) -> None:
    confidence = trust(solved(seen, camera)).confidence
    assert confidence.min() > 0
    assert confidence.max() <= 1
    middle = np.median(confidence, axis=0)
    assert middle[H36M17.index("left_ankle")] < middle[H36M17.index("left_knee")]
    assert middle[WRIST] < middle[H36M17.index("left_elbow")] < middle[H36M17.index("left_hip")]


def test_less_and_less_is_believed_of_who_is_lost(seen: Any, camera: Camera) -> None:
    observed, fps = seen.poses_2d.observed.copy(), float(seen.poses_2d.fps)
    observed[20:80] = False
    person = solved(seen, camera, observed=observed)
    odds = np.log(trust(person).confidence / (1 - trust(person).confidence))
    near, far = 20 + round(LOST_S * fps), 20 + round(4 * LOST_S * fps)
    lost = np.log(person.poses_2d.lost_s[[near, far]] / LOST_S)
    np.testing.assert_allclose(odds[near] - odds[far], LOST * (lost[1] - lost[0]), rtol=1e-6)
    assert odds[50, WRIST] < odds[far, WRIST] < odds[near, WRIST]


def test_less_is_believed_of_what_was_not_seen(seen: Any, camera: Camera) -> None:
    observed = seen.poses_2d.observed.copy()
    observed[20:40, WRIST] = False
    less = trust(solved(seen, camera, observed=observed)).confidence[20:40, WRIST]
    assert (less < trust(solved(seen, camera)).confidence[20:40, WRIST] - 0.05).all()


def test_less_is_believed_where_the_lifter_disagrees_with_itself(seen: Any, camera: Camera) -> None:
    sure, unsure = (trust(solved(seen, camera, doubt_m=d)).confidence for d in (0.02, 0.2))
    assert (unsure <= sure).all()
    assert (unsure[:, WRIST] < sure[:, WRIST] - 0.1).all()


def test_less_is_believed_where_the_rig_is_not_where_the_joint_was_seen(
    seen: Any, camera: Camera
) -> None:
    keypoints = seen.poses_2d.keypoints_px.copy()
    keypoints[:, WRIST] += 100
    less = trust(solved(seen, camera, keypoints_px=keypoints)).confidence[:, WRIST]
    assert (less < trust(solved(seen, camera)).confidence[:, WRIST] - 0.1).all()


def test_poses_that_fit_the_rig_have_no_fit_error(seen: Any, camera: Camera) -> None:
    assert trust(solved(seen, camera, replace(FREE, cutoff_hz=0.0))).fit_error_m < 1e-5


def test_what_the_lifter_dreams_of_unseen_joints_is_told_apart_in_the_fit(
    seen: Any, camera: Camera
) -> None:
    poses, observed = seen.poses_3d.positions_m.copy(), seen.poses_2d.observed.copy()
    poses[20:30, WRIST] *= 1.3
    observed[20:30, WRIST] = False
    dreamt = SimpleNamespace(
        poses_2d=seen.poses_2d, poses_3d=replace(seen.poses_3d, positions_m=poses)
    )
    raw = replace(FREE, cutoff_hz=0.0)
    unseen, believed = (
        trust(solved(dreamt, camera, raw, observed=mask))
        for mask in (observed, np.ones_like(observed))
    )
    assert unseen.fit_error_m == pytest.approx(believed.fit_error_m, rel=0.05)
    assert believed.fit_error_seen_m == pytest.approx(believed.fit_error_m)
    assert unseen.fit_error_seen_m is not None
    assert unseen.fit_error_seen_m < 0.8 * unseen.fit_error_m
    nothing = trust(solved(dreamt, camera, raw, observed=np.zeros_like(observed)))
    assert nothing.fit_error_seen_m is None


def test_people_are_as_tall_as_is_said(seen: Any, camera: Camera) -> None:
    usual = trust(solved(seen, camera))
    tall = solved(seen, camera, replace(FREE, height_m=1.5))
    assert usual.scale_source == "prior"
    assert trust(tall).scale_source == "option"
    assert trust(tall).height_m == pytest.approx(1.5, abs=0.001)
    assert tall.motion.root_m[-1] - tall.motion.root_m[0] == pytest.approx(
        1.5 / usual.height_m * np.diff(solved(seen, camera).motion.root_m[[0, -1]], axis=0)[0],
        abs=0.02,
    )


def test_a_root_in_the_cameras_frame_is_where_the_camera_sees_it(seen: Any, camera: Camera) -> None:
    person = solved(seen, camera, replace(FREE, root=Root.CAMERA, cutoff_hz=0.0))
    expected = seen.positions_camera_m * [1, -1, -1]
    np.testing.assert_allclose(person.world.positions_m, expected, atol=1e-3)
    np.testing.assert_allclose(h36m_positions(person.motion), expected, atol=1e-3)
    np.testing.assert_allclose(person.world.camera_from_world, np.diag([1, -1, -1, 1]), atol=1e-12)


def test_a_rig_in_place_turns_and_jumps_but_does_not_travel(seen: Any, camera: Camera) -> None:
    travelling = solved(seen, camera)
    still = solved(seen, camera, replace(FREE, root=Root.INPLACE))
    np.testing.assert_array_equal(still.motion.root_m[:, [0, 2]], 0)
    np.testing.assert_array_equal(still.motion.root_m[:, 1], travelling.motion.root_m[:, 1])
    np.testing.assert_array_equal(still.motion.rotations_wxyz, travelling.motion.rotations_wxyz)
    np.testing.assert_array_equal(still.world.positions_m, travelling.world.positions_m)


def test_a_tilt_that_was_told_is_certain(seen: Any, camera: Camera) -> None:
    gravity = trust(solved(seen, camera, replace(FREE, camera_pitch_rad=0.2))).gravity
    assert (gravity.pitch_rad, gravity.roll_rad) == (0.2, 0.0)
    assert (gravity.source, gravity.confidence) == ("option", 1.0)


def test_the_number_of_the_person_stays(seen: Any, camera: Camera) -> None:
    assert solved(seen, camera).id == 3


def test_human36ms_people_are_of_usual_height() -> None:
    trunk_and_leg = {"spine": 0.2333, "thorax": 0.2571, "left_knee": 0.4429, "left_ankle": 0.4545}
    lengths = np.array([trunk_and_leg.get(joint, 0.15) for joint in H36M17.joints])
    assert stature_m(lengths) == pytest.approx(1.78, abs=0.01)
