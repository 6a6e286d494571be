"""Read the checkpoints of other projects: safetensors, or PyTorch's pickles without running them."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from pose3d_cli.errors import WeightsError
from pose3d_cli.lifting.checkpoint import check_fit

Network = TypeVar("Network", bound=nn.Module)

_INSIDE = ("model_pos", "model", "state_dict")
"""Where projects keep the network among the optimiser's state and the like."""

_SCALARS: list[Any] = [
    np.dtype,
    type(np.dtype(np.float64)),
    (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar"),
    (np.float64(0).__reduce__()[0], "numpy._core.multiarray.scalar"),
]
"""Beside tensors, checkpoints hold the best error so far, as one of NumPy's numbers."""


def loaded(network: Network, path: Path) -> Network:
    """Return the network in evaluation mode, with exactly the tensors of a checkpoint.

    Raises:
        WeightsError: no such file, not a checkpoint, or one of another network.
    """
    found = _read(path)
    tensors = {str(name).removeprefix("module."): tensor for name, tensor in found.items()}
    check_fit(tensors, network.state_dict(), source=str(path))
    network.load_state_dict(tensors)
    return network.eval()


def _read(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with torch.serialization.safe_globals(_SCALARS):
            # weights_only refuses whatever is no tensor: nothing in the pickle runs.
            content = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251
    except FileNotFoundError as error:
        raise WeightsError(f"no such weights: {path}") from error
    except (
        OSError,
        EOFError,
        LookupError,
        RuntimeError,
        ValueError,
        SafetensorError,
        pickle.UnpicklingError,
    ) as error:
        raise WeightsError(
            f"{path} is no checkpoint that can be read safely: {_first_line(error)}",
            hint="Files that ask for more than tensors are refused: loading them runs code.",
        ) from error
    inside = next((content[key] for key in _INSIDE if key in content), content)
    if not isinstance(inside, Mapping) or not all(isinstance(t, Tensor) for t in inside.values()):
        raise WeightsError(f"{path} holds no network: expected tensors by name")
    return inside


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
