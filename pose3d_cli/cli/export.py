"""``pose3d export``: other formats from a result, without looking at the video again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.bvh_options import BvhOptions
from pose3d_cli.cli.option_groups import spread
from pose3d_cli.cli.options import Overwrite, Video
from pose3d_cli.cli.outputs import check_outputs, suffixes
from pose3d_cli.cli.results import check_video, read_result, stem_of

if TYPE_CHECKING:
    from pose3d_cli.sequences import Result


@spread
def export(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="From `pose3d lift`.")],
    *,
    bvh: BvhOptions,
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
        Path | None,
        typer.Option("--out", "-o", "--out-dir", help="Where to. Default: beside RESULT.json."),
    ] = None,
    video: Video = None,
    blender: Annotated[Path, typer.Option(help="Blender's program, for FBX and USD.")] = Path(
        "blender"
    ),
    overwrite: Overwrite = False,
) -> None:
    """Write RESULT.json in other formats.

    Example: pose3d export result.json --format bvh
    """
    from pose3d_cli.export import files_written, writer_for

    stem = stem_of(result)
    folder = result.parent if out_dir is None else out_dir
    targets = [folder / f"{stem}.{suffix}" for suffix in suffixes(formats)]
    style = bvh.style()
    writers = [writer_for(target, bvh=style, blender=blender) for target in targets]
    value = read_result(result, video=video)
    people = len(value.people)
    files = [path for target in targets for path in files_written(target, people=people)]
    check_outputs(files, source=result, overwrite=overwrite)
    if any(target.suffix == ".html" for target in targets):
        check_video(value, of=result, needed=False)
    for target, writer in zip(targets, writers, strict=True):
        for path in (_page if target.suffix == ".html" else writer)(target, value):
            typer.echo(path)


def _page(path: Path, value: "Result") -> tuple[Path, ...]:
    from pose3d_cli.outputs import write_page
    from pose3d_cli.watch import Unwatched

    return write_page(path, value, watch=Unwatched())
