"""The parts of ``result.json`` that say how far a person's motion can be believed.

Results of versions before 1.1 of the schema have none of them.
"""

import math
from dataclasses import replace

import numpy as np

from pose3d_cli.export.fields import Fields
from pose3d_cli.sequences import Gravity, Trust

CONFIDENCE_DECIMALS = 2
DEGREE_DECIMALS = 3
HEIGHT_M_DECIMALS = 3
FIT_M_DECIMALS = 4


def rounded_trust(trust: Trust) -> Trust:
    """Return the trust as a file stores it."""
    seen_m = trust.fit_error_seen_m
    gravity = replace(
        trust.gravity,
        pitch_rad=math.radians(_degrees(trust.gravity.pitch_rad)),
        roll_rad=math.radians(_degrees(trust.gravity.roll_rad)),
        confidence=round(trust.gravity.confidence, CONFIDENCE_DECIMALS),
    )
    return replace(
        trust,
        confidence=np.round(np.array(trust.confidence, order="C"), CONFIDENCE_DECIMALS) + 0.0,
        # NPZ tells rows from columns first: the same table is the same bytes.
        stands=np.array(trust.stands, order="C"),
        gravity=gravity,
        height_m=round(trust.height_m, HEIGHT_M_DECIMALS),
        fit_error_m=round(trust.fit_error_m, FIT_M_DECIMALS),
        fit_error_seen_m=None if seen_m is None else round(seen_m, FIT_M_DECIMALS),
    )


def trust_document(trust: Trust) -> dict[str, object]:
    """Return what a person's part of the document says besides."""
    gravity = trust.gravity
    return {
        "confidence3d": trust.confidence,
        "foot_contacts": trust.stands,
        "gravity": {
            "camera_pitch_deg": _degrees(gravity.pitch_rad),
            "camera_roll_deg": _degrees(gravity.roll_rad),
            "source": gravity.source,
            "confidence": gravity.confidence,
        },
        "scale": {"height_m": trust.height_m, "source": trust.scale_source},
        "fit_error_m": trust.fit_error_m,
        "fit_error_seen_m": trust.fit_error_seen_m,
    }


def trust_of(person: Fields, *, frames: int, joints: int) -> Trust | None:
    """Return it again, None if the person has none.

    Raises:
        InputError: something is missing or does not fit.
    """
    if "confidence3d" not in person.values:
        return None
    gravity, scale = person.object("gravity"), person.object("scale")
    tells_seen = person.values.get("fit_error_seen_m") is not None
    return Trust(
        confidence=person.numbers("confidence3d", shape=(frames, joints)),
        stands=person.flags("foot_contacts", shape=(frames, 2)),
        gravity=Gravity(
            pitch_rad=math.radians(float(gravity.numbers("camera_pitch_deg", shape=()))),
            roll_rad=math.radians(float(gravity.numbers("camera_roll_deg", shape=()))),
            source=gravity.text("source"),
            confidence=float(gravity.numbers("confidence", shape=())),
        ),
        height_m=scale.positive("height_m"),
        scale_source=scale.text("source"),
        fit_error_m=float(person.numbers("fit_error_m", shape=())),
        fit_error_seen_m=float(person.numbers("fit_error_seen_m", shape=()))
        if tells_seen
        else None,
    )


def _degrees(angle_rad: float) -> float:
    return round(math.degrees(angle_rad), DEGREE_DECIMALS) + 0.0
