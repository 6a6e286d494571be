"""Checkpoints come back bit by bit, and everything else is refused with a reason."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from pose3d_cli.errors import OutputError, WeightsError
from pose3d_cli.lifting.checkpoint import (
    FORMAT,
    from_published,
    load_checkpoint,
    load_state,
    save_checkpoint,
    to_published,
)
from pose3d_cli.lifting.config import LARGE, SMALL, SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

GOLDEN = Path(__file__).parents[1] / "golden" / "sasmamba_small_T27.npz"
TINY = SasMambaConfig(width=16, depth=2, in_channels=3, states=4, max_frames=30, drop_path=0.1)


@pytest.fixture
def model() -> SasMamba:
    torch.manual_seed(0)
    return SasMamba(TINY)


@pytest.fixture
def path(tmp_path: Path, model: SasMamba) -> Path:
    save_checkpoint(tmp_path / "tiny.safetensors", model, about={"licence": "CC0-1.0"})
    return tmp_path / "tiny.safetensors"


def rewrite(path: Path, **header: str) -> None:
    """Put the same tensors under another header."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
        old = file.metadata()
    save_file(tensors, path, metadata={**old, **header})


def test_a_checkpoint_comes_back_bit_by_bit(path: Path, model: SasMamba) -> None:
    loaded, header = load_checkpoint(path)
    assert loaded.config == TINY
    assert not loaded.training
    assert header["licence"] == "CC0-1.0"
    saved = model.state_dict()
    assert list(loaded.state_dict()) == list(saved)
    assert all(t.equal(saved[name]) for name, t in loaded.state_dict().items())


def test_the_header_says_what_the_network_is(path: Path) -> None:
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    assert header["format"] == FORMAT
    assert json.loads(header["config"]) == {
        "width": 16,
        "depth": 2,
        "in_channels": 3,
        "max_frames": 30,
        "joints": 17,
        "states": 4,
        "drop_path": 0.1,
    }


def test_a_remark_cannot_replace_the_description(tmp_path: Path, model: SasMamba) -> None:
    save_checkpoint(tmp_path / "a.safetensors", model, about={"format": "x", "config": "{}"})
    assert load_checkpoint(tmp_path / "a.safetensors")[0].config == TINY


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path, model: SasMamba) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        save_checkpoint(tmp_path / "nowhere" / "a.safetensors", model, about={})


@pytest.mark.parametrize(("config", "tensors"), [(SMALL, 222), (LARGE, 432)])
def test_published_names_and_back_change_nothing(config: SasMambaConfig, tensors: int) -> None:
    model = SasMamba(config)
    published = to_published(model)
    assert len(published) == tensors
    back = from_published(published, config)
    assert back.keys() == model.state_dict().keys()
    assert all(t.equal(back[name]) for name, t in model.state_dict().items())


def test_names_and_shapes_are_those_of_the_published_network() -> None:
    with np.load(GOLDEN) as golden:
        published = {
            name.removeprefix("sd/"): golden[name].shape
            for name in golden.files
            if name.startswith("sd/")
        }
    assert {n: tuple(t.shape) for n, t in to_published(SasMamba(SMALL)).items()} == published


def test_the_prefix_of_data_parallel_training_is_no_part_of_a_name(model: SasMamba) -> None:
    wrapped = {f"module.{name}": t for name, t in to_published(model).items()}
    plain = from_published(to_published(model), TINY)
    assert all(t.equal(plain[name]) for name, t in from_published(wrapped, TINY).items())


def import_ours(state: dict[str, Tensor]) -> None:
    load_state(TINY, state, source="a.safetensors")


def import_published(state: dict[str, Tensor]) -> None:
    from_published(state, TINY, source="a.safetensors")


@pytest.mark.parametrize(
    ("importer", "name"),
    [(import_ours, "spatial.1.ssm.in_proj.weight"), (import_published, "head.1.weight")],
)
class TestStrictBothWays:
    @pytest.fixture
    def state(self, model: SasMamba, importer: Callable[..., None]) -> dict[str, Tensor]:
        return to_published(model) if importer is import_published else model.state_dict()

    def test_a_fitting_state_is_taken(
        self, state: dict[str, Tensor], importer: Callable[..., None], name: str
    ) -> None:
        assert name in state
        importer(state)

    def test_a_missing_tensor_is_named(
        self, state: dict[str, Tensor], importer: Callable[..., None], name: str
    ) -> None:
        del state[name]
        with pytest.raises(WeightsError, match=rf"a\.safetensors .*'{name}' is missing"):
            importer(state)

    def test_a_tensor_too_many_is_named(
        self, state: dict[str, Tensor], importer: Callable[..., None], name: str
    ) -> None:
        state[f"{name}.more"] = state[name]
        with pytest.raises(WeightsError, match=rf"a\.safetensors .*'{name}\.more' has no place"):
            importer(state)

    def test_a_turned_tensor_is_named(
        self, state: dict[str, Tensor], importer: Callable[..., None], name: str
    ) -> None:
        rows, columns = state[name].shape
        state[name] = state[name].T
        with pytest.raises(WeightsError) as caught:
            importer(state)
        assert str(caught.value).endswith(
            f"'{name}' is {(columns, rows)}, expected {(rows, columns)}"
        )


def test_missing_weights_are_called_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such weights"):
        load_checkpoint(tmp_path / "nothing.safetensors")


def test_a_pickle_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "best_epoch.pt"
    path.write_bytes(pickle.dumps({"model": [1.0] * 100}))
    with pytest.raises(WeightsError, match="not a safetensors file") as caught:
        load_checkpoint(path)
    assert caught.value.hint is not None
    assert "can run code" in caught.value.hint


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_file_is_refused(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(WeightsError, match="not a safetensors file"):
        load_checkpoint(path)


def test_another_format_is_refused(path: Path) -> None:
    rewrite(path, format="pose3d-sasmamba/2")
    with pytest.raises(WeightsError, match=f"format {FORMAT}"):
        load_checkpoint(path)


def test_safetensors_without_a_header_are_refused(path: Path) -> None:
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match=f"format {FORMAT}"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"width": 16}',
        '{"width": 16, "depth": 2, "colour": "red"}',
        '{"width": 16, "depth": 2, "joints": 16}',
        '{"width": 0, "depth": 2}',
        '{"width": "16", "depth": "2"}',
        '{"width": 16.0, "depth": 2}',
        '{"width": null, "depth": 2}',
    ],
)
def test_an_unusable_configuration_is_refused(path: Path, config: str) -> None:
    rewrite(path, config=config)
    with pytest.raises(WeightsError, match="no usable configuration"):
        load_checkpoint(path)


def test_a_configuration_of_another_network_is_refused(path: Path) -> None:
    rewrite(path, config=json.dumps({"width": 32, "depth": 2}))
    with pytest.raises(WeightsError, match="does not fit its configuration"):
        load_checkpoint(path)
