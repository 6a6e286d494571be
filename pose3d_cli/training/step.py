"""One step of training, without ever waiting for the GPU.

Rates and weights that change from step to step are numbers in the GPU's memory or arguments of
kernels; nothing is read back. The CPU runs at most two steps ahead.
"""

from collections import deque

import torch
from torch import Tensor

from pose3d_cli.datasets.synthetic import Batch
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.normalise import normalise, turned
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.losses import total_loss
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.team import Team

STEPS_AHEAD = 2


def lift_batch(model: SasMamba, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return predicted and true poses, root-relative, in the axes of the camera, in metres."""
    view = normalise(batch.rays, batch.confidence)
    predicted = model(view.inputs[..., : model.config.in_channels])
    predicted = turned(predicted - predicted[:, :, :1], view.view_from_camera.mT)
    return predicted, batch.truth_m


class Step:
    """Loss, gradients, mean over the processes, clipping, optimizers, moving average."""

    def __init__(self, state: TrainingState, config: TrainingConfig, team: Team) -> None:
        self._state, self._config, self._team = state, config, team
        self._parameters: list[Tensor] = list(state.model.parameters())
        self._averages: list[Tensor] = list(state.average.parameters())
        # All gradients and the loss in one piece: one message between processes, one norm.
        self._message = torch.zeros(
            sum(p.numel() for p in self._parameters) + 1, device=team.device
        )
        self._gradient, self._loss = self._message[:-1], self._message[-1]
        start = 0
        for parameter in self._parameters:
            end = start + parameter.numel()
            parameter.grad = self._gradient[start:end].view_as(parameter)
            start = end
        self._unfinished: deque[torch.cuda.Event] = deque()
        on_gpu = team.device.type == "cuda"
        state.model.bf16 = on_gpu and config.bf16
        if on_gpu and config.compile:
            _compile(state.model)
        if state.model.bf16:
            torch.set_float32_matmul_precision("high")

    def __call__(self, batch: Batch, *, rate: float, memory: float) -> None:
        """Change the state; ``batch`` is this process's share."""
        state, config = self._state, self._config
        predicted, truth = lift_batch(state.model, batch)
        loss = total_loss(
            predicted,
            truth,
            scale_weight=config.scale_weight,
            velocity_weight=config.velocity_weight,
            bone_direction_weight=config.bone_direction_weight,
        )
        self._message.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        self._loss.copy_(loss.detach())
        self._team.average_(self._message)
        state.loss_sum += self._loss
        norm = torch.linalg.vector_norm(self._gradient)
        self._gradient *= (config.clip_norm / (norm + 1e-6)).clamp(max=1)
        state.rate.fill_(rate)
        for optimizer in state.optimizers:
            optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self._averages, self._parameters, 1 - memory)
        state.step += 1
        self._wait_for_all_but_the_last()

    def is_sound(self) -> bool:
        """Whether the last step's gradients were finite; waits for the GPU."""
        return bool(self._message.isfinite().all())

    def _wait_for_all_but_the_last(self) -> None:
        if self._team.device.type != "cuda":
            return
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record()
        self._unfinished.append(event)
        if len(self._unfinished) > STEPS_AHEAD:
            self._unfinished.popleft().synchronize()


def _compile(model: SasMamba) -> None:
    """Compile blocks, which are alike, so that the compiler works once for all, and norms."""
    norms = (model.spatial_norm, model.temporal_norm, model.head_norm)
    for part in (*model.spatial, *model.temporal, *norms):
        part.compile(dynamic=False)
