"""The documentation keeps up with the code."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from pose3d_cli import __version__, lift_keypoints, weights
from pose3d_cli.cli import app
from pose3d_cli.export import FORMATS
from pose3d_cli.export.blender import BY_BLENDER
from pose3d_cli.lifting.checkpoint import load_checkpoint
from pose3d_cli.training.config import read_config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme() -> None:
    group: Any = typer.main.get_command(app)

    assert [name for name in group.commands if f"pose3d {name}" not in README] == []


def test_every_command_and_option_of_the_documentation_exists() -> None:
    group: Any = typer.main.get_command(app)
    known = {"--help", "--nproc-per-node", "--no-deps", "--force-reinstall"}  # Typer's and pip's
    known |= {"--clips"}  # of bench/lifter.py
    known |= {"--head", "--port"}  # Ray's
    for command in (group, *_all_commands(group)):
        known |= {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    pages = [README, *(p.read_text(encoding="utf-8") for p in (ROOT / "docs").glob("*.md"))]
    text = "\n".join(pages)

    asked = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text))
    assert sorted(asked - known) == []
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    typed = re.findall(r"^(?:\$ )?pose3d ([a-z]+)", blocks, re.MULTILINE)
    commands = {*typed, *re.findall(r"`pose3d ([a-z]+)", text)}
    assert len(commands) > 10
    assert sorted(commands - set(group.commands)) == []


def _all_commands(group: Any) -> list[Any]:
    """Return a group's commands, and those of its groups."""
    return [
        found
        for command in group.commands.values()
        for found in (command, *(_all_commands(command) if hasattr(command, "commands") else []))
    ]


def test_every_format_is_in_the_readme() -> None:
    assert [suffix for suffix in (*FORMATS, *BY_BLENDER) if f"`{suffix}`" not in README] == []


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", README)

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readmes_python_is_python() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    ast.parse(block)


def test_the_documentations_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs no video; the rest is at least Python."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```py(?:thon)?\n(.*?)```", page, re.DOTALL)
    (keypoints,) = (block for block in blocks if "lift_keypoints(" in block)
    (network,) = (block for block in blocks if "load_checkpoint(" in block)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    walk = rng.uniform(100, 900, (17, 3)) + rng.normal(0, 2, (12, 17, 3)).cumsum(0)
    rays = torch.tensor(walk[None, ..., :2] / 1000, dtype=torch.float32)
    given = {"keypoints": walk, "rays": rays, "confidence": torch.ones(1, 12, 17)}

    for block in blocks:
        ast.parse(block)
    exec(keypoints, given)
    exec(network, given)

    assert (tmp_path / "walk.bvh").is_file()
    poses_m: Any = given["poses_m"]
    assert poses_m.shape == (1, 12, 17, 3)
    assert not poses_m[..., 0, :].any()


def test_the_documentations_speeds_are_those_of_the_motion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "measuring.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```py\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    walk = np.random.default_rng(3).uniform(100, 900, (17, 2)) + 4 * np.arange(12)[:, None, None]
    walk[:2] = np.nan
    result = lift_keypoints(walk, size_px=(1000, 1000), fps=25.0, outputs=["jump.npz"])

    given: dict[str, Any] = {}
    exec(block, given)

    joints_m = result.people[0].world.positions_m
    moved_m = np.linalg.norm(joints_m[6, 16] - joints_m[4, 16])
    assert given["velocity_m_s"].shape == (10, 17, 3)
    assert np.linalg.norm(given["velocity_m_s"][5, 16]) == pytest.approx(moved_m * 12.5, abs=5e-3)
    assert given["left_stands"].shape == given["wrist_m_s"].shape == (10,)


def test_the_documentations_recipe_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mine.toml").write_text(recipe, encoding="utf-8")

    config = read_config(tmp_path / "mine.toml")

    assert config.start is not None
    assert load_checkpoint(ROOT / config.start)[0].config == config.network


def test_what_is_to_be_cited_is_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")

    assert f"version: {__version__}\n" in citation
    assert "arXiv:2511.08872" in citation


@pytest.mark.parametrize("entry", [e for e in weights.manifest() if e.is_shipped])
def test_the_model_card_is_about_the_weights_that_ship(entry: weights.WeightsEntry) -> None:
    card = (ROOT / "weights" / "README.md").read_text(encoding="utf-8")

    assert entry.sha256 is not None
    assert entry.sha256 in card
    assert entry.licence in card
    assert weights.state(entry, cache_dir=ROOT) == "present"
