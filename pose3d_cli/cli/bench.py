"""``pose3d bench``: what the lifter costs, counted and measured, beside what papers say."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pose3d_cli.cli.options import AsJson, Device

if TYPE_CHECKING:
    from rich.table import Table

    from pose3d_cli.evaluation.published import Published
    from pose3d_cli.evaluation.speed import Speed
    from pose3d_cli.lifting.cost import Cost

COUNTED = (
    "Counted from the tensors, one clip of 243 frames. 'Layers only' is what a profiler such as thop "
    "sees: it passes over bare tensors (the scan's projections and states, the embeddings, the "
    "deformable filter) and over the scan itself. The paper's multiply–accumulates are half of that."
)
PUBLISHED = (
    "By the authors, on Human3.6M with detected 2D joints, G for a clip of that many frames; "
    "everybody counts in their own way, so compare with care."
)


def bench(
    table: Annotated[
        bool, typer.Option("--table", help="Show the published figures of other lifters too.")
    ] = False,
    repeats: Annotated[
        int, typer.Option(min=0, help="Timed runs of each network; 0 measures nothing.")
    ] = 5,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Count what SasMamba costs, and measure it on this device.

    Example: pose3d bench --table
    """
    from pose3d_cli.device import choose_device
    from pose3d_cli.evaluation.published import published
    from pose3d_cli.lifting.config import LARGE, SMALL
    from pose3d_cli.lifting.cost import cost_of

    costs = {"small": cost_of(SMALL), "large": cost_of(LARGE)}
    chosen = choose_device(device)
    speeds = _speeds(chosen, repeats=repeats) if repeats else {}
    rows = published() if table else ()
    if as_json:
        typer.echo(json.dumps(_document(costs, speeds, rows, device=chosen), indent=2))
        return
    from rich.console import Console

    console = Console()
    console.print(_counted(costs))
    if speeds:
        console.print(_measured(speeds, device=chosen))
    if rows:
        console.print(_published(rows))
        for source in dict.fromkeys(row.source for row in rows):
            names = ", ".join(row.name for row in rows if row.source == source)
            console.print(f"{names}:\n  {source}", soft_wrap=True)


def _speeds(device: str, *, repeats: int) -> "dict[str, Speed]":
    import torch

    from pose3d_cli.evaluation.speed import measure
    from pose3d_cli.lifting.config import LARGE, SMALL, WINDOW_FRAMES
    from pose3d_cli.lifting.model import SasMamba

    speeds = {}
    for name, config in (("small", SMALL), ("large", LARGE)):
        torch.manual_seed(0)
        inputs = torch.randn(1, WINDOW_FRAMES, config.joints, config.in_channels, device=device)
        speeds[name] = measure(SasMamba(config).eval().to(device), inputs, repeats=repeats)
    return speeds


def _counted(costs: "dict[str, Cost]") -> "Table":
    from rich.table import Table

    from pose3d_cli.lifting.config import WINDOW_FRAMES

    table = Table("", *costs, title="SasMamba, counted", caption=COUNTED)
    parts = list(dict.fromkeys(part for cost in costs.values() for part in cost.macs_per_token))
    table.add_row("parameters", *(f"{cost.parameters:,}" for cost in costs.values()))
    table.add_row("  layers only", *(f"{cost.seen_parameters:,}" for cost in costs.values()))
    table.add_section()
    for part in parts:
        tokens = {name: WINDOW_FRAMES * cost.joints for name, cost in costs.items()}
        cells = (c.macs_per_token[part] * tokens[name] for name, c in costs.items())
        table.add_row(f"{part}, G", *(f"{cell / 1e9:.3f}" for cell in cells))
    totals = [cost.macs(WINDOW_FRAMES) for cost in costs.values()]
    table.add_row("multiply–accumulates, G", *(f"{total / 1e9:.2f}" for total in totals))
    table.add_row("  a frame, M", *(f"{total / WINDOW_FRAMES / 1e6:.1f}" for total in totals))
    seen = [cost.seen_macs(WINDOW_FRAMES) for cost in costs.values()]
    table.add_row("  layers only, G", *(f"{total / 1e9:.2f}" for total in seen))
    table.add_row("  half of that, G", *(f"{total / 2e9:.2f}" for total in seen))
    exponentials = (
        cost.exponentials_per_token * cost.joints * WINDOW_FRAMES for cost in costs.values()
    )
    table.add_row("exponentials, G", *(f"{count / 1e9:.3f}" for count in exponentials))
    return table


def _measured(speeds: "dict[str, Speed]", *, device: str) -> "Table":
    from rich.table import Table

    table = Table("", *speeds, title=f"One clip of 243 frames on {device}, random weights")
    table.add_row("median, ms", *(f"{1e3 * speed.seconds:.0f}" for speed in speeds.values()))
    table.add_row("memory above the weights, MiB", *(_mebibytes(s) for s in speeds.values()))
    return table


def _published(rows: "tuple[Published, ...]") -> "Table":
    from rich.table import Table

    table = Table(title="Published", caption=PUBLISHED)
    table.add_column("lifter", no_wrap=True)
    for name in ("frames", "M parameters", "G MAC", "MPJPE mm", "note"):
        table.add_column(name)
    for row in rows:
        figures = (row.parameters_m, row.macs_g, row.mpjpe_mm)
        cells = ("–" if figure is None else f"{figure:g}" for figure in figures)
        table.add_row(row.name, str(row.frames), *cells, row.note)
    return table


def _mebibytes(speed: "Speed") -> str:
    return "–" if speed.memory_bytes is None else f"{speed.memory_bytes / 2**20:.0f}"


def _document(
    costs: "dict[str, Cost]",
    speeds: "dict[str, Speed]",
    rows: "tuple[Published, ...]",
    *,
    device: str,
) -> dict[str, Any]:
    from pose3d_cli.lifting.config import WINDOW_FRAMES

    counted = {
        name: {
            "parameters": cost.parameters,
            "macs": cost.macs(WINDOW_FRAMES),
            "layers_only_parameters": cost.seen_parameters,
            "layers_only_macs": cost.seen_macs(WINDOW_FRAMES),
            "macs_per_token": cost.macs_per_token,
        }
        for name, cost in costs.items()
    }
    measured = {name: asdict(speed) for name, speed in speeds.items()}
    return {
        "ok": True,
        "frames": WINDOW_FRAMES,
        "counted": counted,
        "device": device,
        "measured": measured,
        "published": [asdict(row) for row in rows],
    }
