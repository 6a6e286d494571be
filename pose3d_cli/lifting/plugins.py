"""Which lifters there are: ours, two others, and whatever other packages bring.

A package adds one by an entry point in the group ``pose3d.lifters``, whose name users put before
the file, ``--lifter NAME:FILE``, and which leads to a function like ``open_motionbert``:

    [project.entry-points."pose3d.lifters"]
    mine = "my_package:open_lifter"    # (path, *, device, flip) -> pose3d_cli.lifting.Lifter
"""

import functools
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from pose3d_cli.errors import UsageError
from pose3d_cli.lifting import Lifter
from pose3d_cli.lifting.kinds import kind_and_file
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.lifting.others import motionagformer
from pose3d_cli.lifting.others.lifter import open_motionagformer, open_motionbert

GROUP = "pose3d.lifters"

OpenLifter = Callable[..., Lifter]
"""A path and the keywords ``device`` and ``flip`` in; a lifter that is ready to run out."""

BUILT_IN: dict[str, OpenLifter] = {
    "sasmamba": SasMambaLifter.from_file,
    "motionbert": open_motionbert,
    "motionagformer-xs": functools.partial(open_motionagformer, motionagformer.XS),
    "motionagformer-s": functools.partial(open_motionagformer, motionagformer.S),
    "motionagformer-b": functools.partial(open_motionagformer, motionagformer.B),
    "motionagformer-l": functools.partial(open_motionagformer, motionagformer.L),
}


def open_named(
    name: str, *, fetched: Callable[[str], Path], device: str, flip: bool = True
) -> Lifter:
    """Load a SasMamba, by name or file, or another lifter as ``KIND:FILE``.

    Args:
        name: what a user wrote.
        fetched: returns the file of a name.
        device: cpu, cuda or mps.
        flip: average with the mirrored clip's result.

    Raises:
        WeightsError: it is unknown, cannot be fetched, or is another kind of file.
        UsageError: there is no such kind of lifter.
    """
    kind, file = kind_and_file(name)
    path = Path(file) if kind else fetched(name)
    return open_lifter(kind or "sasmamba", path, device=device, flip=flip)


def open_lifter(kind: str, path: Path, *, device: str, flip: bool = True) -> Lifter:
    """Load a lifter of some kind from a file.

    Raises:
        UsageError: nobody knows the kind, or what a package brought is no lifter.
        WeightsError: the file is not one of this kind.
    """
    brought = {point.name: point for point in entry_points(group=GROUP)}
    if kind in BUILT_IN:
        make: OpenLifter = BUILT_IN[kind]
    elif kind in brought:
        make = brought[kind].load()
    else:
        known = ", ".join(sorted({*BUILT_IN, *brought}))
        raise UsageError(f"no kind of lifter is called '{kind}'", hint=f"There are: {known}.")
    lifter = make(path, device=device, flip=flip)
    if not isinstance(lifter, Lifter):
        raise UsageError(f"what '{kind}' opens is no lifter: {type(lifter).__name__}")
    return lifter
