"""Facts about the example that fetches the sample clip, with a wheel of our own for Sports2D's."""

import hashlib
import os
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "examples" / "fetch_sample.py"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all pip sees; it holds sports2d with another clip."""
    info = "sports2d-0.8.34.dist-info"
    files = {
        "Sports2D/Demo/demo.mp4": "a clip",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: sports2d\nVersion: 0.8.34\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "sports2d-0.8.34-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def run(target: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(target)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("index")
def test_the_clip_is_unpacked_from_the_wheel_and_verified(tmp_path: Path) -> None:
    script = runpy.run_path(str(SCRIPT))
    fetch_sample = script["fetch_sample"]
    fetch_sample.__globals__["SHA256"] = hashlib.sha256(b"a clip").hexdigest()

    assert fetch_sample(tmp_path / "sample.mp4").read_bytes() == b"a clip"


@pytest.mark.usefixtures("index")
def test_another_clip_under_the_same_name_is_refused_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "sample.mp4")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "cannot fetch the sample clip" in done.stderr.splitlines()[-1]
    assert "sent another file" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "sample.mp4").exists()


def test_a_package_that_pip_cannot_find_is_told_in_one_line(index: Path, tmp_path: Path) -> None:
    for wheel in index.iterdir():
        wheel.unlink()

    done = run(tmp_path / "sample.mp4")

    assert done.returncode == 1
    assert "No matching distribution found for sports2d==0.8.34" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
