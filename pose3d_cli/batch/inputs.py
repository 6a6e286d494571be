"""Which clips are meant, and where the outputs of each belong."""

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.video.images import picture_files

VIDEO_SUFFIXES = frozenset(
    {
        *(".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"),
        *(".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"),
    }
)
FEWEST_PICTURES = 2
"""Of a folder that stands for a clip; one picture may be a poster."""
_PERSON = re.compile(r"\.\d+$")
"""What a name ends in that is one of several people's."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One input, and its place in the output folder."""

    path: Path
    name: str
    """Where its outputs go, in the output folder, without a suffix; with ``/`` on every system."""


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    folder: Path
    """Below what was named: mirrored in the output folder."""


def find_clips(named: Sequence[str], *, out_dir: Path, several: bool = False) -> tuple[Clip, ...]:
    """Return the clips that folders, files, globs and ``@lists`` name, each once, sorted by folder.

    A folder stands for all videos in it and below it, without hidden ones, those that pose3d drew,
    and ``out_dir``; one of pictures without a video stands for itself.
    Two clips whose outputs would have one name keep their suffix in it. So do, should ``several``
    people have a file each, ``t.mp4`` and ``t.1.mp4``: the first one's BVHs are ``t.1.bvh``, ….

    Raises:
        InputError: something named is not there, or there is no clip at all.
        UsageError: two clips would have the same outputs even so.
    """
    found: dict[Path, _Found] = {}
    for name in _without_lists(named):
        try:
            for clip in _clips_of(name, out_dir=out_dir.resolve()):
                found.setdefault(clip.path.resolve(), clip)
        except (OSError, ValueError, NotImplementedError) as error:  # pathlib's, of a strange name
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"cannot search {name!r}: {reason}", hint="Check it.") from error
    if not found:
        raise InputError(
            f"no video in {', '.join(named)}",
            hint=f"Looked for {' '.join(sorted(VIDEO_SUFFIXES))}, below every folder, "
            "and left out what pose3d drew.",
        )
    clips = sorted(found.values(), key=lambda clip: (clip.folder.as_posix(), clip.path.name))
    return tuple(_named(clips, several=several))


def _without_lists(named: Iterable[str]) -> Iterator[str]:
    for name in named:
        if not name.startswith("@"):
            yield name
            continue
        path = Path(name[1:])
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(
                f"cannot read the list {path}: {reason}", hint="One path or glob a line, in UTF-8."
            ) from error
        yield from (line.strip() for line in lines if line.strip() and line.lstrip()[0] != "#")


def _clips_of(name: str, *, out_dir: Path) -> Iterator[_Found]:
    path = Path(name)
    if path.is_dir():
        yield from _below(path, out_dir)
    elif path.exists():
        yield _Found(path, Path())
    elif glob.has_magic(name):
        yield from _matching(name, out_dir)
    else:
        raise InputError(f"{path} does not exist", hint="Check the path.")


def _below(root: Path, out_dir: Path) -> Iterator[_Found]:
    for folder, below, files in os.walk(root):
        here = Path(folder)
        below[:] = [d for d in below if d[0] != "." and (here / d).resolve() != out_dir]
        videos = [file for file in files if file[0] != "." and _is_clip(here / file)]
        for file in videos:
            yield _Found(here / file, here.relative_to(root))
        if not videos and len(picture_files(here)) >= FEWEST_PICTURES:
            yield _Found(here, here.relative_to(root).parent)


def _matching(pattern: str, out_dir: Path) -> Iterator[_Found]:
    """Yield the videos that a glob matches; its part without wildcards is the folder to mirror."""
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed])
    for path in root.glob("/".join(parts[fixed:])):
        below = path.relative_to(root)
        hidden = any(part[0] == "." for part in below.parts)
        ours = out_dir in path.resolve().parents
        if path.is_file() and not hidden and not ours and _is_clip(path):
            yield _Found(path, below.parent)


def _is_clip(path: Path) -> bool:
    """Tell by the name; what is no video after all is named among the failed."""
    from pose3d_cli.video.drawn import is_drawn

    return path.suffix.lower() in VIDEO_SUFFIXES and not is_drawn(path)


def _named(clips: Sequence[_Found], *, several: bool) -> Iterator[Clip]:
    short = [(clip.folder / clip.path.stem).as_posix() for clip in clips]
    # Some file systems take a.mp4 and A.mp4 for one.
    times = Counter(name.casefold() for name in short)
    for name in list(times) if several else ():
        if (base := _PERSON.sub("", name)) != name and base in times:
            times.update((name, base))
    names = [
        name if times[name.casefold()] == 1 else (clip.folder / clip.path.name).as_posix()
        for name, clip in zip(short, clips, strict=True)
    ]
    named: dict[str, Path] = {}
    for name, clip in zip(names, clips, strict=True):
        if (other := named.setdefault(name.casefold(), clip.path)) != clip.path:
            raise UsageError(
                f"{other} and {clip.path} would be written to the same files",
                hint="Rename one; or, if they are in different folders, name the one above both.",
            )
        yield Clip(clip.path, name)
