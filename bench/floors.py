"""How fast a GPU could be at best: its memory, and its unit for exponentials, measured.

An exponential rate cannot be measured through memory, so a kernel of Triton's keeps its numbers in
registers; without Triton the rate is stated as unknown.
"""

from typing import no_type_check

import torch

from bench.timing import Contender, median_ms, timed

MEBIBYTE = 2**20
ROUNDS, PROGRAMS, NUMBERS, EXPONENTIALS = 5, 4096, 1024, 512


def copied_bytes_per_ms() -> float:
    """Return the traffic, read and written, of copying an array that no cache holds."""
    source = torch.empty(512 * MEBIBYTE, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copy = Contender("copy", lambda: target.copy_(source))
    times = timed([copy], rounds=ROUNDS, device="cuda")
    return 2 * source.nbytes / median_ms(times)["copy"]


def exponentials_per_ms() -> float | None:
    """Return the rate of base-2 exponentials of float32 numbers in registers."""
    try:
        import triton
        import triton.language as tl
    except ImportError:
        return None

    @triton.jit
    @no_type_check
    def spin(out, numbers: tl.constexpr, rounds: tl.constexpr):  # Triton reads annotations
        x = tl.arange(0, numbers).to(tl.float32) / numbers
        for _ in range(rounds):
            x = tl.exp2(-x)
        tl.store(out + tl.program_id(0) * numbers + tl.arange(0, numbers), x)

    out = torch.empty(PROGRAMS * NUMBERS, device="cuda")
    run = Contender("exp2", lambda: spin[(PROGRAMS,)](out, NUMBERS, EXPONENTIALS, num_warps=4))
    times = timed([run], rounds=ROUNDS, device="cuda")
    return PROGRAMS * NUMBERS * EXPONENTIALS / median_ms(times)["exp2"]
