"""Facts about files on web servers, against a server of our own."""

import contextlib
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.downloads import FetchError, fetch, show_nothing
from pose3d_cli.sources import Web

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Site:
    """How the server behaves, and the Range headers it saw."""

    url: str = ""
    ranges: bool = True
    says_length: bool = True
    breaks_after: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    moved_to: str = ""
    asked: list[str | None] = field(default_factory=list)
    half_sent: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        site, asked = self.site, self.headers["Range"]
        site.asked.append(asked)
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked and site.ranges else 0
        if self.path == "/moved":
            self.head(302, {"Location": site.moved_to})
        elif self.path != "/w.pt":
            self.head(404, {})
        elif first >= len(CONTENT):
            self.head(416, {})
        else:
            length = {"Content-Length": str(len(CONTENT) - first)} if site.says_length else {}
            self.head(206 if first else 200, length | site.headers)
            self.send(CONTENT[first : site.breaks_after])

    def send(self, body: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # a client may leave when it likes
            self.wfile.write(body[: len(body) // 2])
            self.site.half_sent.set()
            if self.site.may_go_on.wait(timeout=30):
                self.wfile.write(body[len(body) // 2 :])

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = Site()
    site.may_go_on.set()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, site)) as server:
        site.url = f"http://127.0.0.1:{server.server_port}/w.pt"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield site
        site.may_go_on.set()
        server.shutdown()
        thread.join()


def test_a_plain_download_gives_the_bytes_and_reports_them(site: Site, tmp_path: Path) -> None:
    reports: list[tuple[int, int | None]] = []

    Web(site.url).fetch(tmp_path / "p", on_progress=lambda *report: reports.append(report))

    assert (tmp_path / "p").read_bytes() == CONTENT
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert reports == sorted(set(reports))


@pytest.mark.parametrize("cut", [0, 1, 123_457, len(CONTENT) - 1, len(CONTENT)])
def test_a_download_continues_from_any_byte(site: Site, tmp_path: Path, cut: int) -> None:
    (tmp_path / "p").write_bytes(CONTENT[:cut])

    Web(site.url).fetch(tmp_path / "p", on_progress=show_nothing)

    assert (tmp_path / "p").read_bytes() == CONTENT
    assert site.asked == [f"bytes={cut}-" if cut else None]


def test_a_server_without_ranges_sends_the_file_anew(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    (tmp_path / "p").write_bytes(CONTENT[:1000])

    Web(site.url).fetch(tmp_path / "p", on_progress=show_nothing)

    assert (tmp_path / "p").read_bytes() == CONTENT


def test_a_dropped_connection_is_told_and_continued(site: Site, tmp_path: Path) -> None:
    site.breaks_after = 400_000
    with pytest.raises(FetchError, match=f"broke after 400000 of {len(CONTENT)} bytes"):
        fetch([Web(site.url)], tmp_path / "w.pt", sha256=SHA256)
    assert not (tmp_path / "w.pt").exists()

    site.breaks_after = None
    fetch([Web(site.url)], tmp_path / "w.pt", sha256=SHA256)

    assert site.asked == [None, "bytes=400000-"]
    assert (tmp_path / "w.pt").read_bytes() == CONTENT


def test_a_server_that_says_no_length_is_believed(site: Site, tmp_path: Path) -> None:
    site.says_length = False
    totals = set()

    Web(site.url).fetch(tmp_path / "p", on_progress=lambda _, total: totals.add(total))

    assert (tmp_path / "p").read_bytes() == CONTENT
    assert totals == {None}


def test_a_killed_process_leaves_no_file_under_the_final_name(site: Site, tmp_path: Path) -> None:
    site.may_go_on.clear()
    code = (
        "import sys; from pathlib import Path; from pose3d_cli.downloads import fetch; "
        "from pose3d_cli.sources import Web; "
        "fetch([Web(sys.argv[1])], Path(sys.argv[2]), sha256=sys.argv[3])"
    )
    command = [sys.executable, "-c", code, site.url, str(tmp_path / "w.pt"), SHA256]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root) as process:
        assert site.half_sent.wait(timeout=30)
        process.kill()

    assert {p.name for p in tmp_path.iterdir()} <= {"w.pt.part", ".w.pt.lock"}
    site.may_go_on.set()
    fetch([Web(site.url)], tmp_path / "w.pt", sha256=SHA256)
    assert (tmp_path / "w.pt").read_bytes() == CONTENT


def test_a_missing_page_names_its_status(site: Site, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="HTTP 404"):
        Web(f"{site.url}x").fetch(tmp_path / "p", on_progress=show_nothing)


def test_a_login_page_is_not_taken_for_weights(site: Site, tmp_path: Path) -> None:
    site.headers["Content-Type"] = "text/html; charset=utf-8"

    with pytest.raises(FetchError, match="page"):
        Web(site.url).fetch(tmp_path / "p", on_progress=show_nothing)

    assert not (tmp_path / "p").exists()


def test_a_redirect_is_followed_but_never_leaves_https(site: Site, tmp_path: Path) -> None:
    moved = Web(site.url.replace("w.pt", "moved"))

    site.moved_to = site.url
    moved.fetch(tmp_path / "p", on_progress=show_nothing)
    assert (tmp_path / "p").read_bytes() == CONTENT

    site.moved_to = "http://example.org/w.pt"
    with pytest.raises(FetchError, match="not https"):
        moved.fetch(tmp_path / "p", on_progress=show_nothing)


def test_a_garbled_answer_is_a_source_that_failed(site: Site, tmp_path: Path) -> None:
    site.headers["Transfer-Encoding"] = "chunked"  # and yet no chunk follows

    with pytest.raises(FetchError, match="the connection broke"):
        Web(site.url).fetch(tmp_path / "p", on_progress=show_nothing)


@pytest.mark.parametrize("url", ["http://example.org/w.pt", "file:///w.pt", "ftp://localhost/w"])
def test_only_https_is_a_source(url: str) -> None:
    with pytest.raises(ValueError, match="not https"):
        Web(url)


def test_a_server_that_is_not_there_is_a_source_that_failed(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="refused"):
        Web("http://127.0.0.1:9/w.pt").fetch(tmp_path / "p", on_progress=show_nothing)
