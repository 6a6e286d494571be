"""`pose3d bench`."""

import json
from typing import Any
from urllib.parse import urlparse

import pytest

from pose3d_cli.evaluation import speed
from pose3d_cli.evaluation.published import published


def test_the_table_stands_beside_the_published_figures(
    pose3d: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    shown = pose3d("bench", "--table", "--repeats", "0")

    assert shown.exit_code == 0, shown.output
    for figure in ("951,351", "5,572,459", "5.01", "27.48", "1.30", "8.59", "PoseMamba-S", "41.8"):
        assert figure in shown.stdout


def test_names_and_sources_are_whole_in_a_narrow_terminal(
    pose3d: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    lines = pose3d("bench", "--table", "--repeats", "0").stdout.splitlines()

    for row in published():
        assert any(row.name in line and row.source not in line for line in lines), row.name
        assert any(row.source in line.split() for line in lines), row.source


def test_costs_come_as_json_too(pose3d: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "measure", lambda *_, **__: speed.Speed(0.25, 2**20))

    shown = pose3d("bench", "--json", "--device", "cpu")

    document = json.loads(shown.stdout)
    assert document["counted"]["small"]["parameters"] == 951_351
    assert document["measured"]["large"] == {"seconds": 0.25, "memory_bytes": 2**20}
    assert document["published"] == []


def test_every_published_figure_has_a_source_and_says_something() -> None:
    rows = published()

    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert urlparse(row.source).scheme == "https"
        assert any((row.parameters_m, row.macs_g, row.mpjpe_mm))
