"""Average two networks of which one was trained on from the other: of either's strengths, most remains.

    python examples/average_weights.py BEFORE.safetensors AFTER.safetensors OUT.safetensors

Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves accuracy
without increasing inference time".
"""

from pathlib import Path

import typer

from pose3d_cli.errors import WeightsError
from pose3d_cli.lifting.checkpoint import load_checkpoint, save_checkpoint


def main(before: Path, after: Path, out: Path) -> None:
    """Write the mean of two networks, under the header of the second one."""
    try:
        average(before, after, out)
    except WeightsError as error:
        raise SystemExit(str(error)) from error


def average(before: Path, after: Path, out: Path) -> None:
    """Write the mean of two networks.

    Raises:
        WeightsError: a file is no SasMamba, or they differ in size or licence.
    """
    (model, old), (other, new) = load_checkpoint(before), load_checkpoint(after)
    if model.config != other.config or old.get("licence") != new.get("licence"):
        raise WeightsError(f"{before} and {after} differ in size or licence")
    states = model.state_dict(), other.state_dict()
    model.load_state_dict({name: (states[0][name] + states[1][name]) / 2 for name in states[0]})
    save_checkpoint(
        out, model, about={**new, "averaged": "with what it started from, in equal parts"}
    )


if __name__ == "__main__":
    typer.run(main)
