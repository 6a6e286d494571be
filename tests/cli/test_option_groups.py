"""A group of options is declared once, whoever takes it."""

from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from typer.testing import CliRunner

from pose3d_cli.cli.option_groups import OptionGroup, spread


@dataclass(frozen=True, kw_only=True)
class Inner(OptionGroup):
    depth: Annotated[int, typer.Option(min=0)] = 3


@dataclass(frozen=True, kw_only=True)
class Outer(OptionGroup):
    needed: Annotated[str, typer.Option()]
    inner: Inner
    loud: Annotated[bool, typer.Option("--loud")] = False


@dataclass
class Seen:
    groups: list[Any] = field(default_factory=list)


def run(seen: Seen, *args: str) -> Any:
    app = typer.Typer()

    @app.command()
    @spread
    def command(name: str, *, group: Outer, times: int = 1) -> None:
        """Do it."""
        seen.groups.append((name, group, times))

    return CliRunner().invoke(app, list(args))


def test_a_command_gets_the_group_and_the_command_line_its_options() -> None:
    seen = Seen()

    assert run(seen, "a", "--needed", "b", "--depth", "4", "--loud", "--times", "2").exit_code == 0
    assert seen.groups == [("a", Outer(needed="b", inner=Inner(depth=4), loud=True), 2)]


def test_defaults_are_the_fields_and_what_has_none_is_required() -> None:
    seen = Seen()

    assert run(seen, "a", "--needed", "b").exit_code == 0
    assert seen.groups == [("a", Outer(needed="b", inner=Inner()), 1)]
    assert run(seen, "a").exit_code == 2


def test_what_an_option_allows_is_checked_and_the_commands_help_is_its_own() -> None:
    assert run(Seen(), "a", "--needed", "b", "--depth", "-1").exit_code == 2
    assert "Do it." in run(Seen(), "--help").stdout
