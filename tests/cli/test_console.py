import io
import logging
from pathlib import Path

import pytest

from pose3d_cli.cli.console import ProgressWatch, set_up_logging


class Terminal(io.StringIO):
    """Somebody is looking."""

    def isatty(self) -> bool:
        return True


def stderr_on_screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return where stderr goes from now on; no fixture, since pytest sets it again after those."""
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("total", [0, 3, 1000])
def test_whatever_is_counted_passes_unchanged(
    *, quiet: bool, terminal: bool, total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", Terminal() if terminal else io.StringIO())

    watch = ProgressWatch(quiet=quiet)

    assert list(watch.each("Counting", iter("abcde"), total=total)) == list("abcde")
    assert set(watch.seconds) == {"Counting"}


@pytest.mark.parametrize("total", [1, 7, 10, 19, 300])
def test_elsewhere_than_on_a_terminal_a_line_comes_every_tenth(
    total: int, capsys: pytest.CaptureFixture[str]
) -> None:
    list(ProgressWatch(quiet=False).each("Counting", range(total), total=total))

    out, err = capsys.readouterr()
    *steps, last = err.splitlines()
    assert out == ""
    assert 1 <= len(steps) <= 10
    assert all(f" of about {total}" in line for line in steps)
    assert last == f"Counting: {total} done"


def test_the_true_count_is_told_when_the_guess_was_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    list(ProgressWatch(quiet=False).each("Counting", range(12), total=0))

    assert capsys.readouterr().err == "Counting: 12 done\n"


def test_a_bar_shows_the_true_count_and_is_closed_with_the_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = stderr_on_screen(monkeypatch)

    passing = ProgressWatch(quiet=False).each("Counting", range(12), total=20)
    assert next(passing) == 0
    passing.close()
    shown_until_now = terminal.getvalue()

    assert "Counting" in shown_until_now
    assert shown_until_now.rstrip().endswith("\x1b[?25h")  # the cursor is back


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    list(ProgressWatch(quiet=True).each("Counting", range(30), total=30))

    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_that_a_stage_is_at_work_and_lines_stand_above_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = stderr_on_screen(monkeypatch)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("pose3d_cli"), "level", logging.WARNING)
    set_up_logging(verbose=False, quiet=False)

    with ProgressWatch(quiet=False).stage("Solving"):
        logging.getLogger("pose3d_cli.motion").warning("nobody stands")

    shown = terminal.getvalue()
    assert "Solving" in shown
    assert "WARNING: nobody stands\n" in shown
    assert "SolvingWARNING" not in shown
    cursor_is_back, spinner_is_gone = "\x1b[?25h", "\r\x1b[1A\x1b[2K"
    assert shown.rstrip().endswith(cursor_is_back + spinner_is_gone)


def test_stretches_of_one_stage_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([1.0, 3.0, 10.0, 10.5])
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))
    watch = ProgressWatch(quiet=True)

    for _ in range(2):
        with watch.stage("Solving"):
            pass

    assert watch.seconds == {"Solving": 2.5}


def test_a_stage_that_fails_is_timed_too(tmp_path: Path) -> None:
    watch = ProgressWatch(quiet=True)

    with pytest.raises(OSError, match="No such file"), watch.stage("Reading"):
        (tmp_path / "none").read_text()

    assert watch.seconds["Reading"] >= 0


def test_a_clip_that_is_read_twice_is_called_damaged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("pose3d_cli"), "level", logging.WARNING)

    set_up_logging(verbose=False, quiet=False)
    for name in ("a.mp4", "a.mp4", "b.mp4"):
        logging.getLogger("pose3d_cli.video").warning("%s is damaged", name)

    assert stderr.getvalue().splitlines() == [
        "WARNING: a.mp4 is damaged",
        "WARNING: b.mp4 is damaged",
    ]
