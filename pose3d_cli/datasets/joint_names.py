"""Find the joints of a body by the names that programs and databases give them."""

import re
from collections.abc import Sequence

from pose3d_cli.errors import InputError

_SIDED = {
    "hip": ("leftupleg", "leftupperleg", "leftthigh", "lfemur", "lthigh", "lupleg", "thighl",
            "upperlegl", "lefthip", "lhip"),
    "knee": ("leftleg", "leftlowleg", "leftlowerleg", "leftshin", "ltibia", "lshin", "lcalf",
             "calfl", "shinl", "lowerlegl", "leftknee", "lknee"),
    "ankle": ("leftfoot", "lfoot", "footl", "leftankle", "lankle"),
    "toe": ("lefttoebase", "lefttoe", "ltoes", "ltoe", "toel", "balll", "lefttoes"),
    "shoulder": ("leftarm", "leftuparm", "leftupperarm", "lhumerus", "lupperarm", "luparm",
                 "upperarml", "lshldr", "leftshoulder", "lshoulder"),
    "elbow": ("leftforearm", "leftlowarm", "leftlowerarm", "lradius", "lforearm", "llowarm",
              "lowerarml", "forearml", "leftelbow", "lelbow"),
    "wrist": ("lefthand", "lwrist", "lhand", "handl", "leftwrist"),
}  # fmt: skip
"""Names of the left side, the surest first: a shoulder may be a collar bone, an arm is none."""
_HEADS = ("head",)
OPTIONAL = ("left_toe", "right_toe")


def joints_by_role(names: Sequence[str]) -> dict[str, int]:
    """Return which joint is the head, the left hip and so on.

    Raises:
        InputError: one that a body needs is not there.
    """
    plain = {_plain(name): index for index, name in reversed(list(enumerate(names)))}
    wanted: dict[str, tuple[str, ...]] = {"head": _HEADS}
    for part, left in _SIDED.items():
        wanted[f"left_{part}"] = left
        wanted[f"right_{part}"] = tuple(map(_other_side, left))
    roles = {}
    for role, candidates in wanted.items():
        found = next((plain[name] for name in candidates if name in plain), None)
        if found is not None:
            roles[role] = found
        elif role not in OPTIONAL:
            raise InputError(
                f"no joint is a {role.replace('_', ' ')} by its name: {', '.join(names[:40])}",
                hint="Names as in CMU's, Mixamo's or Bandai-Namco's files are known.",
            )
    return roles


def _plain(name: str) -> str:
    """Leave out case, prefixes as in ``mixamorig:LeftArm``, and what separates words."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(":", maxsplit=1)[-1].lower()).removeprefix(
        "mixamorig"
    )


def _other_side(left: str) -> str:
    if left.startswith("left"):
        return "right" + left.removeprefix("left")
    return left[:-1] + "r" if left.endswith("l") else "r" + left[1:]
