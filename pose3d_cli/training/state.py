"""The state of a run between two steps: networks, optimizers, random numbers, log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from pose3d_cli.datasets.licences import check_licence
from pose3d_cli.lifting.checkpoint import check_fit, load_checkpoint
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.log import Row
from pose3d_cli.training.muon import Muon
from pose3d_cli.training.team import Team


@dataclass(slots=True)
class TrainingState:
    """What a step changes."""

    model: SasMamba
    average: SasMamba
    """Exponential moving average of the weights: what is evaluated and shipped."""
    optimizers: tuple[torch.optim.Optimizer, ...]
    rate: Tensor
    """The learning rate of all optimizers, a number in the device's memory."""
    generator: torch.Generator
    """Draws this process's data, on its device."""
    loss_sum: Tensor
    """Of the steps since the last row of the log."""
    step: int = 0
    elapsed_s: float = 0.0
    """Wall time spent on steps, pauses left out."""
    log: list[Row] = field(default_factory=list)

    @classmethod
    def fresh(cls, config: TrainingConfig, team: Team) -> "TrainingState":
        """Start at step 0: the same weights in every process, other data in each.

        Raises:
            WeightsError: the file to start from is missing, damaged, or of another network.
            UsageError: its licence makes a condition that the run's does not have.
        """
        torch.manual_seed(config.seed)
        model, average = _initial(config), SasMamba(config.network)
        average.load_state_dict(model.state_dict())
        model, average = model.to(team.device), average.to(team.device).eval()
        average.requires_grad_(requires_grad=False)
        rate = torch.tensor(config.learning_rate, device=team.device)
        state = cls(
            model.train(),
            average,
            _optimizers(model, config, rate),
            rate,
            torch.Generator(team.device),
            torch.zeros((), device=team.device),
        )
        state.seed(config.seed + 1_000_003 * team.rank)
        return state

    def seed(self, seed: int) -> None:
        """Start the random numbers of the data and of the network anew."""
        self.generator.manual_seed(seed)
        torch.manual_seed(seed)

    def random_state(self) -> dict[str, Tensor]:
        """Return this process's random numbers: of the data, and of the network on its device."""
        on_gpu = self.generator.device.type == "cuda"
        network = torch.cuda.get_rng_state() if on_gpu else torch.get_rng_state()
        return {"data": self.generator.get_state(), "network": network}

    def set_random_state(self, saved: Mapping[str, Tensor]) -> None:
        """Go on with random numbers that ``random_state`` returned on a device of this kind."""
        self.generator.set_state(saved["data"])
        if self.generator.device.type == "cuda":
            torch.cuda.set_rng_state(saved["network"])
        else:
            torch.set_rng_state(saved["network"])

    def tensors(self) -> dict[str, Tensor]:
        """Return everything that all processes have in common."""
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        tensors |= {f"average.{name}": t for name, t in self.average.state_dict().items()}
        for number, optimizer in enumerate(self.optimizers):
            for index, values in optimizer.state_dict()["state"].items():
                for key, value in values.items():
                    tensors[f"optimizer.{number}.{index}.{key}"] = torch.as_tensor(value)
        return {name: t.cpu().contiguous() for name, t in tensors.items()}

    def set_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on with what ``tensors`` returned.

        Raises:
            KeyError, RuntimeError, ValueError: they are another network's.
        """
        self.model.load_state_dict(_under("model.", tensors))
        self.average.load_state_dict(_under("average.", tensors))
        for number, optimizer in enumerate(self.optimizers):
            _restore(optimizer, _under(f"optimizer.{number}.", tensors))


def _initial(config: TrainingConfig) -> SasMamba:
    model = SasMamba(config.network)
    if config.start:
        network, header = load_checkpoint(Path(config.start))
        check_licence(config.licence, tiers=(), of_start=header.get("licence", ""))
        known = network.state_dict()
        check_fit(known, model.state_dict(), source=config.start)
        model.load_state_dict(known)
        return model
    for conv in (block.ssm.conv for block in (*model.spatial, *model.temporal)):
        # Deformable filters that start as plain ones are calmer (Dai et al. 2017, section 3.1).
        nn.init.zeros_(conv.offset.weight)
        nn.init.zeros_(conv.offset.bias)
    return model


def _optimizers(
    model: SasMamba, config: TrainingConfig, rate: Tensor
) -> tuple[torch.optim.Optimizer, ...]:
    """AdamW for all, but for the matrices between hidden layers if Muon takes them."""
    matrices, others, plain = [], [], []
    for name, parameter in model.named_parameters():
        is_hidden = name.endswith(("proj.weight", "mlp.0.weight", "mlp.2.weight"))
        if is_hidden and config.optimizer == "muon":
            matrices.append(parameter)
        elif parameter.ndim > 1 and name.endswith("weight"):
            others.append(parameter)
        else:  # norms, biases, decay rates, skips, embeddings: no weight decay
            plain.append(parameter)
    decay = config.weight_decay
    adamw = torch.optim.AdamW(
        [{"params": others, "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}],
        lr=rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    return (Muon(matrices, lr=rate, weight_decay=decay), adamw) if matrices else (adamw,)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _restore(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    rates = [group["lr"] for group in optimizer.param_groups]
    values: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        values.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": values})
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate  # the tensor that all groups share, not a copy of it
