"""Loops are compiled even where nothing may be written, and a broken numba is said once."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pose3d_cli import compiled
from pose3d_cli.compiled import has_numba

ROOT = Path(__file__).parents[1]

READ_ONLY = """
import logging
logging.basicConfig(level=logging.INFO)
from numba.core import caching
caching.CacheImpl._locator_classes = []  # no place for a cache, whoever runs this

from pose3d_cli.compiled import jit

@jit(parallel=True)
def doubled(x):
    for i in range(len(x)):
        x[i] *= 2

import numpy as np
x = np.ones(3)
doubled(x)
assert x.tolist() == [2, 2, 2]
"""


TOGETHER = """
from concurrent.futures import ThreadPoolExecutor
import numba
import numpy as np
from pose3d_cli.compiled import jit

@jit(parallel=True)
def summed(x):
    total = 0.0
    for i in numba.prange(len(x)):
        total += np.sqrt(x[i])
    return total

x = np.ones(20_000_000)
with ThreadPoolExecutor(2, initializer=numba.set_num_threads, initargs=[1]) as threads:
    assert list(threads.map(summed, [x] * 8)) == [len(x)] * 8
assert numba.get_num_threads() == 2 and summed(x) == len(x)
assert numba.threading_layer() == "workqueue"
"""


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    has_numba.cache_clear()
    yield
    has_numba.cache_clear()


def test_loops_are_compiled_where_nothing_may_be_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "doubled is compiled anew in every process" in done.stderr


@pytest.mark.slow
def test_threads_without_helpers_share_no_pool_that_takes_one_at_a_time(tmp_path: Path) -> None:
    script = tmp_path / "together.py"  # numba looks for the source
    script.write_text(TOGETHER)
    threads = {"NUMBA_THREADING_LAYER": "workqueue", "NUMBA_NUM_THREADS": "2"}

    done = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | threads | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_numba_is_there() -> None:
    assert has_numba()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("Numba needs NumPy 2.4 or less"), "Numba needs NumPy 2.4 or less"),
        (OSError("libllvmlite.so: cannot open shared object file"), "libllvmlite"),
        (ModuleNotFoundError("No module named 'llvmlite'", name="llvmlite"), "llvmlite"),
        (ModuleNotFoundError("No module named 'numba'", name="numba"), None),
    ],
)
def test_a_broken_numba_is_said_once_and_a_missing_one_never(
    error: Exception,
    said: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "numba":
                raise error

    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])

    with caplog.at_level(logging.INFO, compiled.__name__):
        assert not has_numba()
        assert not has_numba()

    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == bool(said)
    assert all(said in warning for warning in warnings if said)
