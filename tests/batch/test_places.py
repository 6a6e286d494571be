"""Each worker of a machine has a GPU and cores of its own."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pose3d_cli.batch import places as module
from pose3d_cli.batch.job import Job
from pose3d_cli.batch.local import LocalPool
from pose3d_cli.batch.places import places
from pose3d_cli.batch.pool import Finished
from pose3d_cli.batch.worker import Place


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that makes PyTorch see so many GPUs, on a machine of eight cores."""
    monkeypatch.setattr(module, "_cores", lambda: 8)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def pretend(count: int) -> None:
        monkeypatch.setattr("torch.cuda.device_count", lambda: count)
        monkeypatch.setattr("torch.cuda.is_available", lambda: count > 0)

    return pretend


def test_one_worker_a_gpu_unless_more_are_asked_for(gpus: Callable[[int], None]) -> None:
    gpus(2)

    assert places("auto", None, at_most=9) == [Place("0", 4), Place("1", 4)]
    assert [p.gpu for p in places("cuda", 5, at_most=9)] == ["0", "1", "0", "1", "0"]
    assert places("auto", None, at_most=1) == [Place("0", 8)]
    assert [p.gpu for p in places("cpu", None, at_most=9)] == [None, None]


def test_without_gpus_a_worker_has_four_cores(gpus: Callable[[int], None]) -> None:
    gpus(0)

    assert places("auto", None, at_most=9) == [Place(None, 4), Place(None, 4)]


def test_only_visible_gpus_are_shared_out_by_their_own_names(
    gpus: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus(2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-8a, 5,-1,7")

    assert [p.gpu for p in places("auto", None, at_most=9)] == ["GPU-8a", "5"]


SPY = '''
import os
from dataclasses import dataclass

from pose3d_cli.errors import OutputError


@dataclass(frozen=True)
class Spy:
    """Loads no networks, but tells what could be seen."""

    def identity(self):
        return {}

    def load(self):
        names = ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")
        raise OutputError(" ".join(os.environ[name] for name in names))

    store = settings = render_settings = bvh_style = lambda self: None
'''


@pytest.mark.slow
def test_a_worker_sees_its_own_gpu_only(
    job: Callable[..., Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spy_of_places.py").write_text(SPY)
    monkeypatch.syspath_prepend(tmp_path)
    spy = importlib.import_module("spy_of_places").Spy()
    jobs = [replace(one, recipe=replace(one.recipe, how=spy)) for one in (job("a"), job("b"))]
    pool = LocalPool([Place("GPU-8a", 3), Place("5", 2)])
    try:
        for one in jobs:
            pool.submit(one, wait=False)
        events = [event for _ in jobs for event in pool.events()]
    finally:
        pool.close()
        del sys.modules["spy_of_places"]

    told = {
        e.record.error.message
        for e in events
        if isinstance(e, Finished) and e.record and e.record.error
    }
    assert told == {"GPU-8a 3", "5 2"}
