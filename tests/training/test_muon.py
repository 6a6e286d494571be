import pytest
import torch

from pose3d_cli.training.muon import Muon, orthogonalised

SHAPES = [(8, 12), (12, 8), (8, 12), (16, 16)]


def matrices(seed: int) -> list[torch.Tensor]:
    make = torch.Generator().manual_seed(seed)
    return [torch.randn(*shape, generator=make) for shape in SHAPES]


def test_it_takes_the_same_steps_as_pytorchs() -> None:
    ours, theirs = ([torch.nn.Parameter(m) for m in matrices(0)] for _ in range(2))
    one = Muon(ours, lr=torch.tensor(0.02), weight_decay=0.1)
    other = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")

    for step in range(5):
        for parameters, optimizer in ((ours, one), (theirs, other)):
            for parameter, gradient in zip(parameters, matrices(step + 1), strict=True):
                parameter.grad = gradient
            optimizer.step()

    for mine, its, start in zip(ours, theirs, matrices(0), strict=True):
        # Products in bfloat16 are rounded in another order: a percent of the way that was gone.
        assert (mine - its).norm() < 0.01 * (mine - start).norm()


@pytest.mark.parametrize("shape", [(6, 6), (6, 20), (20, 6)])
def test_what_comes_out_is_nearly_orthogonal(shape: tuple[int, int]) -> None:
    made = torch.randn(3, *shape, generator=torch.Generator().manual_seed(1))
    stretched = made * torch.tensor([1e-3, 1.0, 1e3])[:, None, None]

    values = torch.linalg.svdvals(orthogonalised(stretched))

    assert values.min() > 0.3
    assert values.max() < 1.3
