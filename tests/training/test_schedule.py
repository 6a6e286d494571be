from dataclasses import replace
from itertools import pairwise

import pytest

from pose3d_cli.training.config import Phase, TrainingConfig
from pose3d_cli.training.schedule import memory_at, phase_at, progress_at, rate_at


def rates(config: TrainingConfig) -> list[float]:
    assert config.steps
    return [
        round(rate_at(config, step=step, progress=step / config.steps), 3)
        for step in range(config.steps)
    ]


@pytest.fixture
def ten_steps(config: TrainingConfig) -> TrainingConfig:
    return replace(
        config,
        phases=(Phase(frames=9, clips=1, steps=10),),
        learning_rate=1.0,
        warmup_steps=4,
        decay_share=0.5,
    )


def test_the_rate_rises_stays_and_falls(ten_steps: TrainingConfig) -> None:
    assert rates(ten_steps) == [0.25, 0.5, 0.75, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]


def test_a_cosine_falls_all_the_way_and_fastest_in_the_middle(ten_steps: TrainingConfig) -> None:
    cosine = rates(replace(ten_steps, schedule="cosine", warmup_steps=0))

    assert cosine[0] == 1
    assert cosine[5] == 0.5
    steps_down = [round(a - b, 6) for a, b in pairwise(cosine)]
    assert max(steps_down) == steps_down[4]
    assert cosine[-1] < 0.03


@pytest.mark.parametrize("sizes", [(4, 2), (1, 1, 1), (7, 11, 13), (1500, 2200, 1200, 500)])
def test_every_step_belongs_to_its_phase(config: TrainingConfig, sizes: tuple[int, ...]) -> None:
    phases = tuple(Phase(frames=i + 1, clips=1, steps=size) for i, size in enumerate(sizes))
    long = replace(config, phases=phases)

    progress = [progress_at(long, step=step, elapsed_s=0.0) for step in range(sum(sizes))]

    frames = [phase_at(long, step=0, progress=p).frames for p in progress]
    assert frames == [i + 1 for i, size in enumerate(sizes) for _ in range(size)]


def test_a_budget_in_seconds_is_shared_by_the_phases(config: TrainingConfig) -> None:
    timed = replace(
        config,
        budget_s=100.0,
        phases=(Phase(frames=9, clips=1, share=3.0), Phase(frames=27, clips=1, share=1.0)),
    )

    def frames_after(elapsed_s: float) -> int:
        progress = progress_at(timed, step=1, elapsed_s=elapsed_s)
        return phase_at(timed, step=1, progress=progress).frames

    assert timed.steps is None
    assert [frames_after(s) for s in (0.0, 74.9, 75.1, 99.0, 250.0)] == [9, 9, 27, 27, 27]
    assert progress_at(timed, step=1, elapsed_s=250.0) == 1


def test_a_young_average_forgets_fast(config: TrainingConfig) -> None:
    assert memory_at(config, 1) < 0.2
    assert memory_at(config, 100_000) == config.ema_decay


def test_mixed_phases_take_turns_in_proportion_to_their_sizes(config: TrainingConfig) -> None:
    phases = tuple(Phase(frames=f, clips=1, share=s) for f, s in ((9, 1.0), (27, 3.0)))
    mixed = replace(config, phases=phases, budget_s=60.0, mixed=True)

    frames = [phase_at(mixed, step=step, progress=0.0).frames for step in range(400)]

    assert frames.count(9) == pytest.approx(100, abs=2)
    assert 9 in frames[200:210]
