"""``pose3d weights export``: a lifter for other runtimes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.options import CacheDir, Offline, Overwrite
from pose3d_cli.errors import UsageError
from pose3d_cli.files import check_writable


class Precision(StrEnum):
    """How matrices are stored."""

    float32 = "float32"
    float16 = "float16"
    int8 = "int8"


def export(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="SasMamba weights: a name or a file.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.onnx", help="The file to write.")
    ],
    cache_dir: CacheDir,
    precision: Annotated[
        Precision,
        typer.Option(help="How matrices are stored; the arithmetic is float32 in any case."),
    ] = Precision.float32,
    overwrite: Overwrite = False,
    offline: Offline = False,
) -> None:
    """Write a lifter as ONNX, for clips of any number and length.

    Example: pose3d weights export sasmamba-small -o sasmamba.onnx --precision float16
    """
    if out.suffix != ".onnx":
        raise UsageError(f"{out}: ONNX is what is written", hint="Name it something.onnx.")
    check_writable(out, overwrite=overwrite)
    from pose3d_cli.cli.weights import download_bar
    from pose3d_cli.lifting.checkpoint import load_checkpoint
    from pose3d_cli.lifting.onnx_export import export_onnx
    from pose3d_cli.weights import ensure

    with download_bar(name) as on_progress:
        path = ensure(name, cache_dir=cache_dir, offline=offline, on_progress=on_progress)
    model, header = load_checkpoint(path)
    export_onnx(out, model, about=header, precision=precision.value)
    typer.echo(out)
