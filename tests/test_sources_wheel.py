"""Facts about files inside wheels, with a wheel of our own that is all pip sees."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from pose3d_cli.downloads import FetchError, fetch, show_nothing
from pose3d_cli.sources import Wheel, unpack

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "wheels" / "posedemo-1.0-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("posedemo/w.pt", CONTENT)
        archive.writestr("../outside.pt", CONTENT)
        info = "posedemo-1.0.dist-info"
        archive.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: posedemo\nVersion: 1.0\nRequires-Python: <3\n",
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def only_local_wheels(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))


@pytest.mark.usefixtures("only_local_wheels")
def test_a_wheel_gives_its_member_whatever_python_it_is_for(tmp_path: Path) -> None:
    source = Wheel("posedemo==1.0", "posedemo/w.pt")

    assert fetch([source], tmp_path / "w.pt", sha256=SHA256) == SHA256


@pytest.mark.usefixtures("only_local_wheels")
def test_a_wheel_that_pip_cannot_find_is_told_in_pips_words(tmp_path: Path) -> None:
    message = r"the package posedemo==2\.0: No matching distribution found for posedemo==2\.0"
    with pytest.raises(FetchError, match=message):
        fetch([Wheel("posedemo==2.0", "posedemo/w.pt")], tmp_path / "w.pt", sha256=SHA256)


def test_a_member_that_points_outside_lands_where_it_was_asked_to(
    wheel: Path, tmp_path: Path
) -> None:
    target = tmp_path / "inner" / "w.pt"
    target.parent.mkdir()

    unpack(wheel, "../outside.pt", target, on_progress=show_nothing)

    assert target.read_bytes() == CONTENT
    assert list(tmp_path.rglob("outside.pt")) == []


def test_a_wheel_without_the_member_says_so(wheel: Path, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"posedemo-1\.0-py3-none-any\.whl has no posedemo/x\.pt"):
        unpack(wheel, "posedemo/x.pt", tmp_path / "p", on_progress=show_nothing)


@pytest.mark.parametrize("position", [45, 60, 300, -10])
def test_a_damaged_wheel_is_a_source_that_failed(
    wheel: Path, tmp_path: Path, position: int
) -> None:
    damaged = bytearray(wheel.read_bytes())
    damaged[position] ^= 0xFF
    wheel.write_bytes(damaged)

    with pytest.raises(FetchError, match="damaged"):
        unpack(wheel, "posedemo/w.pt", tmp_path / "p", on_progress=show_nothing)
