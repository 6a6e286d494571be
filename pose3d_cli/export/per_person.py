"""Formats whose files hold one person: several people become several files."""

from pathlib import Path


def one_path_a_person(path: Path, count: int, *, suffix: str | None = None) -> tuple[Path, ...]:
    """Return ``x.bvh`` for one person; ``x.1.bvh``, ``x.2.bvh``, … for several.

    The suffix need only be told if it is one of two parts, such as ``.angles.png``.
    """
    if count == 1:
        return (path,)
    length = len(suffix or path.suffix)
    stem, ending = path.name[:-length], path.name[-length:]
    return tuple(path.with_name(f"{stem}.{number}{ending}") for number in range(1, count + 1))
