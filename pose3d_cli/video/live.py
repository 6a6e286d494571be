"""What is not a file but happens now: how users name cameras and streams."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pose3d_cli.errors import UsageError

SCHEMES = ("http", "https", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt", "tcp", "udp")
_URL = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_DEVICE = re.compile(r"/dev/video([0-9]{1,3})")
_LONGEST = 80
_SUFFIX = re.compile(r"\.\w{2,5}$", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of this machine."""

    number: int
    """From 0, as the operating system counts them."""

    def __str__(self) -> str:
        return f"camera {self.number}"

    @property
    def stem(self) -> str:
        """Return what files are called after."""
        return f"camera-{self.number}"


@dataclass(frozen=True, slots=True)
class Stream:
    """A network address at which pictures come."""

    url: str

    def __str__(self) -> str:
        """Return the address without passwords and keys, for messages."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def host(self) -> str | None:
        """Return the name of the machine, if one is named."""
        return urlsplit(self.url).hostname

    @property
    def stem(self) -> str:
        """Return what files are called after: host and path, in letters that every system takes."""
        parts = urlsplit(self.url)
        path = _SUFFIX.sub("", parts.path)
        words = re.findall(r"[\w.-]+", f"{parts.hostname or parts.scheme} {path}")
        return "-".join(words).strip(".")[:_LONGEST] or parts.scheme


def live_source(name: str) -> Camera | Stream | None:
    """Return which camera or stream a user means; None if it is a file.

    ``0`` is a camera unless a file is called so, and so is ``/dev/video0``.

    Raises:
        UsageError: an address of a kind that nothing can be read from.
    """
    if device := _DEVICE.fullmatch(name):
        return Camera(int(device[1]))
    if _NUMBER.fullmatch(name) and not Path(name).exists():
        return Camera(int(name))
    if not (url := _URL.match(name)):
        return None
    if url[1].lower() not in SCHEMES:
        raise UsageError(
            f"{url[0]} addresses cannot be read",
            hint=f"Give a file's path, or one of {' '.join(f'{s}://' for s in SCHEMES)}",
        )
    try:
        host = urlsplit(name).netloc
    except ValueError:
        host = ""
    if not host:
        raise UsageError(f"{url[0]}… names no host", hint="As in rtsp://HOST/PATH.")
    return Stream(name)
