from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.cameras import Cameras
from pose3d_cli.datasets.licences import check_licence, tier_of
from pose3d_cli.datasets.shard_file import Clip, write_shard
from pose3d_cli.datasets.views import Views
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.training.config import Phase, TrainingConfig, read_config
from pose3d_cli.training.source import Source
from pose3d_cli.training.team import Team

CONFIGS = Path(__file__).parents[2] / "configs"


OURS = [path for path in sorted(CONFIGS.glob("*.toml")) if not path.name.startswith("paper")]
ABLATION = CONFIGS / "ablation.toml"


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_own_configurations_can_be_read(path: Path) -> None:
    config = read_config(path)

    assert config.budget_s or (config.steps or 0) > 1000 or path == ABLATION
    assert config.network.in_channels == 3


def test_recipes_are_compared_over_a_thousand_steps_of_as_many_frames() -> None:
    config = read_config(ABLATION)

    assert config.steps == 1000
    assert {phase.clips * phase.frames for phase in config.phases} == {15_552}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_what_may_not_be_used_commercially_says_so_in_name_and_licence(path: Path) -> None:
    config = read_config(path)
    tiers = [tier_of(source) for source in config.mix]

    check_licence(config.licence, tiers=tiers)
    assert "" not in tiers
    assert path.stem.endswith("_nc") == ("NC" in config.licence) == ("C" in tiers)
    # Share-alike data lets nobody add a restriction to what comes of it.
    assert not {"B", "C"} <= set(tiers)


def test_a_commercial_recipe_takes_no_motion_that_is_not(tmp_path: Path) -> None:
    pose_m = np.random.default_rng(0).normal(0, 1, (30, 24, 3)).cumsum(0)
    write_shard(
        tmp_path / "c.npz", [Clip("a", pose_m)], source="Bandai", tier="C", licence="CC BY-NC 4.0"
    )
    commercial, team = read_config(CONFIGS / "large_gpu.toml"), Team(torch.device("cpu"))
    mixed = replace(commercial, shards=("c.npz",), mix={"Bandai": 1.0})

    with pytest.raises(UsageError, match="commercially"):
        Source.read(mixed, tmp_path, team)
    Source.read(replace(mixed, licence="CC-BY-NC-4.0"), tmp_path, team)


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text((CONFIGS / "small_cpu.toml").read_text() + text)
    return path


def test_unknown_keys_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("learning_pace = 1\n" + (CONFIGS / "small_cpu.toml").read_text())

    with pytest.raises(UsageError, match="learning_pace") as caught:
        read_config(path)

    assert "learning_rate" in str(caught.value.hint)


def test_unknown_keys_of_a_phase_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="epochs"):
        read_config(write(tmp_path, "epochs = 3\n"))


def test_missing_keys_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("width = 64\n")

    with pytest.raises(UsageError, match="depth"):
        read_config(path)


@pytest.mark.parametrize("text", ["= 3\n", None])
def test_what_is_no_toml_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "run.toml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(InputError, match=r"run\.toml"):
        read_config(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"budget_s": 60.0}, "shares with budget_s"),
        ({"phases": (Phase(frames=9, clips=1, share=1.0),)}, "steps without"),
        ({"phases": ()}, "at least one"),
        (
            {"budget_s": -1.0, "phases": (Phase(frames=9, clips=1, share=1.0),)},
            "budget_s above 0",
        ),
        ({"schedule": "linear"}, "trapezoid, cosine"),
        ({"optimizer": "sgd"}, "muon, adamw"),
        ({"decay_share": 1.5}, "decay_share"),
    ],
)
def test_what_makes_no_sense_is_refused(
    config: TrainingConfig, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(config, **changes)


@pytest.mark.parametrize("lasts", [{}, {"steps": 3, "share": 0.5}])
def test_a_phase_lasts_some_steps_or_a_share(lasts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either steps or a share"):
        Phase(frames=9, clips=1, **lasts)


def test_cameras_are_declared_in_the_same_file(tmp_path: Path) -> None:
    text = "[views]\nnoise = 0.5\n[views.cameras]\nroll_deg = [[1, -30, 30]]\n"
    views = read_config(write(tmp_path, text)).views

    assert views == Views(noise=0.5, cameras=Cameras(roll_deg=((1.0, -30.0, 30.0),)))


def test_unknown_keys_of_cameras_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rolls"):
        read_config(write(tmp_path, "[views.cameras]\nrolls = 12\n"))
