"""``pose3d eval``: how far a lifter is from the truth, on motion that it never saw."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import LIFTER, AsJson, CacheDir, Device, Offline, Quiet, finite

if TYPE_CHECKING:
    from pose3d_cli.evaluation.benchmark import Score
    from pose3d_cli.lift.lifter import SasMambaLifter

NOTE = (
    "Millimetres; MPJVE in millimetres a frame. Flat: the 2D joints at depth 0, at the size for "
    "each clip that fits the truth best, which nobody knows in use."
)


def evaluate(  # noqa: PLR0917 - Typer passes options by name
    data: Annotated[Path, typer.Option(help="Folder with the motion shards.")],
    cache_dir: CacheDir,
    shards: Annotated[
        str, typer.Option(help="Comma-separated: held-out shards in that folder.")
    ] = "A_free_val.npz,B_ccbysa_val.npz",
    lifter: Annotated[
        str, typer.Option(help="SasMamba weights: a name or a file.", rich_help_panel="Weights")
    ] = LIFTER,
    noise: Annotated[
        float,
        typer.Option(min=0, callback=finite, help="Multiplies the simulated detector's errors."),
    ] = 1.0,
    own_bones: Annotated[
        bool, typer.Option(help="Keep the recordings' proportions instead of Human3.6M's.")
    ] = False,
    cameras: Annotated[int, typer.Option(min=1, help="Random cameras for each window.")] = 4,
    windows: Annotated[
        int | None, typer.Option(min=1, help="At most this many of each source. Default: all.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the cameras.")] = 0,
    offline: Offline = False,
    device: Device = "auto",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Measure a lifter on held-out motion, filmed by random cameras and a simulated detector.

    Example: pose3d eval --data corpus --lifter sasmamba-small
    """
    from pose3d_cli.datasets.mocap import read_corpus
    from pose3d_cli.evaluation.benchmark import Conditions, scores, summarised, windows_of

    corpus = read_corpus([data / shard.strip() for shard in shards.split(",")])
    network = _load(lifter, device=device, cache_dir=cache_dir, offline=offline)
    conditions = Conditions(cameras=cameras, noise=noise, own_bones=own_bones, seed=seed)
    chosen = windows_of(corpus, at_most=windows)
    scored = scores(chosen, corpus, lift=network.lift_windows, conditions=conditions)
    watch = ProgressWatch(quiet=quiet)
    summary = summarised(watch.each("Evaluating", scored, total=len(chosen)))
    if as_json:
        typer.echo(json.dumps(_document(summary, network), indent=2))
    else:
        _print(summary, network)


def _load(name: str, *, device: str, cache_dir: Path, offline: bool) -> "SasMambaLifter":
    from pose3d_cli.cli.weights import download_bar
    from pose3d_cli.device import choose_device
    from pose3d_cli.lift.lifter import SasMambaLifter
    from pose3d_cli.weights import ensure

    with download_bar(name) as on_progress:
        path = ensure(name, cache_dir=cache_dir, offline=offline, on_progress=on_progress)
    return SasMambaLifter.from_file(path, device=choose_device(device))


def _document(summary: "list[Score]", network: "SasMambaLifter") -> dict[str, object]:
    def in_mm(errors: dict[str, float]) -> dict[str, float]:
        return {f"{name.lower().replace('-', '_')}_mm": round(e, 3) for name, e in errors.items()}

    rows = [
        {
            "source": score.source,
            "frames": score.frames,
            "lifter": in_mm(score.lifter),
            "flat": in_mm(score.flat),
        }
        for score in summary
    ]
    return {"ok": True, "lifter": network.name, "sha256": network.sha256, "scores": rows}


def _print(summary: "list[Score]", network: "SasMambaLifter") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(caption=NOTE)
    for name in ("source", "frames", "poses"):
        table.add_column(name, justify="right" if name == "frames" else "left")
    for name in summary[0].lifter:
        table.add_column(name, justify="right")
    for score in summary:
        for who, errors in ((network.name, score.lifter), ("flat", score.flat)):
            cells = (f"{error:.1f}" for error in errors.values())
            table.add_row(score.source, f"{score.frames:,}", who, *cells)
        table.add_section()
    Console().print(table)
