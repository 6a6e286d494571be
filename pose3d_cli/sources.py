"""The two places that files come from: a web server, and a wheel of a package index."""

import subprocess
import sys
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from pose3d_cli import __version__
from pose3d_cli.downloads import FetchError, Progress

TIMEOUT_S = 30
"""How long a server may stay silent."""
CHUNK_BYTES = 1 << 18


@dataclass(frozen=True)
class Web:
    """A file on a web server, continued with an HTTP Range request (RFC 9110, section 14)."""

    url: str

    def __post_init__(self) -> None:
        if not _is_safe(self.url):
            raise ValueError(f"{self.url} is not https")

    def __str__(self) -> str:
        return urlsplit(self.url).netloc

    def fetch(self, part: Path, *, on_progress: Progress) -> None:
        """Download to ``part``, from where it ends if the server can.

        Raises:
            FetchError: the server cannot be reached, refuses, or breaks off.
        """
        here = part.stat().st_size if part.exists() else 0
        with _answer(self.url, first_byte=here) as response:
            if response is None:
                return
            here = here if response.status == 206 else 0
            length = response.headers.get("Content-Length")
            total = here + int(length) if length else None
            with part.open("ab" if here else "wb") as file:
                for chunk in iter(lambda: _read(response), b""):
                    file.write(chunk)
                    here += len(chunk)
                    on_progress(here, total)
        if total is not None and here != total:
            raise FetchError(f"the connection broke after {here} of {total} bytes")


@dataclass(frozen=True)
class Wheel:
    """A file inside a wheel, which is downloaded with pip and unpacked, never installed."""

    requirement: str
    """Name and exact version, as in ``sports2d==0.8.34``."""
    member: str
    """The file's path inside the wheel."""

    def __str__(self) -> str:
        return f"the package {self.requirement}"

    def fetch(self, part: Path, *, on_progress: Progress) -> None:
        """Download the wheel and unpack the member to ``part``.

        Raises:
            FetchError: pip cannot get the wheel, or the wheel has no such member.
        """
        with tempfile.TemporaryDirectory(prefix="pose3d-") as folder:
            wheel = _download_wheel(self.requirement, Path(folder))
            unpack(wheel, self.member, part, on_progress=on_progress)


def unpack(wheel: Path, member: str, target: Path, *, on_progress: Progress) -> None:
    """Stream one member of a wheel to ``target``; no name inside the wheel becomes a path.

    Raises:
        FetchError: ``wheel`` is damaged or has no such member.
    """
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as packed:
            total = archive.getinfo(member).file_size
            with target.open("wb") as file:
                while chunk := packed.read(CHUNK_BYTES):
                    file.write(chunk)
                    on_progress(file.tell(), total)
    except KeyError:
        raise FetchError(f"{wheel.name} has no {member}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FetchError(f"{wheel.name} is damaged: {error}") from error


def _download_wheel(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    # A wheel runs no code on its way here; and what is not installed may be for another Python.
    command += ["--only-binary", ":all:", "--ignore-requires-python"]
    command += ["--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise FetchError(lines[-1].removeprefix("ERROR: ") if lines else "pip brought no wheel")
    return wheels[0]


@contextmanager
def _answer(url: str, *, first_byte: int) -> Iterator[HTTPResponse | None]:
    """Yield the server's answer, or None if the file has nothing from ``first_byte`` on."""
    headers = {"User-Agent": f"pose3d/{__version__}"}
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        response = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S)
    except HTTPError as error:
        error.close()
        if error.code == 416 and first_byte:  # range not satisfiable
            yield None
            return
        raise FetchError(f"HTTP {error.code} {error.reason}") from error
    except (HTTPException, OSError) as error:
        raise FetchError(str(getattr(error, "reason", error))) from error
    with response:
        if response.headers.get_content_type() == "text/html":
            raise FetchError("answered with a page, not a file (a proxy's login?)")
        yield response


def _read(response: HTTPResponse) -> bytes:
    try:
        return response.read(CHUNK_BYTES)
    except (HTTPException, OSError) as error:
        raise FetchError(f"the connection broke: {error}") from error


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: HTTPResponse,  # type: ignore[override]  # what arrives, whatever the stubs say
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _is_safe(newurl):
            raise URLError(f"redirected to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    )
