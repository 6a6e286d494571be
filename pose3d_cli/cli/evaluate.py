"""``pose3d eval``: how far a lifter is from the truth, on motion that it never saw."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import LIFTER, AsJson, CacheDir, Device, Offline, Quiet, finite
from pose3d_cli.cli.self_check import check_result
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.datasets.mocap import Corpus
    from pose3d_cli.evaluation.conditions import Conditions
    from pose3d_cli.lifting.lifter import SasMambaLifter

CONDITIONS = "Conditions"
SUITE_WINDOWS = 8
"""Of each source, if a suite is measured and nobody says how many."""


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
    protocol: Annotated[
        Literal["realistic/1", "unified/1", "marked/1"],
        typer.Option(
            help="How motion is filmed: every kind of clip; whole people of one build before a "
            "detector as exact as YOLO11n-pose was measured to be; or that, with trunks as long "
            "as detectors mark them.",
            rich_help_panel=CONDITIONS,
        ),
    ] = "realistic/1",
    suite: Annotated[
        bool,
        typer.Option(
            "--suite",
            help="Instead of one: every protocol, each also with exact 2D, in clips of 120, 60 and "
            "30 frames, rolled by 25° and pitched by 30°, on --windows 8.",
            rich_help_panel=CONDITIONS,
        ),
    ] = False,
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
            help="All cameras look down by this many degrees. Default: as pinned.",
            rich_help_panel=CONDITIONS,
        ),
    ] = None,
    roll: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=180,
            help="All cameras lean by this many degrees. Default: as pinned.",
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
    straight_knees: Annotated[
        bool,
        typer.Option(
            "--straight-knees",
            help="Unbend legs that a recording's rig bends, in the truth.",
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

    The conditions are pinned under a name and seeded: figures can be compared.

    Example: pose3d eval --data corpus --lifter sasmamba-small --roll 25
    """
    if (data is None) == (result is None):
        raise UsageError(
            "expected one of --data FOLDER and --result RESULT.json", hint="Give one of the two."
        )
    if data is None:
        check_result(result or Path(), as_json=as_json)
        return
    from pose3d_cli.datasets.mocap import read_corpus
    from pose3d_cli.evaluation.conditions import Conditions

    conditions = Conditions(
        protocol=protocol,
        cameras=cameras,
        noise=noise,
        pitch_deg=pitch,
        roll_deg=roll,
        frames=frames,
        own_bones=own_bones,
        straight_knees=straight_knees,
        seed=seed,
    )
    usual = Conditions(cameras=cameras, straight_knees=straight_knees, seed=seed)
    if suite and (reference or conditions != usual):
        raise UsageError(
            "--suite sets the conditions itself",
            hint="It goes with --cameras, --seed, --straight-knees, --windows.",
        )
    corpus = read_corpus(_paths(data, shards), straight_knees=straight_knees)
    network = _load(lifter, device=device, cache_dir=cache_dir, offline=offline)
    watch = ProgressWatch(quiet=quiet)
    if suite:
        at_most = windows or SUITE_WINDOWS
        _measure_suite(corpus, network, conditions, at_most=at_most, watch=watch, as_json=as_json)
        return
    known = (
        read_corpus(_paths(data, reference), straight_knees=straight_knees) if reference else None
    )
    _measure(
        corpus, network, conditions, at_most=windows, known=known, watch=watch, as_json=as_json
    )


def _measure(
    corpus: "Corpus",
    network: "SasMambaLifter",
    conditions: "Conditions",
    *,
    at_most: int | None,
    known: "Corpus | None",
    watch: ProgressWatch,
    as_json: bool,
) -> None:
    from pose3d_cli.cli.score_tables import print_scores
    from pose3d_cli.evaluation.baselines import Memory
    from pose3d_cli.evaluation.benchmark import scores
    from pose3d_cli.evaluation.windows import groups_of, windows_of

    memory = Memory.of(known) if known else None
    chosen = windows_of(corpus, at_most=at_most)
    scored = scores(chosen, corpus, lift=network.lift_windows, conditions=conditions, memory=memory)
    groups = watch.each("Evaluating", scored, total=len(groups_of(chosen)))
    every = [score for group in groups for score in group]
    print_scores(every, network, conditions, as_json=as_json)


def _measure_suite(
    corpus: "Corpus",
    network: "SasMambaLifter",
    conditions: "Conditions",
    *,
    at_most: int,
    watch: ProgressWatch,
    as_json: bool,
) -> None:
    from pose3d_cli.cli.score_tables import print_suite
    from pose3d_cli.evaluation.suite import measured, suite_of
    from pose3d_cli.evaluation.windows import windows_of

    suite = suite_of(conditions)
    parts = measured(
        windows_of(corpus, at_most=at_most), corpus, lift=network.lift_windows, suite=suite
    )
    every = list(watch.each("Evaluating", parts, total=len(suite)))
    print_suite(every, network, at_most=at_most, as_json=as_json)


def _paths(data: Path, shards: str) -> list[Path]:
    return [data / shard.strip() for shard in shards.split(",")]


def _load(name: str, *, device: str, cache_dir: Path, offline: bool) -> "SasMambaLifter":
    from pose3d_cli.cli.weights import download_bar
    from pose3d_cli.device import choose_device
    from pose3d_cli.lifting.lifter import SasMambaLifter
    from pose3d_cli.weights import ensure

    with download_bar(name) as on_progress:
        path = ensure(name, cache_dir=cache_dir, offline=offline, on_progress=on_progress)
    return SasMambaLifter.from_file(path, device=choose_device(device))
