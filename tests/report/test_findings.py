from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pose3d_cli.errors import InputError
from pose3d_cli.report.findings import Finding, findings, score, trust_of
from pose3d_cli.sequences import Gravity, Result
from pose3d_cli.skeleton import H36M17

LEFT = [H36M17.index(f"left_{joint}") for joint in ("knee", "ankle")]
RIGHT = [H36M17.index(f"right_{joint}") for joint in ("knee", "ankle")]


def told(result: Result) -> dict[str, Finding]:
    return {finding.code: finding for finding in findings(result, result.people[0])}


def changed(result: Result, *, seen: dict[str, Any] | None = None, **trust: Any) -> Result:
    (person,) = result.people
    poses = replace(person.poses_2d, **(seen or {}))
    sure = replace(trust_of(person), **trust)
    return replace(result, people=(replace(person, poses_2d=poses, trust=sure),))


def test_a_good_result_is_no_reason_to_worry(good: Result) -> None:
    assert [finding.text for finding in told(good).values() if finding.worry] == []
    assert score(good.people[0]) == pytest.approx(0.8)


def test_the_camera_the_scale_and_the_fit_are_always_told(good: Result) -> None:
    texts = {code: finding.text for code, finding in told(good).items()}
    assert texts["gravity"].startswith("Camera pitched 11° down, estimated from body and steps")
    assert "1.75 m tall" in texts["scale"]
    assert "10.0 mm" in texts["fit"]
    assert "1000 px, assumed" in texts["focal"]
    told_by_file = replace(good, camera=replace(good.camera, focal_source="metadata"))
    assert told(told_by_file)["focal"].text == "Focal length 1000 px, as the file says."


def test_what_was_told_is_not_doubted(good: Result) -> None:
    sure = Gravity(pitch_rad=-0.1, roll_rad=0.05, source="option", confidence=1.0)
    texts = told(changed(good, gravity=sure, scale_source="option", height_m=1.8))
    assert texts["gravity"].text == "Camera pitched 6° up, rolled 3° clockwise, as told."
    assert texts["scale"].text == "Scale from --height: 1.80 m tall."


def test_a_way_up_that_nobody_knows_is_a_worry(good: Result) -> None:
    guess = Gravity(pitch_rad=0.0, roll_rad=0.0, source="assumed", confidence=0.3)
    assert told(changed(good, gravity=guess))["gravity"].worry


@pytest.mark.parametrize(
    ("share", "code"), [(0.0, "feet_never_seen"), (0.4, "feet_rarely_seen"), (0.9, None)]
)
def test_parts_that_are_hardly_seen_are_named(good: Result, share: float, code: str | None) -> None:
    observed = np.ones((90, 17), bool)
    observed[int(90 * share) :, [3, 6]] = False
    texts = told(changed(good, seen={"observed": observed}))
    assert [name for name in texts if name.startswith("feet_")] == ([code] if code else [])


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_video_on_its_side_is_suspected_and_how_to_turn_it_told(
    good: Result, quarters: int
) -> None:
    x, y = np.moveaxis(good.people[0].poses_2d.keypoints_px, -1, 0)
    turned = np.stack([(x, y), (y, 1000 - x), (1000 - x, 1000 - y), (1000 - y, x)][quarters], -1)
    texts = told(changed(good, seen={"keypoints_px": turned}))
    assert ("lying" in texts) is (quarters > 0)
    # (x, y) → (y, 1000 − x) is a quarter turn counter-clockwise, which one clockwise undoes.
    assert quarters == 0 or f"--rotate {90 * quarters}." in texts["lying"].text


def test_a_moment_out_of_sight_has_its_time(good: Result) -> None:
    observed = np.ones((90, 17), bool)
    observed[30:45] = False
    finding = told(changed(good, seen={"observed": observed}))["out_of_sight"]
    np.testing.assert_allclose(finding.spans_s, [[1.0, 1.5]])
    assert "0:01.0–0:01.5" in finding.text


def test_legs_that_change_places_are_suspected_when_they_do(good: Result) -> None:
    keypoints = good.people[0].poses_2d.keypoints_px.copy()
    keypoints[:, LEFT] += [60, 0]
    keypoints[:, RIGHT] -= [60, 0]
    assert "limbs_swapped" not in told(changed(good, seen={"keypoints_px": keypoints}))
    keypoints[40:50, [*LEFT, *RIGHT]] = keypoints[40:50, [*RIGHT, *LEFT]]
    finding = told(changed(good, seen={"keypoints_px": keypoints}))["limbs_swapped"]
    assert [span[0] for span in finding.spans_s] == [pytest.approx(40 / 30), pytest.approx(50 / 30)]
    assert "2 times" in finding.text


def test_somebody_elsewhere_from_one_frame_to_the_next_is_suspected(good: Result) -> None:
    keypoints = good.people[0].poses_2d.keypoints_px.copy()
    keypoints[60:] += [700, 0]
    finding = told(changed(good, seen={"keypoints_px": keypoints}))["person_swapped"]
    assert [span[0] for span in finding.spans_s] == [pytest.approx(2.0)]


def test_doubtful_stretches_have_their_times(good: Result) -> None:
    confidence = np.full((90, 17), 0.8)
    confidence[30:60] = 0.2
    ((start, end),) = told(changed(good, confidence=confidence))["doubtful"].spans_s
    assert start == pytest.approx(1.0, abs=0.1)
    assert end == pytest.approx(2.0, abs=0.1)


def test_feet_that_slide_or_never_stand_are_a_worry(good: Result) -> None:
    nowhere = np.zeros((90, 2), bool)
    assert told(changed(good, stands=nowhere))["never_stands"].worry
    (person,) = good.people
    sliding = person.world.positions_m + np.linspace(0, 1, 90)[:, None, None] * [1, 0, 0]
    moved = replace(person, world=replace(person.world, positions_m=sliding))
    finding = told(replace(good, people=(moved,)))["feet"]
    assert finding.worry
    assert "34 cm/s" in finding.text


def test_the_fit_is_told_as_a_whole_and_where_joints_were_seen(good: Result) -> None:
    finding = told(changed(good, fit_error_m=0.025, fit_error_seen_m=0.011))["fit"]
    assert "25.0 mm" in finding.text
    assert "11.0 mm where joints were seen" in finding.text
    assert not finding.worry
    assert told(changed(good, fit_error_m=0.025, fit_error_seen_m=None))["fit"].worry


def test_who_touches_the_edge_is_cut_off(good: Result) -> None:
    keypoints = good.people[0].poses_2d.keypoints_px.copy()
    keypoints[:45, 3, 1] = 720
    assert "50%" in told(changed(good, seen={"keypoints_px": keypoints}))["cut_off"].text


def test_results_that_do_not_tell_are_refused(good: Result) -> None:
    older = replace(good.people[0], trust=None)
    with pytest.raises(InputError, match="older pose3d"):
        score(older)
