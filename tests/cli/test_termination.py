"""Whoever stops a command from outside, as `timeout` and job schedulers do, finds nothing half done."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli import outputs


def test_a_command_that_is_terminated_leaves_no_half_file(
    pose3d: Any,
    clip: Path,
    networks: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def terminated(frames: Iterator[Any], *_: Any, **__: Any) -> Iterator[Any]:
        for frame in frames:
            if frame.index == 7:
                os.kill(os.getpid(), signal.SIGTERM)
            yield frame.rgb, frame.time_s

    networks()
    monkeypatch.setattr(outputs, "render_frames", terminated)
    before = signal.getsignal(signal.SIGTERM)

    run = pose3d("lift", clip, "--out", "out.mp4")

    assert run.exit_code == 143
    assert "terminated" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_whoever_ignores_termination_goes_on_ignoring_it(pose3d: Any) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert pose3d("schema").exit_code == 0
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
