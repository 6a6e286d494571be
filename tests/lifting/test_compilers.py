import subprocess
import sys

import pytest
import torch
from torch import Tensor

from pose3d_cli.lifting import compilers


@pytest.mark.slow
def test_torch_compile_takes_what_is_installed_as_given() -> None:
    def either(x: Tensor) -> Tensor:
        return x + 1 if compilers.has_numba(x) or compilers.has_triton(x) else x - 1

    whole = torch.compile(either, backend="eager", fullgraph=True)
    torch.testing.assert_close(whole(torch.zeros(2)), either(torch.zeros(2)))


@pytest.mark.slow
def test_a_lifter_waits_for_no_compiler_that_it_does_not_use() -> None:
    loaded = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys, pose3d_cli.lifting.lifter; print('torch._dynamo' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "False\n"
