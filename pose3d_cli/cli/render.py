"""``pose3d render``: draw a result again, in another way, without detecting anybody anew."""

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.look_options import LookOptions
from pose3d_cli.cli.option_groups import spread
from pose3d_cli.cli.options import Overwrite, Quiet, Video
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.results import check_video, or_silent, read_result, stem_of


@spread
def render(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="From `pose3d lift`.")],
    *,
    look: LookOptions,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            help="What to draw, by suffix: .mp4, or .png or .jpg for one telling frame. "
            "Repeat for more. Default: RESULT.mp4 beside RESULT.json.",
        ),
    ] = None,
    video: Video = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Draw RESULT.json again: another layout, theme or camera, or a still.

    Example: pose3d render result.json -o turning.mp4 --layout 3d-only --orbit 30
    """
    from pose3d_cli.outputs import WITHOUT_CLIP, check_pictures, write

    outputs = out or [result.parent / f"{stem_of(result)}.mp4"]
    check_pictures(outputs)
    value = read_result(result, video=video)
    if video is None and look.layout == WITHOUT_CLIP:
        value = or_silent(value, of=result)
    else:
        check_video(value, of=result)
    for source in (result, value.clip.path):
        check_outputs(outputs, source=source, overwrite=overwrite)
    settings, watch = look.settings(), ProgressWatch(quiet=quiet)
    for path in write(value, outputs, look=settings, watch=watch):
        typer.echo(path)
