"""Undo interlacing: camcorders filmed odd and even lines at different times.

Whoever moves is torn into combs then, and detectors see limbs where none are.
"""

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
from av.filter import Graph

_FILTER, _OPTIONS = "bwdif", "mode=send_frame:deint=interlaced"
"""One picture for each, of the moment of its first lines; what is not interlaced stays as it is.
https://ffmpeg.org/ffmpeg-filters.html#bwdif"""


def deinterlaced(pictures: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Yield as many pictures, at the same times; nothing is done before the first interlaced one."""
    weaver = None
    for picture in pictures:
        if weaver is not None and not weaver.takes(picture):
            yield from weaver.rest()
            weaver = None
        if weaver is None and picture.interlaced_frame:
            weaver = _Weaver(picture)
        if weaver is None:
            yield picture
        else:
            yield from weaver.woven(picture)
    if weaver is not None:
        yield from weaver.rest()


class _Weaver:
    """A running filter; it looks one picture ahead."""

    def __init__(self, first: av.VideoFrame) -> None:
        self._kind, self._tick_s = _kind(first), first.time_base or Fraction(1)
        self._graph = Graph()
        source = self._graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=self._tick_s
        )
        weaving = self._graph.add(_FILTER, _OPTIONS)
        self._graph.link_nodes(source, weaving, self._graph.add("buffersink")).configure()

    def takes(self, picture: av.VideoFrame) -> bool:
        """Tell whether a picture is like the first."""
        return _kind(picture) == self._kind

    def woven(self, picture: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Yield what is ready once one picture more is known."""
        self._graph.vpush(picture)
        yield from self._ready()

    def rest(self) -> Iterator[av.VideoFrame]:
        """Yield what was held back."""
        self._graph.vpush(None)
        yield from self._ready()

    def _ready(self) -> Iterator[av.VideoFrame]:
        with contextlib.suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                picture = self._graph.vpull()
                if picture.pts is not None and picture.time_base is not None:
                    # the filter counts in ticks of its own
                    picture.pts = round(picture.pts * picture.time_base / self._tick_s)
                picture.time_base = self._tick_s
                yield picture


def _kind(picture: av.VideoFrame) -> tuple[int, int, str]:
    """Return what cannot change while a filter runs."""
    return picture.width, picture.height, picture.format.name
