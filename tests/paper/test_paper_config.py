"""The papers' recipe as TOML."""

from dataclasses import asdict
from pathlib import Path

import pytest

from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.lifting.config import LARGE, SMALL, SasMambaConfig
from pose3d_cli.training.paper_config import read_paper_config

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize(("name", "network"), [("small", SMALL), ("large", LARGE)])
def test_the_shipped_recipes_are_the_published_networks(name: str, network: SasMambaConfig) -> None:
    config = read_paper_config(CONFIGS / f"paper_{name}.toml")

    assert config.network == network
    assert (config.learning_rate, config.rate_decay, config.batch) == (5e-4, 0.99, 16)
    assert (config.scale_weight, config.velocity_weight, config.stride) == (0.5, 20, 81)


@pytest.mark.parametrize("name", ["small", "large", "mpi"])
def test_no_quirk_of_the_reference_is_on_unless_asked_for(name: str) -> None:
    config = read_paper_config(CONFIGS / f"paper_{name}.toml")

    assert not any(asdict(config.reference).values())


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("colour = 3", "colour"),
        ("two_d = 'guessed'", "guessed"),
        ("optimizer = 'sgd'", "sgd"),
        ("batch = 0", "batch"),
        ("in_channels = 4", "in_channels"),
        ("[reference]\nselect_on_train = true", "select_on_train"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(f"width = 16\ndepth = 1\nlicence = 'CC0-1.0'\n{line}\n")

    with pytest.raises(UsageError, match=named):
        read_paper_config(path)


def test_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("width")

    with pytest.raises(InputError, match=r"run\.toml"):
        read_paper_config(tmp_path / "run.toml")
