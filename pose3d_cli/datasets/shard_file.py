"""Write clips of motion as a shard: an archive that ``read_corpus`` reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from pose3d_cli.errors import OutputError
from pose3d_cli.files import written_whole

FPS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Motion at 30 frames a second."""

    name: str
    positions_m: Float64[np.ndarray, "f 24 3"]


def write_shard(path: Path, clips: Sequence[Clip], *, source: str, tier: str, licence: str) -> None:
    """Write clips of one source; differences between frames in millimetres pack well.

    Raises:
        OutputError: the file cannot be written.
    """
    steps = []
    for clip in clips:
        place = clip.positions_m - [*clip.positions_m[0, 0, :2], clip.positions_m[..., 2].min()]
        steps.append(np.diff(np.round(1e3 * place), axis=0, prepend=0).astype(np.int16))
    length = np.array([len(step) for step in steps])
    try:
        with written_whole(path) as part, part.open("wb") as file:
            np.savez_compressed(
                file,
                delta=np.concatenate(steps),
                start=length.cumsum() - length,
                length=length,
                id=np.array([clip.name for clip in clips]),
                source=np.array(source),
                tier=np.array(tier),
                licence=np.array(licence),
                fps=np.array(FPS),
            )
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
