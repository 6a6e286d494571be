"""Files appear whole or not at all: write beside the target, then rename."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pose3d_cli.errors import OutputError

ELSEWHERE = "Make room there, or choose another folder with --out."
ANOTHER_CACHE = "Make room there, or set POSE3D_CACHE_DIR to a folder that takes files."


@contextlib.contextmanager
def written_whole(path: Path, *, hint: str = ELSEWHERE) -> Iterator[Path]:
    """Yield a path to write to; it becomes ``path`` only if the block ends well.

    The name keeps its suffix, because some libraries choose the format by it. The hint tells what
    to do should that not be possible.

    Raises:
        OutputError: the folder is missing, read-only or full.
    """
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
    except OSError as error:
        raise _cannot_write(path, error, hint) from error
    part = Path(name)
    try:
        yield part
        part.chmod(0o666 & ~_umask())  # mkstemp makes files private
        part.replace(path)
    except OSError as error:
        raise _cannot_write(path, error, hint) from error
    finally:
        part.unlink(missing_ok=True)


def check_writable(path: Path, *, overwrite: bool) -> None:
    """Refuse early, before hours of work, a target that could not be written in the end.

    Raises:
        OutputError: ``path`` exists and ``overwrite`` is off, or its folder takes no files.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder", hint="Name a file.")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists", hint="Add -y to replace it.")
    if not path.parent.is_dir():
        raise OutputError(
            f"the folder {path.parent} does not exist", hint=f"mkdir -p '{path.parent}'"
        )
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _cannot_write(path, error, ELSEWHERE) from error


def _cannot_write(path: Path, error: OSError, hint: str) -> OutputError:
    return OutputError(f"cannot write {path}: {error.strerror or error}", hint=hint)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
