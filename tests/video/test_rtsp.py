"""An IP camera: a small RTSP server (RFC 2326) that sends H.264 as RTP over the same connection."""

import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from pose3d_cli.errors import InputError
from pose3d_cli.video.live import Stream
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.recording import recorded

SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=camera
t=0 0
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
a=control:track
""".replace("\n", "\r\n")
TRANSPORT = "RTP/AVP/TCP;unicast;interleaved=0-1"


class Camera(socketserver.ThreadingTCPServer):
    """Plays a film from its beginning to whoever asks with the right password."""

    daemon_threads = True

    def __init__(self, film: Path) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.film = film
        self.url = f"rtsp://me:secret@127.0.0.1:{self.server_address[1]}/live"


class Visit(socketserver.StreamRequestHandler):
    """What one client asks for."""

    def handle(self) -> None:
        while request := self._request():
            method, fields = request
            if "authorization" not in fields and method != "OPTIONS":
                self._answer(fields, "401 Unauthorized", "WWW-Authenticate: Basic realm=camera")
            elif method == "DESCRIBE":
                self._answer(fields, "200 OK", "Content-Type: application/sdp", body=SDP)
            elif method == "SETUP":
                self._answer(fields, "200 OK", f"Transport: {TRANSPORT}", "Session: 1")
            else:
                self._answer(
                    fields, "200 OK", "Public: DESCRIBE, SETUP, PLAY, TEARDOWN", "Session: 1"
                )
            if method == "PLAY":
                self._play()
                return

    def _request(self) -> tuple[str, dict[str, str]] | None:
        first = self.rfile.readline().decode()
        lines = iter(lambda: self.rfile.readline().decode().strip(), "")
        fields = {
            k.lower(): v for k, _, v in (re.split(r"(:\s*)", line, maxsplit=1) for line in lines)
        }
        return (first.split()[0], fields) if first.strip() else None

    def _answer(self, fields: dict[str, str], status: str, *more: str, body: str = "") -> None:
        head = [
            f"RTSP/1.0 {status}",
            f"CSeq: {fields['cseq']}",
            *more,
            f"Content-Length: {len(body)}",
        ]
        self.wfile.write("\r\n".join([*head, "", body]).encode())

    def _play(self) -> None:
        """Have FFmpeg cut the film into RTP packets, and pass them on."""
        server: Any = self.server
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inlet:
            inlet.bind(("127.0.0.1", 0))
            inlet.settimeout(1)
            url = f"rtp://127.0.0.1:{inlet.getsockname()[1]}"
            threading.Thread(target=self._send_to, args=(url, server.film), daemon=True).start()
            try:
                while packet := inlet.recv(65536):
                    self.wfile.write(b"$\0" + len(packet).to_bytes(2, "big") + packet)
            except (TimeoutError, ConnectionError):
                return

    def _send_to(self, url: str, film: Path) -> None:
        with av.open(str(film)) as source, av.open(url, "w", format="rtp") as output:
            copy = output.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = copy
                    output.mux(packet)
                    time.sleep(0.01)


@pytest.fixture
def camera(film: Callable[..., Path]) -> Iterator[Camera]:
    options = {"g": "10", "x264-params": "bframes=0:repeat-headers=1"}
    with Camera(film("seen.ts", ticks=range(60), options=options)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_what_an_ip_camera_shows_is_recorded_with_its_own_times(
    camera: Camera, tmp_path: Path
) -> None:
    target = tmp_path / "recording.mkv"

    with recorded(Stream(camera.url), target, end_s=Fraction(1)):
        came = list(read_frames(probe(target)))

    assert len(came) == 30
    for index, frame in enumerate(came):
        assert abs(frame.time_s - index * Fraction(1001, 30000)) <= Fraction(1, 1000)


def test_a_wrong_password_is_told_with_what_to_do(camera: Camera, tmp_path: Path) -> None:
    url = camera.url.replace("me:secret@", "")

    with (
        pytest.raises(InputError, match="401") as caught,
        recorded(Stream(url), tmp_path / "a.mkv"),
    ):
        pass

    assert "NAME:PASSWORD@" in str(caught.value.hint)
