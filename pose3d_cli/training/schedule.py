"""What changes in the course of a run: window lengths, the learning rate, the average's memory.

Progress runs from 0 to 1 over the declared budget, be it in steps or in seconds of wall time.
"""

import math

from pose3d_cli.training.config import Phase, TrainingConfig

_GOLDEN = (math.sqrt(5) - 1) / 2


def progress_at(config: TrainingConfig, *, step: int, elapsed_s: float) -> float:
    """Return how much of the budget is used up."""
    if config.budget_s is not None:
        return min(1.0, elapsed_s / config.budget_s)
    assert config.steps is not None
    return step / config.steps


def phase_at(config: TrainingConfig, *, step: int, progress: float) -> Phase:
    """Return the phase that a step belongs to: by progress, or in turns if phases are mixed."""
    sizes = [phase.steps or phase.share for phase in config.phases]
    # Multiples of the golden ratio are spread evenly, however many are taken.
    place = (step * _GOLDEN) % 1 if config.mixed else progress
    # Half a step's grace, because progress is a rounded quotient of steps.
    grace = 0.5 if config.budget_s is None and not config.mixed else 0.0
    left = place * sum(sizes) + grace
    for phase, size in zip(config.phases, sizes, strict=True):
        if left < size:
            return phase
        left -= size
    return config.phases[-1]


def rate_at(config: TrainingConfig, *, step: int, progress: float) -> float:
    """Learning rate: linear warm-up, then one of two schedules.

    ``trapezoid``: constant, then linear decay (Hägele et al. 2024, "Scaling laws and
    compute-optimal training beyond fixed training durations"). ``cosine``: Loshchilov & Hutter
    2017, equation 5, without restarts.
    """
    rise = min(1.0, (step + 1) / max(config.warmup_steps, 1))
    if config.schedule == "cosine":
        return config.learning_rate * rise * (1 + math.cos(math.pi * progress)) / 2
    fall = min(1.0, (1 - progress) / max(config.decay_share, 1e-9))
    return config.learning_rate * rise * fall


def memory_at(config: TrainingConfig, step: int) -> float:
    """How much of the average stays; a young one forgets its random start fast."""
    return min(config.ema_decay, (1 + step) / (10 + step))
