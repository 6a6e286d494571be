"""``pose3d batch``: folders of clips, one after the other or several at once."""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.cli.option_groups import spread
from pose3d_cli.cli.options import AsJson, Quiet, finite
from pose3d_cli.cli.outputs import suffixes

if TYPE_CHECKING:
    from pose3d_cli.batch.job import Job
    from pose3d_cli.batch.pool import Pool
    from pose3d_cli.batch.run import Policy, Summary

SOME_FAILED = 1


@spread
def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER|VIDEO|GLOB|@LIST",
            help="Folders with all below them, videos, globs in quotes, or @list.txt with one of these "
            "a line.",
        ),
    ],
    *,
    how: LiftingOptions,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="Folder for the outputs; its subfolders are those of the inputs."
        ),
    ],
    formats: Annotated[
        str, typer.Option("--format", "-f", help="Comma-separated suffixes, as for `lift --out`.")
    ] = "mp4,json",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Clips at the same time. Default: one a GPU, or one for every 4 cores.",
            rich_help_panel="Speed",
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed before.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Lift again even what is done.")] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first clip that fails.")
    ] = False,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Workers on this machine, or on a Ray cluster.", rich_help_panel="Speed"),
    ] = "local",
    address: Annotated[
        str,
        typer.Option(help="Address of the cluster, for --engine ray.", rich_help_panel="Speed"),
    ] = "auto",
    gpu_share: Annotated[
        float,
        typer.Option(
            min=0,
            max=16,
            callback=finite,
            help="Share of a GPU for each worker on the cluster; 0 takes CPUs only.",
            rich_help_panel="Speed",
        ),
    ] = 0.0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lift many clips, skipping what an earlier run has done; exit code 1 if any failed.

    Example: pose3d batch recordings --out lifted --format mp4,json,bvh
    """
    from pose3d_cli.batch.inputs import find_clips
    from pose3d_cli.batch.job import Job
    from pose3d_cli.batch.recipe import Recipe
    from pose3d_cli.batch.run import Policy
    from pose3d_cli.batch.sparing import check_spares

    how.check()
    with ProgressWatch(quiet=quiet).stage("Looking for clips"):  # opens each one's header
        clips = find_clips(inputs, out_dir=out, several=how.person == "all")
    there, weights = how.fetched()
    wanted = tuple(dict.fromkeys(suffixes(formats)))
    recipe = Recipe(how=there, weights=weights, formats=wanted)
    everything = [Job(clip, recipe, out.resolve()) for clip in clips]
    check_spares((clip.path for clip in clips), chain.from_iterable(j.targets for j in everything))
    policy = Policy(retry_failed=retry_failed, force=force, fail_fast=fail_fast)
    crew = _Crew(engine, address, gpu_share, jobs, how.detection.device)
    summary = _run(everything, policy, crew, quiet=quiet)
    _report(summary, out, quiet=quiet, as_json=as_json)
    if summary.failed:
        raise typer.Exit(SOME_FAILED)


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who does the work."""

    engine: str
    address: str
    gpu_share: float
    jobs: int | None
    device: str

    def pool(self, *, clips: int) -> "Pool":
        """Hire workers, no more than there are clips."""
        from pose3d_cli.batch.local import LocalPool
        from pose3d_cli.batch.places import THREADS_A_WORKER, places
        from pose3d_cli.batch.ray_pool import RayPool, Share

        if self.engine == "ray":
            share = Share(float(THREADS_A_WORKER), self.gpu_share)
            return RayPool(self.address, share=share, workers=self.jobs)
        return LocalPool(places(self.device, self.jobs, at_most=clips))


def _run(everything: "list[Job]", policy: "Policy", crew: _Crew, *, quiet: bool) -> "Summary":
    from pose3d_cli.batch.job import prepare
    from pose3d_cli.batch.manifest import Manifest
    from pose3d_cli.batch.run import run, split
    from pose3d_cli.cli.batch_board import board

    manifest = Manifest(everything[0].out_dir, private_dir=everything[0].private_dir)
    todo, summary = split(everything, manifest, policy)
    if not quiet:
        clips = "1 clip" if len(everything) == 1 else f"{len(everything):,} clips"
        typer.echo(f"{clips}, {len(todo):,} to do", err=True)
    if todo:
        from pose3d_cli.outputs import check_formats  # takes longer than to see that all is done

        check_formats(Path(f"CLIP.{suffix}") for suffix in todo[0].recipe.formats)
        prepare(todo[0].out_dir)
        pool = crew.pool(clips=len(todo))
        with board(len(todo), quiet=quiet) as audience:
            run(todo, summary, manifest=manifest, pool=pool, policy=policy, audience=audience)
    return summary


def _report(summary: "Summary", out: Path, *, quiet: bool, as_json: bool) -> None:
    from pose3d_cli.cli.batch_board import print_documents, print_failures

    if as_json:
        print_documents(summary)
    else:
        for record in summary.done:
            for written in record.outputs:
                typer.echo(out / written.path)
    if summary.failed and not as_json:
        print_failures(summary.failed)
    if not quiet:
        done, failed = len(summary.done), len(summary.failed)
        again = " (--retry-failed tries all of them again)" if failed else ""
        counts = f"{done:,} done, {summary.skipped:,} done before, {failed:,} failed{again}"
        typer.echo(counts, err=True)
