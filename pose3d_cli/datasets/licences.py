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


def tier_of(source: str) -> str:
    """Return the tier of a source that is known, else nothing."""
    return _OF_SOURCE.get(source, "")


def strictest(*tiers: str) -> str:
    """Return the tier that binds them all."""
    return max(tiers, key=TIERS.index)


def check_licence(licence: str, *, tiers: Iterable[str]) -> None:
    """Refuse weights that would say they are freer than their data.

    Raises:
        UsageError: the data may not be used commercially and the licence does not say so.
    """
    if strictest("", *tiers) == "C" and "NC" not in licence.upper().replace("-", " ").split():
        raise UsageError(
            f'licence = "{licence}", but some sources of the mix may not be used commercially',
            hint="Leave out sources of tier C, or declare a licence such as CC-BY-NC-SA-4.0.",
        )
