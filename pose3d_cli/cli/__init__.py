"""The command line: ``pose3d``. One file a command; errors become one line here and nowhere else.

Nothing heavy is imported before a command runs, so that ``pose3d --help`` answers at once.
"""

import traceback
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from pose3d_cli import __version__
from pose3d_cli.cli import (
    batch,
    bench,
    data,
    doctor,
    evaluate,
    export,
    lift,
    people,
    render,
    report,
    reproduce,
    schema,
    train,
    view,
    weights,
    weights_export,
)
from pose3d_cli.cli.console import forget_stdout, print_failure, report_error, set_up_logging
from pose3d_cli.cli.options import AS_JSON
from pose3d_cli.cli.termination import EXIT_CODE, Terminated, tidily_terminated
from pose3d_cli.errors import Pose3DError

TIDY = "unfinished files were removed"


class _Commands(TyperGroup):
    """Turns what goes wrong into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            with tidily_terminated():
                return super().invoke(ctx)
        except Pose3DError as error:
            if ctx.params.get("debug"):
                traceback.print_exc()
            _fail(ctx, error, exit_code=error.exit_code)
        except typer.BadParameter as error:
            if ctx.meta.get(AS_JSON):
                print_failure(error.format_message(), hint=None, exit_code=error.exit_code)
            raise
        except Terminated:
            _fail(ctx, Pose3DError(f"terminated; {TIDY}"), exit_code=EXIT_CODE)
        except KeyboardInterrupt:
            _fail(ctx, Pose3DError(f"interrupted; {TIDY}"), exit_code=130)
        except BrokenPipeError:  # `pose3d … | head` is no failure
            forget_stdout()
            raise typer.Exit(0) from None


def _fail(ctx: Any, error: Pose3DError, *, exit_code: int) -> NoReturn:
    report_error(error)
    if ctx.meta.get(AS_JSON) and not error.is_told:
        print_failure(str(error), hint=error.hint, exit_code=exit_code)
    raise typer.Exit(exit_code) from error


app = typer.Typer(
    cls=_Commands,
    name="pose3d",
    help="Turn an ordinary video of people into 3D motion.",
    epilog="pose3d lift clip.mp4 -o result.mp4 -o result.json -o result.bvh",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(lift.lift)
app.command()(people.people)
app.command()(batch.batch)
app.command()(export.export)
app.command()(view.view)
app.command()(report.report)
app.command()(render.render)
weights.app.command()(weights_export.export)
app.add_typer(weights.app, name="weights")
app.command()(doctor.doctor)
app.command()(schema.schema)
app.add_typer(data.app, name="data")
app.command()(train.train)
app.command("eval")(evaluate.evaluate)
app.command()(reproduce.reproduce)
app.command()(bench.bench)


def main() -> None:
    """Run the command line."""
    app()


def _show_version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"pose3d {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def options(
    version: Annotated[  # noqa: ARG001 - the callback answers
        bool,
        typer.Option(
            "--version",
            "-V",
            callback=_show_version,
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what is done.")
    ] = False,
    debug: Annotated[  # noqa: ARG001 - read by _Commands
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Turn an ordinary video of people into 3D motion."""
    set_up_logging(verbose=verbose, quiet=False)
