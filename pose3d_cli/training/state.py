"""The state of a run between two steps, on disk as safetensors: small, and safe to load."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from pose3d_cli.errors import InputError
from pose3d_cli.files import written_whole
from pose3d_cli.lift.model import SasMamba
from pose3d_cli.training.config import TrainingConfig

_NOT_OURS = (SafetensorError, OSError, KeyError, RuntimeError, TypeError, ValueError)


@dataclass(slots=True)
class TrainingState:
    """What a step changes."""

    model: SasMamba
    average: SasMamba
    """Exponential moving average of the weights: what is evaluated and shipped."""
    optimizers: tuple[torch.optim.Optimizer, ...]
    generator: torch.Generator
    step: int = 0
    log: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def fresh(cls, config: TrainingConfig) -> "TrainingState":
        """Start at step 0."""
        torch.manual_seed(config.seed)
        model, average = SasMamba(config.network), SasMamba(config.network)
        for conv in (block.ssm.conv for block in (*model.spatial, *model.temporal)):
            # Deformable filters that start as plain ones are calmer (Dai et al. 2017, section 3.1).
            nn.init.zeros_(conv.offset.weight)
            nn.init.zeros_(conv.offset.bias)
        average.load_state_dict(model.state_dict())
        generator = torch.Generator().manual_seed(config.seed)
        return cls(model, average.eval(), _optimizers(model, config), generator)

    def save(self, path: Path) -> None:
        """Write everything that the next step depends on."""
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        tensors |= {f"average.{name}": t for name, t in self.average.state_dict().items()}
        for number, optimizer in enumerate(self.optimizers):
            for index, values in optimizer.state_dict()["state"].items():
                for key, value in values.items():
                    tensors[f"optimizer.{number}.{index}.{key}"] = torch.as_tensor(value)
        tensors["generator"] = self.generator.get_state()
        tensors["drop_path_generator"] = torch.get_rng_state()
        header = {"step": str(self.step), "log": json.dumps(self.log)}
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
            self.model.load_state_dict(_under("model.", tensors))
            self.average.load_state_dict(_under("average.", tensors))
            for number, optimizer in enumerate(self.optimizers):
                _restore(optimizer, _under(f"optimizer.{number}.", tensors))
            self.generator.set_state(tensors["generator"])
            torch.set_rng_state(tensors["drop_path_generator"])
            self.step, self.log = int(header["step"]), json.loads(header["log"])
        except _NOT_OURS as error:
            raise InputError(f"cannot go on from {path}: {error}") from error


def _optimizers(model: SasMamba, config: TrainingConfig) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the matrices between blocks, AdamW for all else (Jordan et al. 2024)."""
    matrices, others, plain = [], [], []
    for name, parameter in model.named_parameters():
        if name.endswith(("proj.weight", "mlp.0.weight", "mlp.2.weight")):
            matrices.append(parameter)
        elif parameter.ndim > 1 and name.endswith("weight"):
            others.append(parameter)
        else:
            plain.append(
                parameter
            )  # norms, biases, decay rates, skips, embeddings: no weight decay
    rate, decay = config.learning_rate, config.weight_decay
    return (
        torch.optim.Muon(matrices, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            [{"params": others, "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}],
            lr=rate,
            betas=(0.9, 0.98),
        ),
    )


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _restore(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state = optimizer.state_dict()
    values: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        values.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({**state, "state": values})
