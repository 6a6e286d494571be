"""``pose3d eval``: how far a lifter is from the truth, on motion that it never saw."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import LIFTER, AsJson, CacheDir, Device, Offline, Quiet, finite
from pose3d_cli.cli.self_check import check_result
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.evaluation.benchmark import Row, Score
    from pose3d_cli.evaluation.conditions import Conditions
    from pose3d_cli.lift.lifter import SasMambaLifter

NOTE = (
    "Millimetres, MPJVE in millimetres a frame, trunk: how far it is turned wrongly, in degrees. "
    "Flat: the 2D joints at depth 0, at the size for each clip that fits the truth best, which nobody "
    "knows in use. --json has more measures, and the joints."
)
SHOWN = ("MPJPE", "N-MPJPE", "P-MPJPE", "MPJVE", "trunk")
CONDITIONS = "Conditions"


def evaluate(  # noqa: PLR0917 - Typer passes options by name
    cache_dir: CacheDir,
    data: Annotated[Path | None, typer.Option(help="Folder with the motion shards.")] = None,
    result: Annotated[
        Path | None,
        typer.Option(help="Instead: how consistent the motion in this result.json is with itself."),
    ] = None,
    shards: Annotated[
        str, typer.Option(help="Comma-separated: held-out shards in that folder.")
    ] = "A_free_val.npz,B_ccbysa_val.npz",
    reference: Annotated[
        str,
        typer.Option(help="Comma-separated: shards that the baselines may know. Default: none."),
    ] = "",
    lifter: Annotated[
        str, typer.Option(help="SasMamba weights: a name or a file.", rich_help_panel="Weights")
    ] = LIFTER,
    noise: Annotated[
        float,
        typer.Option(
            min=0,
            callback=finite,
            help="Multiplies the simulated detector's errors.",
            rich_help_panel=CONDITIONS,
        ),
    ] = 1.0,
    pitch: Annotated[
        float | None,
        typer.Option(
            min=-90,
            max=90,
            help="All cameras look down by this many degrees. Default: as in realistic/1.",
            rich_help_panel=CONDITIONS,
        ),
    ] = None,
    roll: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=180,
            help="All cameras lean by this many degrees. Default: as in realistic/1.",
            rich_help_panel=CONDITIONS,
        ),
    ] = None,
    frames: Annotated[
        int,
        typer.Option(
            min=9,
            max=243,
            help="Lift the same pictures in clips of this length.",
            rich_help_panel=CONDITIONS,
        ),
    ] = 243,
    own_bones: Annotated[
        bool,
        typer.Option(
            help="Keep the recordings' proportions instead of Human3.6M's.",
            rich_help_panel=CONDITIONS,
        ),
    ] = False,
    cameras: Annotated[
        int,
        typer.Option(min=1, help="Random cameras for each window.", rich_help_panel=CONDITIONS),
    ] = 4,
    windows: Annotated[
        int | None, typer.Option(min=1, help="At most this many of each source. Default: all.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Chooses the cameras.", rich_help_panel=CONDITIONS)
    ] = 0,
    offline: Offline = False,
    device: Device = "auto",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Measure a lifter on held-out motion, filmed by random cameras and a simulated detector.

    The conditions are pinned under the name realistic/1 and seeded: figures can be compared.

    Example: pose3d eval --data corpus --lifter sasmamba-small --roll 25
    """
    if (data is None) == (result is None):
        raise UsageError("expected one of --data FOLDER and --result RESULT.json")
    if data is None:
        check_result(result or Path(), as_json=as_json)
        return
    from pose3d_cli.datasets.mocap import read_corpus
    from pose3d_cli.evaluation.baselines import Memory
    from pose3d_cli.evaluation.benchmark import scores
    from pose3d_cli.evaluation.conditions import Conditions
    from pose3d_cli.evaluation.windows import groups_of, windows_of

    corpus = read_corpus(_paths(data, shards))
    memory = Memory.of(read_corpus(_paths(data, reference))) if reference else None
    network = _load(lifter, device=device, cache_dir=cache_dir, offline=offline)
    conditions = Conditions(
        cameras=cameras,
        noise=noise,
        pitch_deg=pitch,
        roll_deg=roll,
        frames=frames,
        own_bones=own_bones,
        seed=seed,
    )
    chosen = windows_of(corpus, at_most=windows)
    scored = scores(chosen, corpus, lift=network.lift_windows, conditions=conditions, memory=memory)
    watch = ProgressWatch(quiet=quiet)
    groups = watch.each("Evaluating", scored, total=len(groups_of(chosen)))
    every = [score for group in groups for score in group]
    if as_json:
        typer.echo(json.dumps(_document(every, network, conditions), indent=2))
    else:
        _print(every, network, conditions)


def _paths(data: Path, shards: str) -> list[Path]:
    return [data / shard.strip() for shard in shards.split(",")]


def _load(name: str, *, device: str, cache_dir: Path, offline: bool) -> "SasMambaLifter":
    from pose3d_cli.cli.weights import download_bar
    from pose3d_cli.device import choose_device
    from pose3d_cli.lift.lifter import SasMambaLifter
    from pose3d_cli.weights import ensure

    with download_bar(name) as on_progress:
        path = ensure(name, cache_dir=cache_dir, offline=offline, on_progress=on_progress)
    return SasMambaLifter.from_file(path, device=choose_device(device))


def _document(
    scores: "list[Score]", network: "SasMambaLifter", conditions: "Conditions"
) -> dict[str, object]:
    from pose3d_cli.evaluation.benchmark import (
        by_joint_mm,
        by_pitch,
        by_roll,
        by_source,
        by_visibility,
    )
    from pose3d_cli.evaluation.measures import UNITS
    from pose3d_cli.skeleton import H36M17

    def with_units(errors: dict[str, float]) -> dict[str, float]:
        return {
            f"{name.lower().replace('-', '_')}_{UNITS.get(name, 'mm')}": round(error, 3)
            for name, error in errors.items()
        }

    def shown(rows: "list[Row]", key: str) -> list[dict[str, object]]:
        return [
            {key: row.name, "frames": row.frames}
            | {who.replace(" ", "_"): with_units(errors) for who, errors in row.errors.items()}
            for row in rows
        ]

    joints_mm = by_joint_mm(scores).round(2).tolist()
    return {
        "ok": True,
        "lifter": network.name,
        "sha256": network.sha256,
        "conditions": conditions.name,
        "scores": shown(by_source(scores), "source"),
        "by_pitch": shown(by_pitch(scores), "cameras"),
        "by_roll": shown(by_roll(scores), "cameras"),
        "by_visibility": shown(by_visibility(scores), "people"),
        "by_joint_mm": dict(zip(H36M17.joints, joints_mm, strict=True)),
    }


def _print(scores: "list[Score]", network: "SasMambaLifter", conditions: "Conditions") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from pose3d_cli.evaluation.benchmark import by_pitch, by_roll, by_source, by_visibility

    table = Table(title=conditions.name, caption=NOTE, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "frames", "poses"):
        table.add_column(name, justify="right" if name == "frames" else "left", no_wrap=True)
    for name in SHOWN:
        table.add_column(name, justify="right")
    groups = (by_source, by_pitch, by_roll, by_visibility)
    for row in (row for rows in groups for row in rows(scores)):
        for who, errors in row.errors.items():
            cells = (f"{errors[measure]:.1f}" for measure in SHOWN)
            name = network.name if who == "lifter" else who
            table.add_row(row.name, f"{row.frames:,}", name, *cells)
        table.add_section()
    Console().print(table)
