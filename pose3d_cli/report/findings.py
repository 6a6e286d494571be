"""What somebody should know about a result before they use it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import uniform_filter1d

from pose3d_cli.errors import InputError
from pose3d_cli.report.spans import Span, said, spans_of
from pose3d_cli.report.swaps import jumps, limbs_exchanged
from pose3d_cli.sequences import Person, Result, Trust
from pose3d_cli.skeleton import H36M17

PARTS = {
    "feet": ("left_ankle", "right_ankle"),
    "knees": ("left_knee", "right_knee"),
    "hands": ("left_wrist", "right_wrist"),
    "elbows": ("left_elbow", "right_elbow"),
    "head": ("nose", "head"),
}
NEVER, HALF = 0.03, 0.6
"""Shares of the frames in which a part is seen."""
DOUBTFUL, DOUBT_S = 0.55, 0.4
"""A mean confidence below which a stretch of that length is worth a look."""
SURE, UNSURE = 0.8, 0.6
"""Chances that gravity is right: above the first it is relied upon, below the second not."""
ROUGH_FIT_M = 0.02
SLIDING_M_S = 0.1
OUTSIDE = 0.05
UPSIDE_DOWN_DEG = 135.0
LYING_DEG = 60.0
"""A trunk that is usually turned this far from upright in the picture lies, or the picture does."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and whether it is a reason to worry."""

    code: str
    """For scripts; stays the same when the sentence changes."""
    text: str
    worry: bool = False
    spans_s: tuple[Span, ...] = ()


def trust_of(person: Person) -> Trust:
    """Return what is known about how far the person can be believed.

    Raises:
        InputError: the result is of a version that did not tell.
    """
    if person.trust is None:
        raise InputError(
            f"person {person.id} has no confidence3d: the result is from an older pose3d",
            hint="Run `pose3d lift` again.",
        )
    return person.trust


def score(person: Person) -> float:
    """Return the mean chance that a joint is within 10 cm of the truth, the root left out."""
    return float(trust_of(person).confidence[:, 1:].mean())


def findings(result: Result, person: Person) -> tuple[Finding, ...]:
    """Return what there is to say about a person, what worries first."""
    trust = trust_of(person)
    every = [
        *_visible(person),
        *_outside(result, person),
        *_lying(person),
        *_mixed_up(person),
        *_doubtful(person, trust),
        _camera(trust),
        _focal(result),
        _scale(trust),
        *_feet(person, trust),
        _fit(trust),
    ]
    return tuple(sorted(every, key=lambda finding: not finding.worry))


def _visible(person: Person) -> Iterator[Finding]:
    seen = person.poses_2d
    gone = ~np.any(seen.observed, axis=1)
    if gone.any():
        spans = spans_of(gone, seen.times_s)
        text = f"Not seen at {said(spans)}: a guess there."
        yield Finding("out_of_sight", text, worry=True, spans_s=spans)
    for part, joints in PARTS.items():
        columns = [H36M17.index(joint) for joint in joints]
        share = (
            float(np.all(seen.observed[:, columns], axis=1)[~gone].mean())
            if not gone.all()
            else 0.0
        )
        if share < NEVER:
            yield Finding(
                f"{part}_never_seen", f"{part.capitalize()} never visible: a guess.", worry=True
            )
        elif share < HALF:
            text = f"{part.capitalize()} visible in only {share:.0%} of the frames."
            yield Finding(f"{part}_rarely_seen", text, worry=True)


def _outside(result: Result, person: Person) -> Iterator[Finding]:
    size = np.array([result.clip.width_px, result.clip.height_px])
    keypoints = person.poses_2d.keypoints_px
    edge = 0.005 * size
    cut = ((keypoints < edge) | (keypoints > size - edge)).any(-1) & person.poses_2d.observed
    cut = np.any(cut, axis=1)
    share = float(cut.mean())
    if share > OUTSIDE:
        spans = spans_of(cut, person.poses_2d.times_s)
        yield Finding(
            "cut_off",
            f"Cut off by the picture's edge in {share:.0%} of the frames.",
            worry=True,
            spans_s=spans,
        )


def _lying(person: Person) -> Iterator[Finding]:
    seen = person.poses_2d
    pelvis, thorax = H36M17.index("pelvis"), H36M17.index("thorax")
    x, y = (seen.keypoints_px[:, thorax] - seen.keypoints_px[:, pelvis]).T
    turned_deg = float(np.median(np.degrees(np.arctan2(np.abs(x), -y))))
    if turned_deg > LYING_DEG:
        aside_deg = 270 if np.median(x) > 0 else 90
        back_deg = 180 if turned_deg > UPSIDE_DOWN_DEG else aside_deg
        text = (
            f"Turned by {turned_deg:.0f}°: if the picture lies, lift it with --rotate {back_deg}."
        )
        yield Finding("lying", text, worry=True)


