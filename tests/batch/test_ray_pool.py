"""A real Ray cluster of three nodes on this machine; one is killed half-way.

Needs the extra ``ray``, which CI does not install: ``pytest -m slow tests/batch/test_ray_pool.py``.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pose3d_cli.batch.job import Job
from pose3d_cli.batch.manifest import Manifest, Record
from pose3d_cli.batch.run import Policy, run, split
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.detect import PoseDetector
from pose3d_cli.errors import DeviceError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.pipeline import Models
from pose3d_cli.sequences import Detections, Frame

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
CLIPS = 12


@dataclass(frozen=True)
class _Slow:
    """A detector that takes its time."""

    quick: PoseDetector
    name: str = "slow"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        for found in self.quick.detect(frames):
            time.sleep(0.1)
            yield found


@pytest.fixture
def jobs(job: Callable[..., Job], models: Any, walker: Any) -> list[Job]:
    """Clips, and networks that know who walks in them, to be sent to any node as they are."""
    quick = models(replace(walker, camera=Camera.assumed(320, 240)))

    class Knowing(LiftingOptions):
        def load(self, **_: object) -> Models:
            return networks

    networks = Models(_Slow(quick.detector), quick.lifter)
    for value in (_Slow, type(quick.lifter)):
        ray.cloudpickle.register_pickle_by_value(sys.modules[value.__module__])

    plain = job().recipe
    fields = LiftingOptions.__dataclass_fields__
    how = Knowing(**{name: getattr(plain.how, name) for name in fields})
    recipe = replace(plain, how=how)
    return [job(f"clip {number}", recipe=recipe) for number in range(CLIPS)]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_TMPDIR", "/tmp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        yield made
        ray.shutdown()
        made.shutdown()


class _Watching:
    """Kills a node once a few clips are done."""

    def __init__(self, at: int, kill: Callable[[], None]) -> None:
        self.finishes: list[str] = []
        self._at, self._kill = at, kill

    def started(self, job: Job) -> None: ...

    def progressed(self, progress: Any) -> None: ...

    def finished(self, job: Job, record: Record | None) -> None:  # noqa: ARG002 - Audience
        self.finishes.append(job.clip.name)
        if len(self.finishes) == self._at:
            self._kill()


def test_a_node_is_killed_and_everything_finishes(jobs: list[Job], cluster: Any) -> None:
    from pose3d_cli.batch.ray_pool import RayPool, Share

    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    cluster.wait_for_nodes()
    manifest = Manifest(jobs[0].out_dir, private_dir=jobs[0].private_dir)
    todo, summary = split(jobs, manifest, Policy())
    pool = RayPool(cluster.address, share=Share(1.0), workers=3)
    audience = _Watching(4, lambda: cluster.remove_node(nodes[0], allow_graceful=False))

    run(todo, summary, manifest=manifest, pool=pool, policy=Policy(), audience=audience)

    assert len(summary.done) == CLIPS
    assert summary.failed == []
    for one in jobs:
        assert (one.out_dir / f"{one.clip.name}.json").stat().st_size > 1000
    again, summary = split(jobs, manifest, Policy())
    assert (again, summary.skipped) == ([], CLIPS)


def test_a_cluster_that_is_not_there_or_too_small_is_told(cluster: Any) -> None:
    from pose3d_cli.batch.ray_pool import RayPool, Share

    with pytest.raises(DeviceError, match="to spare"):
        RayPool(cluster.address, share=Share(1.0, gpus=1.0), workers=None)
