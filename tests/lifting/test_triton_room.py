"""Whether GPU kernels fit into cards that are not there: they are compiled, and only looked at."""

import importlib.util
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch

from pose3d_cli.lifting import blocks, fused
from pose3d_cli.lifting.blocks import scan_order
from pose3d_cli.lifting.config import LARGE, SasMambaConfig

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("triton") is None, reason="Triton is only there on Linux"
    ),
]

SMALLEST_CARDS = {(8, 6): 101_376, (9, 0): 232_448}
"""Bytes of shared memory of a program, of cards with the least of their kind.

CUDA C++ programming guide, table "Technical specifications per compute capability". Capabilities 8.0,
8.7 and 8.9 run the code of 8.6, and have as much or more.
"""


class Card:
    """A driver for Triton that counts what a kernel takes, and runs none."""

    def __init__(self, capability: tuple[int, int], shared: int) -> None:
        self.capability, self.shared = capability, shared
        self.utils = self
        self.spills: dict[str, int] = {}
        """Registers kept in memory, by kernel; of the last tile that was loaded."""

    def get_current_device(self) -> int:
        return id(self)  # Triton keeps what it knows of a device

    def get_current_stream(self, device: int) -> int:
        return device

    def get_current_target(self) -> Any:
        from triton.backends.compiler import GPUTarget

        major, minor = self.capability
        return GPUTarget("cuda", 10 * major + minor, 32)

    def get_device_properties(self, _: int) -> dict[str, int]:
        return {"max_shared_mem": self.shared}

    def launcher_cls(self, *_: Any) -> Any:
        return lambda *_: None

    def load_binary(self, name: str, binary: bytes, *_: Any) -> tuple[int, int, int, int, int]:
        from triton.knobs import nvidia

        with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
            Path(file.name).write_bytes(binary)
            said = subprocess.run(
                [nvidia.cuobjdump.path, "--dump-resource-usage", file.name],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
        found = re.search(r"REG:(\d+) STACK:(\d+)", said)
        assert found, said
        registers, stack = map(int, found.groups())
        self.spills[name] = stack // 4
        return 0, 0, registers, stack // 4, 1024


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Card], None]]:
    """Return a function that makes a card the one at hand."""
    from triton.runtime import driver

    from pose3d_cli.lifting.fused import triton_tile

    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(triton_tile, "_chosen", {})
    before = driver._active

    def used(card: Card) -> None:
        driver.set_active(card)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: card.capability)

    yield used
    driver._active = before


@torch.no_grad()
def has_room(config: SasMambaConfig) -> bool:
    return fused.has_room.__wrapped__(config, torch.device("cpu"))


@pytest.mark.parametrize("capability", SMALLEST_CARDS)
def test_the_large_network_fits_into_the_smallest_cards(
    use: Callable[[Card], None], capability: tuple[int, int]
) -> None:
    from pose3d_cli.lifting.fused.triton_tile import FEW_SPILLS

    card = Card(capability, SMALLEST_CARDS[capability])
    use(card)
    assert has_room(LARGE)
    assert len(card.spills) >= 7
    assert max(card.spills.values()) <= FEW_SPILLS, card.spills


def test_what_training_takes_fits_into_the_smallest_card(use: Callable[[Card], None]) -> None:
    from pose3d_cli.lifting.scan import triton_scan, triton_step
    from pose3d_cli.lifting.structure_conv import triton_conv

    card = Card((8, 6), SMALLEST_CARDS[8, 6])
    use(card)
    block = blocks.Block(LARGE, drop_path=0.0)
    with (
        patch.object(blocks, "selective_scan", triton_scan.selective_scan),
        patch.object(blocks, "time_step", triton_step.time_step),
        patch.object(blocks, "structure_conv", triton_conv.structure_conv),
    ):
        h = torch.zeros(2, 3, LARGE.joints, LARGE.width)
        block(h, scan_order(3, LARGE.joints, device=h.device)).sum().backward()
    assert {"scan_kernel", "scan_backward_kernel", "_filter_backward_kernel"} <= set(card.spills)


def test_a_card_that_is_too_small_or_too_old_takes_plain_blocks(
    use: Callable[[Card], None],
) -> None:
    use(Card((8, 6), 1000))
    assert not has_room(SasMambaConfig(width=16, depth=1))
    old = Card((7, 5), 65_536)
    use(old)
    assert not has_room(LARGE)
    assert not old.spills, "something was compiled for a card that is too old"
