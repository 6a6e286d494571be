"""Epochs by the papers' recipe, on a made-up set."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pose3d_cli.datasets.h36m_motionbert import read_motionbert
from pose3d_cli.datasets.labelled import LabelledSet
from pose3d_cli.errors import InputError
from pose3d_cli.lifting.blocks import stride_mix
from pose3d_cli.lifting.checkpoint import load_checkpoint
from pose3d_cli.training.paper import WEIGHTS, train
from pose3d_cli.training.paper_config import PaperConfig, Reference
from pose3d_cli.training.paper_state import PaperState

TINY = PaperConfig(
    width=16,
    depth=1,
    frames=9,
    stride=5,
    batch=4,
    epochs=3,
    learning_rate=3e-3,
    validation_subjects=("S5",),
    licence="CC0-1.0",
)


@pytest.fixture
def labelled(h36m_pickle: Callable[..., Path]) -> LabelledSet:
    return read_motionbert(h36m_pickle())


def run(config: PaperConfig, labelled: LabelledSet, out: Path, **how: Any) -> PaperState:
    *_, last = train(config, labelled, out=out, device="cpu", **how)
    return last


def test_the_loss_falls(labelled: LabelledSet, tmp_path: Path) -> None:
    state = run(replace(TINY, epochs=8), labelled, tmp_path)

    assert state.log[-1]["loss"] < 0.7 * state.log[0]["loss"]
    assert (tmp_path / "log.csv").read_text().startswith("epoch,loss,error")


def test_stopping_after_every_epoch_changes_nothing(labelled: LabelledSet, tmp_path: Path) -> None:
    whole = run(TINY, labelled, tmp_path / "whole")
    for _ in range(TINY.epochs):
        parts = next(train(TINY, labelled, out=tmp_path / "parts", device="cpu"))

    assert parts.log == whole.log
    for name, tensor in parts.model.state_dict().items():
        assert tensor.equal(whole.model.state_dict()[name]), name


def test_the_best_epoch_is_kept_and_patience_ends_the_run(
    labelled: LabelledSet, tmp_path: Path
) -> None:
    # Steps this large make everything worse.
    state = run(replace(TINY, epochs=50, patience=2, learning_rate=1.0), labelled, tmp_path)

    assert state.epoch == state.best_epoch + 2
    assert load_checkpoint(tmp_path / WEIGHTS)[1]["epoch"] == str(state.best_epoch)


def test_the_reference_chooses_by_the_test_subjects_in_millimetres(
    labelled: LabelledSet, tmp_path: Path
) -> None:
    ours = run(replace(TINY, epochs=1), labelled, tmp_path / "ours")
    theirs = run(
        replace(TINY, epochs=1, reference=Reference(select_on_test=True)),
        labelled,
        tmp_path / "theirs",
    )

    assert ours.best < 5 < theirs.best


def test_nobody_to_choose_by_is_named(labelled: LabelledSet, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 to choose"):
        run(replace(TINY, validation_subjects=("S3",)), labelled, tmp_path)


def test_a_state_of_another_network_is_refused(labelled: LabelledSet, tmp_path: Path) -> None:
    PaperState.fresh(TINY, device="cpu").save(tmp_path / "state.safetensors")

    with pytest.raises(InputError, match="cannot go on"):
        run(replace(TINY, width=32, epochs=9), labelled, tmp_path)


def test_norms_and_rates_decay_only_if_everything_does() -> None:
    for everything in (True, False):
        config = replace(TINY, reference=Reference(decay_everything=everything))
        state = PaperState.fresh(config, device="cpu")
        decayed = {id(p) for p in state.optimizer.param_groups[0]["params"]}
        for name, parameter in state.model.named_parameters():
            is_plain = "norm" in name or name.endswith(("bias", "skip", "log_decay", "embedding"))
            assert (id(parameter) in decayed) == (everything or not is_plain)


def test_amsgrad_is_adams_variant_without_decay() -> None:
    optimizer = PaperState.fresh(replace(TINY, optimizer="amsgrad"), device="cpu").optimizer

    assert isinstance(optimizer, torch.optim.Adam)
    assert not isinstance(optimizer, torch.optim.AdamW)
    assert optimizer.defaults["amsgrad"]


def test_constant_anchors_change_gradients_and_nothing_else() -> None:
    u = torch.randn(1, 2, 17, 3, requires_grad=True)
    out = {how: stride_mix(u, constant_anchors=how) for how in (True, False)}
    grads = {how: torch.autograd.grad(y.sum(), u)[0] for how, y in out.items()}

    torch.testing.assert_close(out[True], out[False])
    torch.testing.assert_close(grads[True], torch.ones_like(u))
    assert grads[False][0, 0, :, 0].tolist() == [
        6, 1, 3, 4, 3, 1, 6, 1, 3, 4, 3, 1, 6, 1, 3, 3, 2
    ]  # fmt: skip


def test_the_network_is_told_to_hold_its_anchors() -> None:
    config = replace(TINY, reference=Reference(constant_anchors=True))

    model = PaperState.fresh(config, device="cpu").model

    assert all(b.ssm.scan.constant_anchors for b in (*model.spatial, *model.temporal))
