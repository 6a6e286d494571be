"""A SasMamba that runs in ONNX Runtime, read from a file that ``onnx_export.py`` wrote."""

import json
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime
import torch
from google.protobuf.message import DecodeError
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.errors import WeightsError
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.onnx_export import INPUT, OUTPUT


@dataclass(frozen=True, slots=True)
class OnnxNetwork:
    """Called like the network that it was exported from."""

    session: onnxruntime.InferenceSession
    config: SasMambaConfig

    def __call__(self, inputs: Float[Tensor, "b t v i"]) -> Float[Tensor, "b t v 3"]:
        """Lift clips of up to ``max_frames`` frames."""
        (poses,) = self.session.run([OUTPUT], {INPUT: inputs.cpu().numpy()})
        return torch.from_numpy(poses)


def load_onnx(path: Path, *, device: str) -> tuple[OnnxNetwork, dict[str, str]]:
    """Return the network and the properties of a file of ours.

    Raises:
        WeightsError: missing, not ONNX, or not a SasMamba of ours.
    """
    try:
        written = path.read_bytes()
        header = {p.key: p.value for p in onnx.load_model_from_string(written).metadata_props}
        config = SasMambaConfig(**json.loads(header["config"]))
    except FileNotFoundError as error:
        raise WeightsError(f"no such weights: {path}", hint="See `pose3d weights list`.") from error
    except (OSError, DecodeError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path} is no SasMamba in ONNX: {error}",
            hint="`pose3d weights export NAME -o FILE.onnx` writes one.",
        ) from error
    wanted = ["CUDAExecutionProvider"] if device == "cuda" else []
    there = onnxruntime.get_available_providers()
    providers = [*(p for p in wanted if p in there), "CPUExecutionProvider"]
    return OnnxNetwork(onnxruntime.InferenceSession(written, providers=providers), config), header
