"""Facts about the example that averages two networks."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import torch

from pose3d_cli.errors import WeightsError
from pose3d_cli.lifting.checkpoint import load_checkpoint, save_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

SCRIPT = Path(__file__).parents[1] / "examples" / "average_weights.py"


@pytest.fixture(scope="module")
def average() -> Callable[[Path, Path, Path], None]:
    return cast("Callable[[Path, Path, Path], None]", runpy.run_path(str(SCRIPT))["average"])


def network(path: Path, *, seed: int, width: int = 8, licence: str = "CC0-1.0") -> Path:
    torch.manual_seed(seed)
    model = SasMamba(SasMambaConfig(width=width, depth=1))
    save_checkpoint(path, model, about={"licence": licence, "seed": str(seed)})
    return path


def test_every_weight_is_the_mean_and_the_header_is_the_later_ones(
    tmp_path: Path, average: Callable[[Path, Path, Path], None]
) -> None:
    one, two = (network(tmp_path / f"{seed}.safetensors", seed=seed) for seed in (1, 2))

    average(one, two, tmp_path / "mean.safetensors")

    (first, _), (second, _), (mean, header) = map(
        load_checkpoint, (one, two, tmp_path / "mean.safetensors")
    )
    assert header["seed"] == "2"
    assert "equal parts" in header["averaged"]
    a, b = first.state_dict(), second.state_dict()
    for name, value in mean.state_dict().items():
        torch.testing.assert_close(value, (a[name] + b[name]) / 2)


def test_other_sizes_and_licences_are_refused(
    tmp_path: Path, average: Callable[[Path, Path, Path], None]
) -> None:
    one = network(tmp_path / "one.safetensors", seed=1)
    wide = network(tmp_path / "wide.safetensors", seed=1, width=16)
    closed = network(tmp_path / "closed.safetensors", seed=1, licence="CC-BY-NC-4.0")

    for other in (wide, closed):
        with pytest.raises(WeightsError, match="differ"):
            average(one, other, tmp_path / "mean.safetensors")
    assert not (tmp_path / "mean.safetensors").exists()
