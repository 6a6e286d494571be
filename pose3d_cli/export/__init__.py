"""Write results to files; the suffix says which kind."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pose3d_cli.errors import UsageError
from pose3d_cli.export.bvh import write_people_bvh
from pose3d_cli.export.json_file import write_json
from pose3d_cli.sequences import Result

Writer = Callable[[Path, Result], tuple[Path, ...]]
"""Writes a result and returns the files that it became."""


def _write_one_json(path: Path, result: Result) -> tuple[Path, ...]:
    write_json(path, result)
    return (path,)


FORMATS: Mapping[str, Writer] = {
    ".bvh": write_people_bvh,
    ".json": _write_one_json,
    ".json.gz": _write_one_json,
}


def writer_for(path: Path) -> Writer:
    """Return what writes files that are called like ``path``.

    Raises:
        UsageError: the suffix is none that is known.
    """
    for suffix, writer in FORMATS.items():
        if path.name.lower().endswith(suffix):
            return writer
    raise UsageError(
        f"{path}: the format '{path.suffix}' is unknown", hint=f"Choose from {', '.join(FORMATS)}."
    )
