"""``pose3d export``: other formats from a result, without looking at the video again."""

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.options import (
    BvhInPlace,
    BvhNamesOption,
    BvhOrder,
    BvhReference,
    BvhRest,
    BvhUnits,
    Overwrite,
    Video,
)
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.results import read_result, stem_of


def export(  # noqa: PLR0917 - Typer passes options by name
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="From `pose3d lift`.")],
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="Comma-separated: bvh, glb, fbx, usd, html, npz, csv, trc, c3d, angles.csv, "
            "angles.png, json, json.gz.",
        ),
    ] = "bvh",
    out_dir: Annotated[
        Path | None, typer.Option(help="Where to. Default: beside RESULT.json.")
    ] = None,
    video: Video = None,
    blender: Annotated[Path, typer.Option(help="The program, for FBX and USD.")] = Path("blender"),
    bvh_names: BvhNamesOption = "humanik",
    bvh_rest: BvhRest = "t",
    bvh_order: BvhOrder = "zxy",
    bvh_units: BvhUnits = "cm",
    bvh_reference_frame: BvhReference = False,
    bvh_in_place: BvhInPlace = False,
    overwrite: Overwrite = False,
) -> None:
    """Write RESULT.json in other formats.

    Example: pose3d export result.json --format bvh
    """
    from pose3d_cli.export import files_written, writer_for
    from pose3d_cli.export.bvh_style import BvhStyle

    stem = stem_of(result)
    folder = result.parent if out_dir is None else out_dir
    targets = [folder / f"{stem}.{name.strip().lstrip('.').lower()}" for name in formats.split(",")]
    bvh = BvhStyle(
        names=bvh_names,
        rest=bvh_rest,
        order=bvh_order,
        unit=bvh_units,
        reference_frame=bvh_reference_frame,
        in_place=bvh_in_place,
    )
    writers = [writer_for(target, bvh=bvh, blender=blender) for target in targets]
    value = read_result(result, video=video)
    people = len(value.people)
    files = [path for target in targets for path in files_written(target, people=people)]
    check_outputs(files, source=result, overwrite=overwrite)
    for target, writer in zip(targets, writers, strict=True):
        for path in writer(target, value):
            typer.echo(path)
