"""What is written down now and then in the course of a run."""

import logging
import time
from dataclasses import dataclass, field

import torch

from pose3d_cli.datasets.synthetic import Batch
from pose3d_cli.evaluation.metrics import p_mpjpe_mm
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.training.config import Phase
from pose3d_cli.training.losses import position_loss, scale_free_loss, velocity_loss
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.step import lift_batch

logger = logging.getLogger(__name__)

LOG_EVERY = 50
VALIDATE_EVERY = 500


@dataclass(slots=True)
class Notes:
    """Adds rows to the log."""

    validation: Batch
    _windows: int = 0
    _steps: int = 0
    _since_s: float = field(default_factory=time.monotonic)

    def after(self, state: TrainingState, *, phase: Phase, rate: float) -> None:
        """Keep a row of the log now and then; only that waits for the GPU."""
        self._windows += phase.clips
        self._steps += 1
        if state.step % LOG_EVERY:
            return
        row = {
            "step": state.step,
            "frames": phase.frames,
            "loss": state.loss_sum.item() / LOG_EVERY,
            "learning_rate": rate,
        }
        took_s = time.monotonic() - self._since_s
        row |= {
            "elapsed_s": round(state.elapsed_s, 1),
            "step_ms": round(1e3 * took_s / self._steps, 2),
            "windows_per_s": round(self._windows / took_s, 1),
        }
        if state.step % VALIDATE_EVERY == 0:
            row |= validate(state.average, self.validation)
        state.log.append(row)
        logger.info("%s", ", ".join(f"{key} {value:.6g}" for key, value in row.items()))
        state.loss_sum.zero_()
        self._windows, self._steps, self._since_s = 0, 0, time.monotonic()


@torch.no_grad()
def validate(model: SasMamba, batch: Batch) -> dict[str, float]:
    """Return errors in millimetres, and per frame, on a fixed batch."""
    predicted, truth = lift_batch(model, batch)
    pairs = zip(predicted.cpu().numpy(), truth.cpu().numpy(), strict=True)
    return {
        "mpjpe_mm": 1e3 * position_loss(predicted, truth).item(),
        "n_mpjpe_mm": 1e3 * scale_free_loss(predicted, truth).item(),
        "p_mpjpe_mm": sum(p_mpjpe_mm(*pair) for pair in pairs) / len(truth),
        "mpjve_mm": 1e3 * velocity_loss(predicted, truth).item(),
    }
