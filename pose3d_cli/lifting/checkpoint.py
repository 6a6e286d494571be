"""Checkpoints: safetensors whose header describes the network, and the authors' own names.

A checkpoint of ours carries its configuration and input convention as JSON in the file's header,
so that a file explains itself. Pickles are refused: loading one runs whatever code is in it.
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from pose3d_cli.errors import WeightsError
from pose3d_cli.files import written_whole
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

FORMAT = "pose3d-sasmamba/1"

_PUBLISHED = {
    "embed": "Spatial_patch_to_embedding",
    "joint_embedding": "Spatial_pos_embed",
    "frame_embedding": "Temporal_pos_embed",
    "spatial_norm": "Spatial_norm",
    "temporal_norm": "Temporal_norm",
    "head_norm": "head.0",
    "head": "head.1",
    "spatial": "STEblocks",
    "temporal": "TTEblocks",
}
_PUBLISHED_IN_BLOCK = {
    "norm1": "norm",
    "norm2": "norm2",
    "ssm.in_proj": "op.in_proj",
    "ssm.conv": "op.conv2d.dcn",
    "ssm.conv.offset": "op.conv2d.offset_conv",
    "ssm.scan.in_weight": "op.x_proj_weight",
    "ssm.scan.step_weight": "op.dt_projs_weight",
    "ssm.scan.step_bias": "op.dt_projs_bias",
    "ssm.scan.log_decay": "op.A_logs",
    "ssm.scan.skip": "op.Ds",
    "ssm.norm": "op.out_norm",
    "ssm.out_proj": "op.out_proj",
    "mlp.0": "mlp.fc1",
    "mlp.2": "mlp.fc2",
}


def save_checkpoint(path: Path, model: SasMamba, *, about: Mapping[str, str]) -> None:
    """Write the weights and their description whole or not at all; ``about`` joins the header."""
    config = json.dumps(dataclasses.asdict(model.config))
    header = {**about, "format": FORMAT, "config": config}
    tensors = {name: t.detach().cpu().contiguous() for name, t in model.state_dict().items()}
    with written_whole(path) as part:
        part.write_bytes(save(tensors, metadata=header))


def load_checkpoint(path: Path) -> tuple[SasMamba, dict[str, str]]:
    """Return the network in evaluation mode and the header of a checkpoint of ours.

    Raises:
        WeightsError: missing, not safetensors, not a SasMamba, or of another shape than it says.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except FileNotFoundError as error:
        raise WeightsError(f"no such weights: {path}", hint="See `pose3d weights list`.") from error
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path} is not a safetensors file: {error}",
            hint="Pickled checkpoints (.pt, .pth, .bin) are refused: they can run code.",
        ) from error
    if header.get("format") != FORMAT:
        raise WeightsError(f"{path} is not a SasMamba checkpoint of format {FORMAT}")
    return load_state(_configured(header, path), tensors, source=str(path)), header


def load_state(config: SasMambaConfig, tensors: Mapping[str, Tensor], *, source: str) -> SasMamba:
    """Return a network in evaluation mode that holds exactly these tensors.

    Raises:
        WeightsError: a tensor is missing, left over, or of another shape.
    """
    model = SasMamba(config)
    check_fit(tensors, model.state_dict(), source=source)
    model.load_state_dict(dict(tensors))
    return model.eval()


def from_published(
    state: Mapping[str, Tensor], config: SasMambaConfig, *, source: str = "the state dict"
) -> dict[str, Tensor]:
    """Translate a state dict with the authors' names and shapes into ours.

    Raises:
        WeightsError: a tensor is missing, left over, or of another shape.
    """
    # Data-parallel training puts "module." before every name.
    bare = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    ours = SasMamba(config).state_dict()
    check_fit(bare, _all_published(ours), source=source)
    return {name: bare[_published(name)].reshape(t.shape) for name, t in ours.items()}


def to_published(model: SasMamba) -> dict[str, Tensor]:
    """Return the state dict under the authors' names and in their shapes."""
    return _all_published(model.state_dict())


def _configured(header: Mapping[str, str], path: Path) -> SasMambaConfig:
    try:
        return SasMambaConfig(**json.loads(header["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: its header has no usable configuration: {error}") from error


def check_fit(
    tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor], *, source: str
) -> None:
    """Name the first tensor that is missing, left over, or of another shape."""
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in tensors:
            raise WeightsError(f"{source} does not fit its configuration: '{name}' is missing")
        if name not in expected:
            raise WeightsError(f"{source} does not fit its configuration: '{name}' has no place")
        shape, wanted = tuple(tensors[name].shape), tuple(expected[name].shape)
        if shape != wanted:
            raise WeightsError(
                f"{source} does not fit its configuration: '{name}' is {shape}, expected {wanted}"
            )


def _all_published(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {_published(name): _as_published(name, tensor) for name, tensor in state.items()}


def _published(ours: str) -> str:
    if match := re.fullmatch(r"(spatial|temporal)\.(\d+)\.(.+)", ours):
        group, index, rest = match.groups()
        return f"{_PUBLISHED[group]}.{index}.{_renamed(rest, _PUBLISHED_IN_BLOCK)}"
    return _renamed(ours, _PUBLISHED)


def _renamed(name: str, names: Mapping[str, str]) -> str:
    """Translate a bare tensor by its name and the tensors of a layer by the layer's."""
    layer, _, kind = name.rpartition(".")
    return names.get(name) or f"{names[layer]}.{kind}"


def _as_published(name: str, tensor: Tensor) -> Tensor:
    if name in ("joint_embedding", "frame_embedding"):
        return tensor[None]
    if name.endswith("ssm.conv.weight"):
        return tensor.view(-1, 1, 3, 3)
    if name.endswith(("scan.log_decay", "scan.skip")):
        return tensor.flatten(0, 1)
    return tensor
