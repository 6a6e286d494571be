from dataclasses import replace
from pathlib import Path

import pytest

from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.training.config import Phase, TrainingConfig, read_config

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_our_own_configurations_can_be_read(path: Path) -> None:
    config = read_config(path)

    assert config.steps > 1000
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


def test_every_step_belongs_to_its_phase(config: TrainingConfig) -> None:
    frames = [config.phase_at(step).frames for step in range(config.steps)]

    assert frames == [9, 9, 9, 9, 12, 12]


def test_the_rate_rises_stays_and_falls(config: TrainingConfig) -> None:
    long = replace(
        config,
        phases=(Phase(frames=9, clips=1, steps=10),),
        learning_rate=1.0,
        warmup_steps=4,
        decay_steps=5,
    )

    rates = [round(long.rate_at(step), 3) for step in range(10)]

    assert rates == [0.25, 0.5, 0.75, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]
