"""Formats whose files hold one person: several people become several files."""

from pathlib import Path


def one_path_a_person(path: Path, count: int) -> tuple[Path, ...]:
    """Return ``x.bvh`` for one person; ``x.1.bvh``, ``x.2.bvh``, … for several."""
    if count == 1:
        return (path,)
    return tuple(path.with_suffix(f".{number}{path.suffix}") for number in range(1, count + 1))
