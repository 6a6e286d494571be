"""``pose3d batch``: folders of clips, one after the other or several at once."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pose3d_cli.cli.motion_options import Smooth
from pose3d_cli.cli.options import (
    DETECTOR,
    LIFTER,
    AsJson,
    CacheDir,
    DetectorBackend,
    Device,
    Layout,
    Offline,
    Quiet,
    VideoHeight,
    finite,
)

if TYPE_CHECKING:
    from pose3d_cli.batch.job import Job
    from pose3d_cli.batch.pool import Pool
    from pose3d_cli.batch.recipe import Recipe, Weights
    from pose3d_cli.batch.run import Policy, Summary
    from pose3d_cli.batch.worker import Place

THREADS_A_WORKER = 4
SOME_FAILED = 1


def batch(  # noqa: PLR0917 - Typer passes options by name
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER|VIDEO|GLOB|@LIST",
            help="Folders are searched to their bottom; a list has one of these a line.",
        ),
    ],
    cache_dir: CacheDir,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the outputs; mirrors the inputs'.")
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
            help="Clips at once. Default: one a GPU, or one for every 4 cores.",
            rich_help_panel="Speed",
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed before.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Do again even what is done.")] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first clip that fails.")
    ] = False,
    person: Annotated[
        str, typer.Option(metavar="WHO", help="As for `lift`.", rich_help_panel="Person")
    ] = "largest",
    smooth: Smooth = None,
    flip: Annotated[bool, typer.Option(help="As for `lift`.", rich_help_panel="Motion")] = True,
    focal: Annotated[
        float | None,
        typer.Option(
            metavar="PX", min=1, callback=finite, help="Of every clip.", rich_help_panel="Camera"
        ),
    ] = None,
    detector: Annotated[
        str, typer.Option(help="YOLO-pose weights: a name or a file.", rich_help_panel="Weights")
    ] = DETECTOR,
    lifter: Annotated[
        str, typer.Option(help="SasMamba weights: a name or a file.", rich_help_panel="Weights")
    ] = LIFTER,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Workers on this machine, or on a Ray cluster.", rich_help_panel="Speed"),
    ] = "local",
    address: Annotated[
        str,
        typer.Option(help="The cluster's, for --engine ray.", rich_help_panel="Speed"),
    ] = "auto",
    gpu_share: Annotated[
        float,
        typer.Option(
            min=0,
            max=16,
            callback=finite,
            help="Of a GPU, for each worker on the cluster; 0 runs on its CPUs.",
            rich_help_panel="Speed",
        ),
    ] = 0.0,
    layout: Layout = "side",
    video_height: VideoHeight = None,
    offline: Offline = False,
    device: Device = "auto",
    detector_backend: DetectorBackend = "auto",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lift many clips, skipping what an earlier run has done; exit code 1 if any failed.

    Example: pose3d batch recordings --out lifted --format mp4,json,bvh
    """
    from pose3d_cli.batch.inputs import find_clips
    from pose3d_cli.batch.job import Job, prepare
    from pose3d_cli.batch.recipe import Recipe
    from pose3d_cli.batch.run import Policy
    from pose3d_cli.detect.choosing import parse

    parse(person)
    clips = find_clips(inputs, out_dir=out)
    recipe = Recipe(
        detector=_weights(detector, cache_dir=cache_dir, offline=offline),
        lifter=_weights(lifter, cache_dir=cache_dir, offline=offline),
        formats=_suffixes(formats),
        person=person,
        cutoff_hz=smooth,
        flip=flip,
        focal_px=focal,
        layout=layout,
        height_px=video_height,
        device=device,
        backend=detector_backend,
    )
    prepare(out)
    everything = [Job(clip, recipe, out.resolve()) for clip in clips]
    policy = Policy(retry_failed=retry_failed, force=force, fail_fast=fail_fast)
    crew = _Crew(engine, address, gpu_share, jobs)
    summary = _run(everything, policy, crew, quiet=quiet)
    _report(summary, quiet=quiet, as_json=as_json)
    if summary.failed:
        raise typer.Exit(SOME_FAILED)


def _weights(name: str, *, cache_dir: Path, offline: bool) -> "Weights":
    from pose3d_cli.batch.recipe import Weights
    from pose3d_cli.cli.weights import download_bar
    from pose3d_cli.downloads import sha256_of
    from pose3d_cli.weights import ensure

    with download_bar(name) as on_progress:
        path = ensure(name, cache_dir=cache_dir, offline=offline, on_progress=on_progress)
    return Weights(path=str(path.resolve()), sha256=sha256_of(path))


def _suffixes(formats: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.strip().lstrip(".").lower() for f in formats.split(",")))


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who does the work."""

    engine: str
    address: str
    gpu_share: float
    jobs: int | None

    def pool(self, recipe: "Recipe", *, clips: int) -> "Pool":
        """Hire workers, no more than there are clips."""
        from pose3d_cli.batch.local import LocalPool
        from pose3d_cli.batch.ray_pool import RayPool, Share

        if self.engine == "ray":
            share = Share(float(THREADS_A_WORKER), self.gpu_share)
            return RayPool(self.address, share=share, workers=self.jobs)
        return LocalPool(_places(recipe, self.jobs, at_most=clips))


def _run(everything: "list[Job]", policy: "Policy", crew: _Crew, *, quiet: bool) -> "Summary":
    from pose3d_cli.batch.manifest import Manifest
    from pose3d_cli.batch.run import run, split
    from pose3d_cli.cli.batch_board import board

    manifest = Manifest(everything[0].out_dir, private_dir=everything[0].private_dir)
    todo, summary = split(everything, manifest, policy)
    if not quiet:
        typer.echo(f"{len(everything):,} clips, {len(todo):,} to do", err=True)
    if todo:
        from pose3d_cli.outputs import check_formats  # takes longer than to see that all is done

        check_formats(Path(f"x.{suffix}") for suffix in todo[0].recipe.formats)
        pool = crew.pool(todo[0].recipe, clips=len(todo))
        with board(len(todo), quiet=quiet) as audience:
            run(todo, summary, manifest=manifest, pool=pool, policy=policy, audience=audience)
    return summary


def _places(recipe: "Recipe", jobs: int | None, *, at_most: int) -> "list[Place]":
    """Return where each worker runs: GPUs in turn, cores in equal shares."""
    from pose3d_cli.batch.worker import Place
    from pose3d_cli.device import choose_device, visible_gpus

    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    gpus = visible_gpus() if choose_device(recipe.device) == "cuda" else ()
    count = min(jobs or len(gpus) or max(1, cores // THREADS_A_WORKER), at_most)
    threads = max(1, cores // count)
    return [Place(gpus[i % len(gpus)] if gpus else None, threads) for i in range(count)]


def _report(summary: "Summary", *, quiet: bool, as_json: bool) -> None:
    from pose3d_cli.cli.batch_board import print_documents, print_failures

    if as_json:
        print_documents(summary)
    else:
        for record in summary.done:
            for written in record.outputs:
                typer.echo(written.path)
    if summary.failed and not as_json:
        print_failures(summary.failed)
    if not quiet:
        done, failed = len(summary.done), len(summary.failed)
        typer.echo(f"{done:,} done, {summary.skipped:,} done before, {failed:,} failed", err=True)
