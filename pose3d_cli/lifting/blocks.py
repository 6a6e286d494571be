"""The building blocks of SasMamba.

Letters, as in the papers on Mamba and SasMamba:

    b  clips            t  frames           v  joints           l  tokens, t·v of them
    C  model width      E  inner width, 2C  N  states           R  rank of the time step
    K  scan directions: 0 frame after frame, 1 joint after joint, 2 and 3 the same backwards
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.scan import selective_scan, time_step
from pose3d_cli.lifting.structure_conv import structure_conv

DIRECTIONS = 4
TAPS = 9


class LayerNorm(nn.LayerNorm):
    """PyTorch's, in a function of our own: ``torch.compile`` passes over PyTorch's own modules."""

    def forward(self, h: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Make mean 0 and variance 1 of every token's features, then scale and shift them."""
        return F.layer_norm(h, self.normalized_shape, self.weight, self.bias, self.eps)


class StructureConv(nn.Module):
    """A depthwise 3×3 filter over (frame, joint) that learns where to look."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.offset = nn.Conv2d(channels, 2 * TAPS, kernel_size=3, padding=1)
        bound = 1 / math.sqrt(TAPS)
        self.weight = nn.Parameter(torch.empty(channels, TAPS).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(channels).uniform_(-bound, bound))

    def forward(self, x: Float[Tensor, "b t v e"]) -> Float[Tensor, "b t v e"]:
        """Filter the plane at the places that the offset convolution points to."""
        offsets = self.offset(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)  # b t v 18
        return structure_conv(x, offsets, self.weight, self.bias)


class SelectiveScan(nn.Module):
    """Four selective scans over all tokens of a clip, added up."""

    def __init__(self, config: SasMambaConfig) -> None:
        super().__init__()
        inner, rank, states = config.inner, config.rank, config.states
        self.split = (states, states, rank)
        bound = 1 / math.sqrt(inner)
        self.in_weight = nn.Parameter(
            torch.empty(DIRECTIONS, sum(self.split), inner).uniform_(-bound, bound)
        )
        bound = 1 / math.sqrt(rank)
        self.step_weight = nn.Parameter(
            torch.empty(DIRECTIONS, inner, rank).uniform_(-bound, bound)
        )
        self.step_bias = nn.Parameter(_initial_step_bias(DIRECTIONS, inner))
        rates = torch.arange(1, states + 1, dtype=torch.float32).log()
        self.log_decay = nn.Parameter(rates.repeat(DIRECTIONS, inner, 1))
        self.skip = nn.Parameter(torch.ones(DIRECTIONS, inner))
        self.constant_anchors = False

    def forward(
        self, u: Float[Tensor, "b t v e"], order: Int[Tensor, "4 l"]
    ) -> Float[Tensor, "b t v e"]:
        """Scan frame-major over the stride-mixed and joint-major over the plain features."""
        x = torch.stack([stride_mix(u, constant_anchors=self.constant_anchors), u], dim=1).flatten(
            2, 3
        )  # b g l e
        projected = self._project(x)  # b k l (N N R)
        b, c, step = projected.split_with_sizes(self.split, dim=-1)
        delta = time_step(step, self.step_weight, self.step_bias)  # b k l e
        y = selective_scan(x, delta, -self.log_decay.exp(), b, c, self.skip, order)
        return y.view_as(u)

    def _project(self, x: Float[Tensor, "b g l e"]) -> Float[Tensor, "b k l r"]:
        """Project the inputs once for both directions that read them: k reads input k mod 2.

        The weight's rows say R N N, as published; here wide loads want the states' columns first.
        """
        *_, rank = self.split
        weight = self.in_weight.roll(-rank, dims=1)
        weight = weight.view(2, 2, *weight.shape[1:])  # back g r e
        weight = weight.transpose(0, 1).flatten(1, 2)  # g 2r e
        forward, backward = (x @ weight.mT).chunk(2, dim=-1)
        return torch.cat([forward, backward], dim=1)


def scan_order(frames: int, joints: int, *, device: torch.device) -> Int[Tensor, "4 l"]:
    """Return which token (frame·joints + joint) each direction visits as its i-th."""
    tokens = torch.arange(frames * joints, device=device, dtype=torch.int32).view(frames, joints)
    forward = torch.stack([tokens.flatten(), tokens.T.flatten()])
    return torch.cat([forward, forward.flip(1)])


def stride_mix(
    u: Float[Tensor, "b t v e"], *, constant_anchors: bool = False
) -> Float[Tensor, "b t v e"]:
    """Add to every joint the first joint of its group of two and of its group of three.

    Args:
        u: features.
        constant_anchors: no gradient through what is added, as in the authors' code. The gradients
            of most parameters are wrong then: only to reproduce.
    """
    anchors = u.detach() if constant_anchors else u
    return u + _first_of_group(anchors, 2) + _first_of_group(anchors, 3)


def _first_of_group(u: Float[Tensor, "b t v e"], size: int) -> Float[Tensor, "b t v e"]:
    """Give every joint the features of the first of its group; indexing would cost a scatter."""
    firsts = u[:, :, ::size, None].expand(-1, -1, -1, size, -1)
    return firsts.flatten(2, 3)[:, :, : u.shape[2]]


class StructureAwareSsm(nn.Module):
    """Structure-aware stride state space model: gate ⊙ (convolution, then scan)."""

    def __init__(self, config: SasMambaConfig) -> None:
        super().__init__()
        self.in_proj = nn.Linear(config.width, 2 * config.inner, bias=False)
        self.conv = StructureConv(config.inner)
        self.scan = SelectiveScan(config)
        self.norm = LayerNorm(config.inner, eps=1e-5)
        self.out_proj = nn.Linear(config.inner, config.width, bias=False)

    def forward(
        self, h: Float[Tensor, "b t v c"], order: Int[Tensor, "4 l"]
    ) -> Float[Tensor, "b t v c"]:
        """Mix information over frames and joints."""
        a, gate = self.in_proj(h).chunk(2, dim=-1)  # b t v e
        u = F.silu(self.conv(a))
        out: Tensor = self.out_proj(self.norm(self.scan(u, order)) * F.silu(gate))
        return out


class Block(nn.Module):
    """Pre-norm residual block: state space model, then a two-layer perceptron."""

    def __init__(self, config: SasMambaConfig, *, drop_path: float) -> None:
        super().__init__()
        self.drop_path = drop_path
        self.norm1 = LayerNorm(config.width, eps=1e-6)
        self.ssm = StructureAwareSsm(config)
        self.norm2 = LayerNorm(config.width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(config.width, 2 * config.width),
            nn.GELU(),
            nn.Linear(2 * config.width, config.width),
        )

    def forward(
        self, h: Float[Tensor, "b t v c"], order: Int[Tensor, "4 l"]
    ) -> Float[Tensor, "b t v c"]:
        """Add what the two branches say; in training each is skipped now and then."""
        h = h + self._drop(self.ssm(self.norm1(h), order))
        return h + self._drop(self.mlp(self.norm2(h)))

    def _drop(self, branch: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Stochastic depth (Huang et al. 2016): skip the branch for a share of the clips."""
        if not self.training or self.drop_path == 0:
            return branch
        keep = 1 - self.drop_path
        return branch * (torch.rand(len(branch), 1, 1, 1, device=branch.device) < keep) / keep


def _initial_step_bias(directions: int, inner: int) -> Float[Tensor, "k e"]:
    """Inverse softplus of time steps drawn log-uniformly from 0.001 to 0.1 (Mamba, section 3.6)."""
    low, high = math.log(1e-3), math.log(1e-1)
    step = (torch.rand(directions, inner) * (high - low) + low).exp().clamp(min=1e-4)
    return step + torch.log(-torch.expm1(-step))
