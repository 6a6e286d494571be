"""Record a camera or a stream into a file, on a thread of its own, so that nothing holds it up."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from shutil import disk_usage

import av

from pose3d_cli.errors import InputError
from pose3d_cli.video.camera_tap import CameraTap
from pose3d_cli.video.growing import make_whole, part_of
from pose3d_cli.video.live import Camera, Stream
from pose3d_cli.video.source import Packet, local_url
from pose3d_cli.video.stream_tap import SILENT_S, Lost, StreamTap

logger = logging.getLogger(__name__)

SUFFIX = ".mkv"
"""Matroska holds whatever cameras send, and can be read while it grows; it counts milliseconds."""
_OPTIONS = {"flush_packets": "1", "avoid_negative_ts": "disabled", "cluster_time_limit": "500"}
"""Of FFmpeg: what came can be read half a second later, at the times that it came with."""
RESERVED_BYTES = 300_000_000
"""Left free on the disk, so that outputs can be written of what came."""
_PACKETS_A_LOOK = 100


@contextmanager
def recorded(
    source: Camera | Stream, path: Path, *, end_s: Fraction | None = None
) -> Iterator["Recording"]:
    """Record until the block ends, or earlier, and yield as soon as there is a picture.

    Until then the file grows, and can be read, as `video/growing.py` says.

    Args:
        source: what is recorded.
        path: the file, replaced if there is one.
        end_s: how much of it is wanted; None takes all.

    Raises:
        InputError: it cannot be opened, or no picture comes.
    """
    tap = CameraTap(source) if isinstance(source, Camera) else StreamTap(source)
    path.unlink(missing_ok=True)
    recording = Recording(source, tap, path, end_s=end_s)
    try:
        recording.begin()
        yield recording
    finally:
        recording.end()


class Recording:
    """What comes is written until it ends, breaks off, is long enough, or is stopped."""

    def __init__(
        self,
        source: Camera | Stream,
        tap: CameraTap | StreamTap,
        path: Path,
        *,
        end_s: Fraction | None,
    ) -> None:
        self.source = source
        self.path = path
        self.length_s = Fraction(0)
        """How much there is."""
        self.lost: str | None = None
        """Why nothing comes any more, if that was not wanted."""
        self._tap = tap
        self._end_s = end_s
        self._stopping, self._begun = threading.Event(), threading.Event()
        # A daemon: whoever gives up need not wait for a stream that has fallen silent.
        self._thread = threading.Thread(target=self._record, daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def begin(self) -> None:
        """Start, and wait for the first picture.

        Raises:
            InputError: none came.
        """
        self._thread.start()
        self._begun.wait()
        if not (self.path.exists() or part_of(self.path).exists()):
            reason = self.lost or "it ended at once"
            raise InputError(f"no picture came from {self.source}: {reason}")

    def stop(self) -> None:
        """Take no more; what came is made a whole file in a moment."""
        self._stopping.set()

    def end(self) -> None:
        """Stop, and wait until the file is whole."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(SILENT_S + 1)

    def _record(self) -> None:
        part = part_of(self.path)
        try:
            with (
                closing(self._tap),
                av.open(local_url(part), "w", format="matroska", options=_OPTIONS) as output,
            ):
                self._copy_to(output)
        except Lost as error:
            self.lost = str(error)
        except (av.FFmpegError, OSError) as error:
            self.lost = f"the recording cannot be written: {error.strerror}"
        finally:
            # Whoever gave up may have swept the folder away.
            with suppress(FileNotFoundError):
                make_whole(self.path) if self._begun.is_set() else part.unlink()
            self._begun.set()
        if self.lost:
            logger.warning("%s was lost after %.1f s: %s", self.source, self.length_s, self.lost)

    def _copy_to(self, output: av.container.OutputContainer) -> None:
        for count, (time_s, packet) in enumerate(self._tap.packets(output)):
            if count % _PACKETS_A_LOOK == 0 and disk_usage(self.path.parent).free < RESERVED_BYTES:
                raise Lost("the disk is almost full")
            if self._stopping.is_set() or self._is_over(packet, time_s):
                return
            output.mux(packet)
            self.length_s = max(self.length_s, time_s)
            self._begun.set()

    def _is_over(self, packet: Packet, time_s: Fraction) -> bool:
        return self._end_s is not None and packet.stream.type == "video" and time_s >= self._end_s
