from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pose3d_cli.datasets.bodies import Bodies, coco_points
from pose3d_cli.datasets.cameras import Shot
from pose3d_cli.datasets.detector import LOST_BELOW, bridged, detected
from pose3d_cli.datasets.detector_errors import DetectorErrors
from pose3d_cli.datasets.hiding import size_of
from pose3d_cli.skeleton import COCO17

WIDE = torch.tensor([2.0, 2.0]).view(1, 1, 1, 2)
CALM = DetectorErrors(
    leg_swaps_hz=0.0,
    leg_snaps_hz=0.0,
    side_swaps_hz=0.0,
    misses_hz=0.0,
    jumps_hz=0.0,
    dropouts_hz=0.0,
    things=0.0,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def facing(t_pose: Tensor, *, clips: int = 60, frames: int = 60, turn: float = 1.0) -> Shot:
    """COCO's keypoints of somebody who faces the camera, or turns their back at ``turn`` −1."""
    points = coco_points(t_pose[:1, :1], bodies=Bodies(vary=False), generator=generator())
    seen = torch.stack([points[..., 0] * turn, 1 - points[..., 2], points[..., 1] * turn + 4], -1)
    axes = torch.eye(3).expand(clips, frames, 3, 3)
    return Shot(
        seen.expand(clips, frames, -1, -1), axes, torch.ones(clips), WIDE.expand(clips, 1, 1, 2)
    )


def look(
    shot: Shot,
    errors: DetectorErrors = CALM,
    *,
    noise: float = 1.0,
    fps: float = 30.0,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    frame_s = torch.full((len(shot.points_m),), 1 / fps)
    return detected(shot, errors=errors, noise=noise, frame_s=frame_s, generator=generator(seed))


def rays_of(shot: Shot) -> Tensor:
    return shot.points_m[..., :2] / shot.points_m[..., 2:]


def test_without_noise_everything_is_exact_and_sure(t_pose: Tensor) -> None:
    shot = facing(t_pose)

    found, confidence = look(shot, DetectorErrors(), noise=0.0)

    assert torch.equal(found, rays_of(shot))
    assert torch.equal(confidence, torch.ones_like(confidence))


def test_more_noise_is_further_off_in_proportion(t_pose: Tensor) -> None:
    shot = facing(t_pose)

    (whole, sure), (half, _) = (look(shot, noise=n) for n in (1.0, 0.5))

    kept = sure > 0
    assert kept.float().mean() > 0.9
    error, half_error = ((found - rays_of(shot))[kept] for found in (whole, half))
    torch.testing.assert_close(error, 2 * half_error, atol=1e-4, rtol=1e-3)


def test_errors_are_as_large_as_measured_on_real_clips(t_pose: Tensor) -> None:
    """Median 1.6 to 3.5 % of the person's height, within 5 % for 70 to 95 % of body joints."""
    shot = facing(t_pose, clips=150)
    found, _ = look(shot, DetectorErrors())

    size = size_of(rays_of(shot), edge=shot.edge)
    error = ((found - rays_of(shot)).norm(dim=-1) / size[..., 0])[:, :, 5:]
    middle = error.flatten(1).median(1).values.quantile(torch.tensor([0.25, 0.75]))
    assert 0.008 < middle[0] < middle[1] < 0.035
    assert 0.7 < (error < 0.05).float().mean() < 0.98
    wrist, shoulder = error[:, :, 4].median(), error[:, :, 0].median()
    assert wrist > 1.3 * shoulder


@pytest.mark.parametrize("fps", [30.0, 120.0])
def test_errors_take_time_to_change_whatever_the_frame_rate(t_pose: Tensor, fps: float) -> None:
    shot = facing(t_pose, frames=int(fps))
    error = look(shot, fps=fps)[0] - rays_of(shot)
    error = error - error.mean(1, keepdim=True)

    def alike(seconds: float) -> float:
        apart = max(round(seconds * fps), 1)
        return float((error[:, apart:] * error[:, :-apart]).mean() / error.square().mean())

    assert 0.3 < alike(1 / 30) < 0.85
    assert alike(0.4) < 0.15


def test_neighbouring_joints_err_together(t_pose: Tensor) -> None:
    shot = facing(t_pose, clips=400, frames=2)
    error = (look(shot)[0] - rays_of(shot))[:, 0]

    def alike(one: str, other: str) -> float:
        a, b = (error[:, COCO17.index(name)].flatten() for name in (one, other))
        return float(torch.corrcoef(torch.stack([a, b]))[0, 1])

    assert alike("left_knee", "left_ankle") > 0.25
    assert alike("left_knee", "left_ankle") > alike("left_ankle", "right_wrist") + 0.1


def test_a_body_is_hardly_ever_in_doubt_and_a_face_from_behind_is(t_pose: Tensor) -> None:
    _, front = look(facing(t_pose))
    _, back = look(facing(t_pose, turn=-1.0))

    assert front[:, :, 5:].median() > 0.95
    assert (front[:, :, 5:] > 0).float().mean() > 0.97
    assert (front[:, :, :3] > 0.5).float().mean() > 0.9
    assert (back[:, :, :3] == 0).float().mean() > 0.5
    assert back[:, :, 5:].median() > 0.95


def test_whoever_is_less_sure_than_the_threshold_is_lost(t_pose: Tensor) -> None:
    _, confidence = look(facing(t_pose), DetectorErrors())

    assert ((confidence == 0) | ((confidence >= LOST_BELOW) & (confidence <= 1))).all()


def test_legs_are_exchanged_at_their_rate(t_pose: Tensor) -> None:
    shot = facing(t_pose, clips=200)
    swaps = replace(CALM, leg_swaps_hz=1.0)
    left, right = COCO17.index("left_ankle"), COCO17.index("right_ankle")

    def crossed(errors: DetectorErrors) -> Tensor:
        found, _ = look(shot, errors)
        return found[:, :, left, 0] < found[:, :, right, 0]

    never, often = crossed(CALM), crossed(swaps)
    assert not never.any()
    assert 0.03 < often.float().mean() < 0.4
    begins = (often[:, 1:] & ~often[:, :-1]).sum(1)
    assert begins.max() < 15  # bursts, not flicker


def test_a_leg_is_laid_onto_the_other(t_pose: Tensor) -> None:
    shot = facing(t_pose, clips=120)
    found, confidence = look(shot, replace(CALM, leg_snaps_hz=1.0))

    apart = (found[:, :, 13] - found[:, :, 14]).norm(dim=-1)
    exact = (rays_of(shot)[:, :, 13] - rays_of(shot)[:, :, 14]).norm(dim=-1)
    snapped = apart < 0.15 * exact
    assert 0.05 < snapped.float().mean() < 0.6
    assert confidence[:, :, 13][snapped].median() > 0.9  # and sure of it


def test_people_who_lean_are_mixed_up_more(t_pose: Tensor) -> None:
    shot = facing(t_pose, clips=200)
    level = replace(shot, points_m=shot.points_m[..., [1, 0, 2]] * torch.tensor([1.0, -1, 1]))
    errors = replace(CALM, leg_swaps_hz=0.3)

    def mixed_up(shot: Shot) -> float:
        error = look(shot, errors)[0] - rays_of(shot)
        return float((error[:, :, 15].norm(dim=-1) > 0.04).float().mean())

    assert mixed_up(level) > 2 * mixed_up(shot)


def test_whatever_is_beyond_the_picture_is_lost_or_at_its_edge(t_pose: Tensor) -> None:
    shot = facing(t_pose)
    between = rays_of(shot)[0, 0, [13, 15], 1].mean()  # knees and ankles
    cut = torch.stack([torch.tensor(2.0), between]).view(1, 1, 1, 2).expand(60, 1, 1, 2)

    found, confidence = look(replace(shot, edge=cut))

    assert (found.abs() <= cut + 1e-6).all()
    assert (confidence[:, :, 15:] == 0).float().mean() > 0.9
    assert (confidence[:, :, 5:15] > 0).float().mean() > 0.95


def test_gaps_in_straight_motion_are_bridged_exactly() -> None:
    time = torch.arange(20.0)
    rays = (torch.tensor([0.1, -0.2]) * time[:, None]).expand(1, 3, 20, 2).transpose(1, 2)
    lost = torch.zeros(1, 20, 3, dtype=torch.bool)
    lost[0, 5:9, 0] = True
    lost[0, 12:17, 0] = True
    lost[0, :4, 1] = True
    garbled = rays.masked_fill(lost[..., None], 99.0)

    bridged_rays = bridged(garbled, lost=lost)

    torch.testing.assert_close(bridged_rays[:, :, 0], rays[:, :, 0])
    torch.testing.assert_close(bridged_rays[0, :4, 1], rays[0, 4:5, 1].expand(4, 2))  # held
    assert torch.equal(bridged_rays[:, :, 2], rays[:, :, 2])
