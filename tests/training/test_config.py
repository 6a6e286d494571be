from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.datasets.cameras import Cameras
from pose3d_cli.datasets.views import Views
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.training.config import Phase, TrainingConfig, read_config

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*_[cg]pu.toml")), ids=lambda path: path.name)
def test_our_own_configurations_can_be_read(path: Path) -> None:
    config = read_config(path)

    assert config.budget_s or (config.steps or 0) > 1000
    assert config.network.in_channels == 3


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
