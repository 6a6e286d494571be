"""A checkpoint as an ONNX file: exported once, kept in the cache with its checksum."""

import json
import logging
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import WeightsError
from pose3d_cli.files import ANOTHER_CACHE, written_whole

logger = logging.getLogger(__name__)

EXPORT_VERSION = 1
"""Count up when another file would come out of the same checkpoint."""
_OPSET = 17
_KEPT = 16
"""Hexadecimal digits of the checkpoint's hash in the name of its export."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is written beside an exported network."""

    sha256: str
    """Of the ONNX file."""
    licence: str
    """Of the checkpoint, which the export inherits."""


def exported(weights: Path, *, cache_dir: Path) -> tuple[Path, Export]:
    """Return the ONNX file of a checkpoint, made now if it is not in the cache or is damaged there.

    Raises:
        WeightsError: the checkpoint is damaged or of another kind, or the cache takes no files.
    """
    folder = cache_dir / "exported"
    onnx = folder / f"{weights.stem}-{sha256_of(weights)[:_KEPT]}-{EXPORT_VERSION}.onnx"
    known = _recorded(onnx)
    if known is None:
        logger.info("preparing %s for this machine's CPU; done once", weights.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            known = _export(weights, onnx)
        except OSError as error:
            raise WeightsError(
                f"cannot write {onnx}: {error.strerror or error}",
                hint=ANOTHER_CACHE,
            ) from error
    return onnx, known


def _recorded(onnx: Path) -> Export | None:
    """Return the record of a file that is there and whole."""
    try:
        record = Export(**json.loads(_record(onnx).read_text(encoding="utf-8")))
        return record if sha256_of(onnx) == record.sha256 else None
    except (OSError, ValueError, TypeError):
        return None


def _export(weights: Path, onnx: Path) -> Export:
    import torch

    from pose3d_cli.detect.networks.pytorch import FromPixels, load_checkpoint

    network, licence = load_checkpoint(weights)
    with written_whole(onnx, hint=ANOTHER_CACHE) as part, warnings.catch_warnings():
        # It traces, and warns of it; the newer exporter fixes the size of the pictures.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            FromPixels(network),
            (torch.zeros(1, 384, 640, 3, dtype=torch.uint8),),
            str(part),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["pictures"],
            output_names=["people"],
            dynamic_axes={"pictures": [0, 1, 2], "people": [0, 1, 2]},
        )
    record = Export(sha256_of(onnx), licence)
    with written_whole(_record(onnx), hint=ANOTHER_CACHE) as part:
        part.write_text(json.dumps(asdict(record)), encoding="utf-8")
    return record


def _record(onnx: Path) -> Path:
    return onnx.with_suffix(".json")
