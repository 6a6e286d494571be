"""Budgets that keep the code readable; import-linter checks who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "pose3d_cli").rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_file_is_one_idea_and_says_which(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 250
    assert ast.get_docstring(ast.parse(text))


def test_the_pipeline_fits_on_a_few_screens() -> None:
    assert len((ROOT / "pose3d_cli" / "pipeline.py").read_text().splitlines()) <= 210


def test_every_test_file_is_collected() -> None:
    """What is called otherwise would be passed over without a word; fixtures are named in a list."""
    listed = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    odd = [
        named(path)
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_")
        and path.name != "conftest.py"
        and f'"fixtures.{path.stem}"' not in listed
    ]
    assert odd == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]

    assert len(names) == len(set(names))
