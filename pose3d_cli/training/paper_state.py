"""A run of the papers' recipe between two epochs, on disk as safetensors."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from pose3d_cli.errors import InputError
from pose3d_cli.files import written_whole
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.training.paper_config import PaperConfig

_NOT_OURS = (SafetensorError, OSError, KeyError, RuntimeError, TypeError, ValueError)


@dataclass(slots=True)
class PaperState:
    """What an epoch changes."""

    model: SasMamba
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    """Order of the clips, and which are mirrored; on the CPU."""
    epoch: int = 0
    best: float = float("inf")
    best_epoch: int = 0
    log: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def fresh(cls, config: PaperConfig, *, device: str) -> "PaperState":
        """Start at epoch 0."""
        torch.manual_seed(config.seed)
        model = SasMamba(config.network)
        for block in (*model.spatial, *model.temporal):
            block.ssm.scan.constant_anchors = config.reference.constant_anchors
        model.to(device)
        return cls(model, _optimizer(model, config), torch.Generator().manual_seed(config.seed))

    def save(self, path: Path) -> None:
        """Write everything that the next epoch depends on."""
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            for key, value in values.items():
                tensors[f"optimizer.{index}.{key}"] = value
        tensors["generator"] = self.generator.get_state()
        tensors["drop_path_generator"] = torch.get_rng_state()
        header = {
            "epoch": str(self.epoch),
            "best": str(self.best),
            "best_epoch": str(self.best_epoch),
            "log": json.dumps(self.log),
        }
        with written_whole(path) as part:
            save_file({name: t.contiguous() for name, t in tensors.items()}, part, header)

    def load(self, path: Path) -> None:
        """Go on where another run stopped.

        Raises:
            InputError: not a saved state, or one of another network.
        """
        try:
            with safe_open(path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                header = file.metadata()
            self.model.load_state_dict(
                {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
            )
            state: dict[int, dict[str, torch.Tensor]] = {}
            for name, tensor in tensors.items():
                if name.startswith("optimizer."):
                    _, index, key = name.split(".", 2)
                    state.setdefault(int(index), {})[key] = tensor
            self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})
            self.generator.set_state(tensors["generator"])
            torch.set_rng_state(tensors["drop_path_generator"])
            self.epoch, self.best_epoch = int(header["epoch"]), int(header["best_epoch"])
            self.best, self.log = float(header["best"]), json.loads(header["log"])
        except _NOT_OURS as error:
            raise InputError(f"cannot go on from {path}: {error}") from error


def _optimizer(model: SasMamba, config: PaperConfig) -> torch.optim.Optimizer:
    if config.optimizer == "amsgrad":
        return torch.optim.Adam(model.parameters(), lr=config.learning_rate, amsgrad=True)
    everything = config.reference.decay_everything
    decayed, plain = _parted(model, everything=everything)
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate)


def _parted(
    model: SasMamba, *, everything: bool
) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """Return the matrices, which decay, and norms, biases, embeddings and rates, which do not."""
    decayed: list[torch.nn.Parameter] = []
    plain: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        is_matrix = parameter.ndim > 1 and name.endswith("weight")
        (decayed if everything or is_matrix else plain).append(parameter)
    return decayed, plain
