"""The rendering bench keeps running, and keeps what it claims by a wide margin."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_bench_compares_every_panel_with_matplotlib(tmp_path: Path) -> None:
    command = (sys.executable, "bench/render.py", "--rounds", "1", "--json", tmp_path / "r.json")
    subprocess.run(
        command, cwd=ROOT, check=True, env=os.environ | {"PYTHONPATH": "."}, capture_output=True
    )

    report = json.loads((tmp_path / "r.json").read_text())
    assert min(report["frames_per_s"].values()) > 1
    assert len(report["times_as_fast"]) == 4
    assert min(report["times_as_fast"].values()) > 3
