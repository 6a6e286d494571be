"""What `pose3d batch --format` cannot mean is refused before anything is made."""

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("formats", "said"), [("json,foo", "CLIP.foo"), ("", "--format"), (" , .", "--format")]
)
def test_an_unknown_format_leaves_no_folder_behind(
    pose3d: Any, clip: Path, tmp_path: Path, formats: str, said: str
) -> None:
    (tmp_path / "detector.pt").touch()

    run = pose3d(
        *("batch", clip, "--out", "out", "--format", formats),
        *("--detector", tmp_path / "detector.pt"),
    )

    assert run.exit_code == 2, run.output
    assert said in run.stderr
    assert not (tmp_path / "out").exists()
