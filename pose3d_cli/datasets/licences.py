"""What recorded motion may be used for, and so the weights that learn from it.

S  our own, made up by rules           A  free, commercial use too
B  the same, but what comes of it goes under the same licence (CC BY-SA)
C  not commercially (CC BY-NC)
"""

from collections.abc import Iterable

from pose3d_cli.errors import UsageError

TIERS = ("", "S", "A", "B", "C")
"""From the freest to the strictest; the first is for what nobody knows."""

_OF_SOURCE = {
    "PROC": "S",
    "CMU": "A",
    "DeepMimic": "A",
    "ACCAD": "A",
    "HDM05": "B",
    "Bandai": "C",
    "SIE": "C",
}

_CONDITIONS = {"NC": "may not be used commercially", "SA": "must be shared alike"}
"""What Creative Commons' licences ask for, and what it means."""
_CONDITION_OF_TIER = {"B": "SA", "C": "NC"}


def tier_of(source: str) -> str:
    """Return the tier of a source that is known, else nothing."""
    return _OF_SOURCE.get(source, "")


def strictest(*tiers: str) -> str:
    """Return the tier that binds them all."""
    return max(tiers, key=TIERS.index)


def check_licence(licence: str, *, tiers: Iterable[str], of_start: str = "") -> None:
    """Refuse weights that would say they are freer than what they come from.

    Args:
        licence: what the weights would say, such as "CC-BY-SA-4.0".
        tiers: of the motion that they learn from.
        of_start: the licence of the weights that they start from.

    Raises:
        UsageError: what they come from makes a condition that the licence does not have.
    """
    needed = {_CONDITION_OF_TIER[tier] for tier in tiers if tier in _CONDITION_OF_TIER}
    missing = (needed | _conditions(of_start)) - _conditions(licence)
    if missing:
        reasons = " and ".join(_CONDITIONS[condition] for condition in sorted(missing))
        raise UsageError(
            f'licence = "{licence}", but some of what these weights come from {reasons}',
            hint=f"Declare a licence with {' and '.join(sorted(missing))} in it, such as "
            "CC-BY-SA-4.0 or CC-BY-NC-SA-4.0, or leave those sources out.",
        )


def _conditions(licence: str) -> set[str]:
    return _CONDITIONS.keys() & set(licence.upper().replace("-", " ").split())
