import io
import logging

import pytest

from pose3d_cli.batch.worker import spare_the_board


@pytest.mark.parametrize("terminal", [True, False])
def test_warnings_do_not_land_among_the_bars(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    class Stderr(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    logger = logging.getLogger("pose3d_cli")
    monkeypatch.setattr(logger, "level", logging.WARNING)
    monkeypatch.setattr("sys.stderr", Stderr())

    spare_the_board()

    assert logger.level == (logging.ERROR if terminal else logging.WARNING)
