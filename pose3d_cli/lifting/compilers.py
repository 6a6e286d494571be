"""Which compiled implementations this machine can run."""

import functools
import importlib.util
import logging
import os
import shutil
from collections.abc import Callable

import torch
from torch import Tensor

from pose3d_cli import compiled

logger = logging.getLogger(__name__)


def _constant(function: Callable[[], bool]) -> Callable[[], bool]:
    """Mark a function as ``torch.compiler.assume_constant_result`` does.

    That imports Dynamo, which takes a second of every start, for a mark that ``torch.compile`` alone
    looks at.
    """
    vars(function)["_dynamo_marked_constant"] = True
    return function


def has_numba(like: Tensor) -> bool:
    """Return whether CPU code compiled by numba can take this tensor."""
    return like.device.type == "cpu" and like.dtype == torch.float32 and _numba_works()


def has_triton(like: Tensor) -> bool:
    """Return whether GPU code compiled by Triton can take this tensor."""
    return like.is_cuda and like.dtype != torch.float64 and _triton_works()


@functools.cache
def _found(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


@_constant
def _numba_works() -> bool:
    return compiled.has_numba()


@_constant
def _triton_works() -> bool:
    return _checked_triton()


@functools.cache
def _checked_triton() -> bool:
    """Triton brings its compiler for GPUs, but builds its launchers with the machine's own for C."""
    if not _found("triton"):
        logger.warning("Triton is not installed: the lifter runs slower on this GPU")
        return False
    if not (os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")):
        logger.warning("Triton finds no C compiler (gcc, clang or $CC): the lifter runs slower")
        return False
    return True
