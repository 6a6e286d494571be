import os
import signal

import pytest

from pose3d_cli.training.stopping import SIGNALS, stopping_gently


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_noted_and_a_second_one_acts_as_usual(number: signal.Signals) -> None:
    usual: list[int] = []
    before = signal.signal(number, lambda n, _: usual.append(n))
    try:
        with stopping_gently() as asked_to_stop:
            assert not asked_to_stop()
            os.kill(os.getpid(), number)
            assert asked_to_stop()
            assert usual == []
            os.kill(os.getpid(), number)
            assert usual == [number]
    finally:
        signal.signal(number, before)


def test_signals_are_left_as_they_were() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stopping_gently():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == before
