"""Which words mean a camera or a stream, and what they are called in messages and file names."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.errors import UsageError
from pose3d_cli.video.live import SCHEMES, Camera, Stream, live_source


def test_numbers_and_devices_are_cameras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert live_source("0") == live_source("/dev/video0") == Camera(0)
    assert (str(Camera(12)), Camera(12).stem) == ("camera 12", "camera-12")
    (tmp_path / "0").touch()
    assert live_source("0") is None


@pytest.mark.parametrize("name", ["clip.mp4", "a:b.mp4", "C:\\clip.mp4", "rtsp:/x", "-1", "", "٣"])
def test_everything_else_is_a_file(name: str) -> None:
    assert live_source(name) is None


def test_passwords_and_keys_are_in_no_message_and_no_file_name() -> None:
    stream = live_source("RTSP://me:pa@ss@cam.example:554/live/../1?key=secret#secret")

    assert isinstance(stream, Stream)
    assert str(stream) == "rtsp://cam.example:554/live/../1"
    assert stream.stem == "cam.example-live-..-1"
    assert Stream("http://cam.example:81/live/stream.m3u8?key=1").stem == "cam.example-live-stream"
    assert stream.host == "cam.example"


def test_an_address_that_nothing_can_be_read_from_is_told() -> None:
    for name in ("ftp://host/clip.mp4", "file:///clip.mp4", "rtsp:///live"):
        with pytest.raises(UsageError):
            live_source(name)


@given(st.sampled_from(SCHEMES), st.text(max_size=30))
def test_whatever_an_address_is_its_file_name_is_plain(scheme: str, rest: str) -> None:
    try:
        stream = live_source(f"{scheme}://{rest}")
    except UsageError:
        return
    assert isinstance(stream, Stream)
    assert stream.stem
    assert not set(stream.stem) & set("/\\\0:\n")
    assert stream.stem[0] != "."
