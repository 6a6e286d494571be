"""``result.json``: everything that was found out, for people to read and for `pose3d export`."""

import contextlib
import gzip
import importlib.resources
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, cast

import numpy as np

from pose3d_cli.errors import InputError
from pose3d_cli.export.document import document_of, result_of
from pose3d_cli.export.fields import Fields
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Result

_HINT = "Name what `pose3d lift` wrote."


def write_json(path: Path, result: Result) -> None:
    """Write a result, one frame a line; compressed if ``path`` ends in ``.gz``.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the result holds NaN, or people whose times are not the clip's.
    """
    lines = _lines(document_of(result))
    with written_whole(path) as part, _text(part) as file:
        file.writelines(lines)
        file.write("\n")


def read_json(path: Path) -> Result:
    """Return what ``write_json`` wrote; the clip's path is its bare name.

    Raises:
        InputError: the file is missing, damaged, no result, or from a newer pose3d.
    """
    try:
        data = path.read_bytes()
        document = json.loads(
            gzip.decompress(data) if path.suffix.lower() == ".gz" else data,
            parse_constant=_no_constants,
        )
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {path}: {reason}", hint=_HINT) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not JSON, nor any other text", hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is not JSON: {error}", hint="The file is damaged or cut off; make it again."
        ) from error
    if not isinstance(document, dict):
        raise InputError(f"{path} is JSON, but holds no pose3d result", hint=_HINT)
    return result_of(Fields(document, path))


def schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of ``result.json``."""
    text = importlib.resources.files("pose3d_cli.export").joinpath("schema.json").read_text("utf-8")
    return cast("dict[str, object]", json.loads(text))


def _lines(value: object, depth: int = 0) -> Iterator[str]:
    """Yield JSON with every key, every object of a list and every row of an array on its line."""
    if isinstance(value, dict):
        keyed = (chain([f"{json.dumps(key)}: "], _lines(value[key], depth + 1)) for key in value)
        yield from _bracketed("{}", keyed, depth)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _bracketed("[]", (_lines(entry, depth + 1) for entry in value), depth)
    elif isinstance(value, np.ndarray):
        rows = (json.dumps(row.tolist(), allow_nan=False, separators=(",", ":")) for row in value)
        yield from _bracketed("[]", ([row] for row in rows), depth)
    else:
        yield json.dumps(value, allow_nan=False)


def _bracketed(brackets: str, entries: Iterable[Iterable[str]], depth: int) -> Iterator[str]:
    yield brackets[0]
    separator = ""
    for entry in entries:
        yield f"{separator}\n{'  ' * (depth + 1)}"
        yield from entry
        separator = ","
    yield f"\n{'  ' * depth}{brackets[1]}"


@contextlib.contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(path.open("wb"))
        if path.suffix.lower() == ".gz":
            # neither name nor time inside: the same result is the same bytes
            packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0)
            raw = io.BufferedWriter(stack.enter_context(packed))
        yield stack.enter_context(io.TextIOWrapper(raw, encoding="ascii", newline="\n"))


def _no_constants(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
