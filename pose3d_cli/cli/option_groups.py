"""Options that belong together and that several commands take, declared once as a dataclass.

Typer wants each option as a parameter of the command's function. ``spread`` makes them of the fields
of every parameter whose type is an `OptionGroup`, and hands the function the group::

    class Look(OptionGroup):
        theme: Annotated[str, typer.Option(help="…")] = "dark"

    @spread
    def render(result: Path, look: Look) -> None: ...     # pose3d render RESULT --theme dark
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from inspect import Parameter
from typing import Any, get_type_hints


class OptionGroup:
    """What a dataclass of options is derived from; its fields are options or other groups."""

    __slots__ = ()


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes its groups' options one by one."""
    hints = get_type_hints(command, include_extras=True)
    own = inspect.signature(command).parameters.values()
    options = [option for one in own for option in _options(one.name, hints, one.default)]

    @functools.wraps(command)
    def spreading(**values: Any) -> None:
        command(**{one.name: _gathered(one.name, hints, values) for one in own})

    signed: Any = spreading
    signed.__signature__ = inspect.Signature(options)
    signed.__annotations__ = {option.name: option.annotation for option in options}
    return spreading


def _options(name: str, hints: Mapping[str, Any], default: object) -> Iterator[Parameter]:
    hint = hints[name]
    if not _is_group(hint):
        yield Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        return
    inner = get_type_hints(hint, include_extras=True)
    for field in fields(hint):
        yield from _options(field.name, inner, _default(field))


def _gathered(name: str, hints: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    hint = hints[name]
    if not _is_group(hint):
        return values[name]
    inner = get_type_hints(hint, include_extras=True)
    return hint(**{field.name: _gathered(field.name, inner, values) for field in fields(hint)})


def _is_group(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, OptionGroup)


def _default(field: "Field[Any]") -> object:
    return Parameter.empty if field.default is MISSING else field.default