def _mixed_up(person: Person) -> Iterator[Finding]:
    seen = person.poses_2d
    for code, frames, what in (
        ("limbs_swapped", limbs_exchanged(seen), "left and right mixed up"),
        ("person_swapped", jumps(seen), "another person, or a cut,"),
    ):
        spans = spans_of(frames, seen.times_s)
        if spans:
            times = "once" if len(spans) == 1 else f"{len(spans)} times"
            yield Finding(
                code, f"Suspected {what} {times}: {said(spans)}.", worry=True, spans_s=spans
            )


def _doubtful(person: Person, trust: Trust) -> Iterator[Finding]:
    fps = float(person.poses_2d.fps)
    calm = uniform_filter1d(trust.confidence[:, 1:].mean(1), max(1, round(0.3 * fps)))
    spans = spans_of(calm < DOUBTFUL, person.poses_2d.times_s, shortest_s=DOUBT_S)
    if spans:
        yield Finding("doubtful", f"Hard to believe at {said(spans)}.", worry=True, spans_s=spans)


def _camera(trust: Trust) -> Finding:
    gravity = trust.gravity
    pitch, roll = math.degrees(gravity.pitch_rad), math.degrees(gravity.roll_rad)
    how = f"pitched {abs(pitch):.0f}° {'down' if pitch >= 0 else 'up'}"
    if abs(roll) >= 1:
        how += f", rolled {abs(roll):.0f}° {'clockwise' if roll > 0 else 'counter-clockwise'}"
    if gravity.source == "option":
        return Finding("gravity", f"Camera {how}, as told.")
    sure = gravity.confidence
    known = "reliable" if sure >= SURE else "likely" if sure >= UNSURE else "not to be relied on"
    source = gravity.source if gravity.source == "assumed" else f"estimated from {gravity.source}"
    text = f"Camera {how}, {source}: {known}, {sure:.0%} sure to be within 8°."
    return Finding("gravity", text, worry=sure < UNSURE)


def _focal(result: Result) -> Finding:
    camera = result.camera
    if camera.focal_source == "option":
        return Finding("focal", f"Focal length {camera.focal_px:.0f} px, as told.")
    if camera.focal_source == "metadata":
        return Finding("focal", f"Focal length {camera.focal_px:.0f} px, as the file says.")
    text = f"Focal length {camera.focal_px:.0f} px, {camera.focal_source}: depth may be stretched."
    return Finding("focal", text)


def _scale(trust: Trust) -> Finding:
    if trust.scale_source == "option":
        return Finding("scale", f"Scale from --height: {trust.height_m:.2f} m tall.")
    text = f"{trust.height_m:.2f} m tall, assumed from people on average; --height sets it."
    return Finding("scale", text)


def _feet(person: Person, trust: Trust) -> Iterator[Finding]:
    stands = trust.stands
    if not stands.any():
        yield Finding("never_stands", "No foot was found to stand on the floor.", worry=True)
        return
    speed_m_s = _standing_speed_m_s(person, trust)
    text = f"A foot stands on the floor in {stands.any(1).mean():.0%} of the frames"
    text += f", and slides at {100 * speed_m_s:.0f} cm/s while it does."
    yield Finding("feet", text, worry=speed_m_s > SLIDING_M_S)


def _standing_speed_m_s(person: Person, trust: Trust) -> float:
    ankles = [H36M17.index("left_ankle"), H36M17.index("right_ankle")]
    path: Float[np.ndarray, "f 2 2"] = person.world.positions_m[:, ankles][..., [0, 2]]
    still = trust.stands[1:] & trust.stands[:-1]
    speed = np.linalg.norm(np.diff(path, axis=0), axis=-1) * float(person.motion.fps)
    return float(speed[still].mean()) if still.any() else 0.0


def _fit(trust: Trust) -> Finding:
    every_m, seen_m = trust.fit_error_m, trust.fit_error_seen_m
    text = (
        f"The rig (constant bones, standing feet) is {1e3 * every_m:.1f} mm from the lifter's poses"
    )
    if seen_m is not None:
        text += f", {1e3 * seen_m:.1f} mm where joints were seen"
    return Finding("fit", f"{text}.", worry=(every_m if seen_m is None else seen_m) > ROUGH_FIT_M)
