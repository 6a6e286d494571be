from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.batch.inputs import Clip
from pose3d_cli.batch.job import Job, prepare
from pose3d_cli.batch.manifest import Record
from pose3d_cli.batch.pool import Event, Finished
from pose3d_cli.batch.recipe import Recipe
from pose3d_cli.cli.bvh_options import BvhOptions
from pose3d_cli.cli.detection_options import DetectionOptions
from pose3d_cli.cli.filming_options import FilmingOptions, TurnOptions
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.cli.look_options import LookOptions
from pose3d_cli.cli.motion_options import MotionOptions
from pose3d_cli.cli.part_options import PartOptions

RECIPE = Recipe(
    how=LiftingOptions(
        motion=MotionOptions(smooth=6.0),
        part=PartOptions(),
        film=FilmingOptions(turn=TurnOptions()),
        look=LookOptions(),
        bvh=BvhOptions(),
        detection=DetectionOptions(cache_dir=Path("cache"), detector="yolo.pt", cache=False),
        lifter="sasmamba.safetensors",
    ),
    weights=("0" * 64, "f" * 64),
    formats=("json", "bvh"),
)


class InlinePool:
    """One worker that does its job, or whatever a test says, when it is asked what happened."""

    def __init__(self, work: Callable[[Job], Event]) -> None:
        self._work = work
        self._job: Job | None = None
        self.submitted: list[tuple[str, bool]] = []
        self.closed = False

    @property
    def free(self) -> int:
        return int(self._job is None)

    def submit(self, job: Job, *, wait: bool) -> None:
        self._job = job
        self.submitted.append((job.clip.name, wait))

    def events(self) -> Sequence[Event]:
        assert self._job is not None
        event = self._work(self._job)
        self._job = None
        return [event]

    def close(self) -> None:
        self.closed = True


class Silent:
    """Nobody looks."""

    def started(self, job: Job) -> None: ...

    def progressed(self, progress: Any) -> None: ...

    def finished(self, job: Job, record: Record | None) -> None: ...


@pytest.fixture
def job(tmp_path: Path, film: Callable[..., Path]) -> Callable[..., Job]:
    """Return a function that makes a clip of a walker and the job to lift it."""
    prepare(tmp_path / "out")

    def make(name: str = "a", *, recipe: Recipe = RECIPE) -> Job:
        path = film(f"{name}.mp4", size_px=(320, 240), ticks=range(6))
        return Job(Clip(path, name), recipe, tmp_path / "out")

    return make


@pytest.fixture
def pool() -> Callable[..., InlinePool]:
    """Return a function that makes a pool of what to do with a job, by default nothing."""
    return lambda work=lambda job: Finished(job, None): InlinePool(work)


@pytest.fixture
def silent() -> Silent:
    return Silent()
