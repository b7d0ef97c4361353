"""What a function's signature says of a tool's arguments; types are resolved here, without making a schema."""

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args, get_type_hints

from agentick_core.tools.context import ToolContext
from agentick_core.tree.host import SessionContext

_NO_ANNOTATION: Final = inspect.Parameter.empty
REQUIRED: Final = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its resolved type, and its default or REQUIRED."""

    name: str
    annotation: Any
    default: Any


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a function: `context` is the parameter that receives the context, `docstring` tells of
    the others, `open` says that any other argument is taken too."""

    code: types.CodeType
    arguments: tuple[Argument, ...]
    context: str | None = None
    open: bool = False
    docstring: str | None = None


def arguments_of(fn: Callable[..., Any], tool: str) -> Arguments:
    """Read the signature of a tool's function.

    Raises TypeError, naming the tool and the parameter, where a type cannot be resolved or an argument cannot
    be given by name.
    """
    body = fn.__func__ if inspect.ismethod(fn) else fn
    if not inspect.isfunction(body):
        raise TypeError(
            f"Tool {tool!r}: @tool needs a function or a method; give other callables to create_tool()"
        )
    arguments: list[Argument] = []
    context, takes_any = None, False
    scope: Mapping[str, Any] | None = None
    for parameter in inspect.signature(fn).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise TypeError(f"Tool {tool!r}: the parameter {parameter.name!r} cannot be given by name")
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_any = True
            continue
        scope = scope or _scope(body)
        annotation = _resolved(parameter, body, scope, tool)
        if _is_context(annotation):
            context = parameter.name
        else:
            arguments.append(Argument(parameter.name, annotation, parameter.default))
    return Arguments(body.__code__, tuple(arguments), context, takes_any, body.__doc__)


def fitting(fn: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
    """Give as many of the arguments as the callable takes by position."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except ValueError:
        # Some built-in callables have no signature; the first argument is what they are for.
        return args[:1]
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return args
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return args[: sum(parameter.kind in by_position for parameter in parameters)]


def _resolved(
    parameter: inspect.Parameter, fn: types.FunctionType, scope: Mapping[str, Any], tool: str
) -> Any:
    if parameter.annotation is _NO_ANNOTATION:
        return Any
    holder = types.SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        hints = get_type_hints(holder, fn.__globals__, dict(scope), include_extras=True)
    # An annotation may be any expression, so resolving it may raise anything.
    except Exception as error:
        raise TypeError(
            f"Tool {tool!r}: cannot resolve the type of the parameter {parameter.name!r}: {error}"
        ) from error
    return hints[parameter.name]


def _scope(fn: types.FunctionType) -> dict[str, Any]:
    """The names around a nested function: what it closes over, and else what its enclosing functions hold."""
    names: dict[str, Any] = {}
    if any(isinstance(annotation, str) for annotation in fn.__annotations__.values()):
        names |= _enclosing(fn.__code__)
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            names[name] = cell.cell_contents
        except ValueError:
            # The enclosing function has not assigned the name yet.
            continue
    # The context is often imported for the type checker alone.
    if "ToolContext" not in fn.__globals__:
        names.setdefault("ToolContext", ToolContext)
    return names


def _enclosing(code: types.CodeType) -> dict[str, Any]:
    frame = inspect.currentframe()
    while frame is not None:
        if code in frame.f_code.co_consts:
            return dict(frame.f_locals) if frame.f_code.co_name != "<module>" else {}
        frame = frame.f_back
    return {}


def _is_context(annotation: Any) -> bool:
    kinds: Sequence[Any] = (annotation, *get_args(annotation))
    return ToolContext in kinds or SessionContext in kinds
