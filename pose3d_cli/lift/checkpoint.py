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
from safetensors.torch import save_file
from torch import Tensor

from pose3d_cli.errors import WeightsError
from pose3d_cli.files import written_whole
from pose3d_cli.lift.config import SasMambaConfig
from pose3d_cli.lift.model import SasMamba

FORMAT = "pose3d-sasmamba/1"

_TOP = {
    "Spatial_patch_to_embedding": "embed",
    "Spatial_pos_embed": "joint_embedding",
    "Temporal_pos_embed": "frame_embedding",
    "Spatial_norm": "spatial_norm",
    "Temporal_norm": "temporal_norm",
    "head.0": "head_norm",
    "head.1": "head",
}
_IN_BLOCK = {
    "norm": "norm1",
    "norm2": "norm2",
    "op.in_proj": "ssm.in_proj",
    "op.conv2d.offset_conv": "ssm.conv.offset",
    "op.conv2d.dcn": "ssm.conv",
    "op.x_proj_weight": "ssm.scan.in_weight",
    "op.dt_projs_weight": "ssm.scan.step_weight",
    "op.dt_projs_bias": "ssm.scan.step_bias",
    "op.A_logs": "ssm.scan.log_decay",
    "op.Ds": "ssm.scan.skip",
    "op.out_norm": "ssm.norm",
    "op.out_proj": "ssm.out_proj",
    "mlp.fc1": "mlp.0",
    "mlp.fc2": "mlp.2",
}
_BLOCKS = {"STEblocks": "spatial", "TTEblocks": "temporal"}


def save_checkpoint(path: Path, model: SasMamba, *, about: Mapping[str, str]) -> None:
    """Write the weights and their description whole or not at all; ``about`` joins the header."""
    header = {"format": FORMAT, "config": json.dumps(dataclasses.asdict(model.config)), **about}
    tensors = {name: t.detach().cpu().contiguous() for name, t in model.state_dict().items()}
    with written_whole(path) as part:
        save_file(tensors, part, metadata=header)


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
    try:
        model.load_state_dict(dict(tensors), strict=True)
    except RuntimeError as error:
        raise WeightsError(f"{source} does not fit its configuration: {error}") from error
    return model.eval()


def from_published(state: Mapping[str, Tensor], config: SasMambaConfig) -> dict[str, Tensor]:
    """Translate a state dict with the authors' names and shapes into ours.

    Raises:
        WeightsError: a name is unknown, or a tensor cannot have the shape that ours needs.
    """
    shapes = {name: t.shape for name, t in SasMamba(config).state_dict().items()}
    translated = {}
    for published, tensor in state.items():
        name = _ours(published.removeprefix("module."))
        if name not in shapes or tensor.numel() != shapes[name].numel():
            raise WeightsError(f"'{published}' {tuple(tensor.shape)} has no place in this SasMamba")
        translated[name] = tensor.reshape(shapes[name])
    return translated


def to_published(model: SasMamba) -> dict[str, Tensor]:
    """Return the state dict under the authors' names and in their shapes."""
    return {_published(name): _as_published(name, t) for name, t in model.state_dict().items()}


def _configured(header: Mapping[str, str], path: Path) -> SasMambaConfig:
    try:
        return SasMambaConfig(**json.loads(header["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: its header has no usable configuration: {error}") from error


def _ours(published: str) -> str | None:
    stem, _, kind = published.rpartition(".")
    if match := re.fullmatch(r"(STEblocks|TTEblocks)\.(\d+)\.(.+)", published):
        group, index, rest = match.groups()
        inner = _IN_BLOCK.get(rest) or _renamed(rest, _IN_BLOCK)
        return inner and f"{_BLOCKS[group]}.{index}.{inner}"
    return _TOP.get(published) or (f"{_TOP[stem]}.{kind}" if stem in _TOP else None)


def _published(ours: str) -> str:
    if match := re.fullmatch(r"(spatial|temporal)\.(\d+)\.(.+)", ours):
        group, index, rest = match.groups()
        back = {name: published for published, name in _IN_BLOCK.items()}
        blocks = {name: published for published, name in _BLOCKS.items()}
        return f"{blocks[group]}.{index}.{back.get(rest) or _renamed(rest, back)}"
    back = {name: published for published, name in _TOP.items()}
    return back.get(ours) or str(_renamed(ours, back))


def _renamed(name: str, names: Mapping[str, str]) -> str | None:
    """Translate "stem.weight" by its stem."""
    stem, _, kind = name.rpartition(".")
    return f"{names[stem]}.{kind}" if stem in names else None


def _as_published(name: str, tensor: Tensor) -> Tensor:
    if name in ("joint_embedding", "frame_embedding"):
        return tensor[None]
    if name.endswith("ssm.conv.weight"):
        return tensor.view(-1, 1, 3, 3)
    if name.endswith(("scan.log_decay", "scan.skip")):
        return tensor.flatten(0, 1)
    return tensor
