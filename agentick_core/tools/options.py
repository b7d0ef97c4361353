"""The options of a tool: what `@tool(...)`, `create_tool(...)` and `tool.replace(...)` take."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict, TypeVar, cast, get_args, get_origin

from agentick_core.errors import ValidationError, WireError
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.tool import ALL_EFFECTS, Audience, Effect, Intent, ToolType
from agentick_core.procedures.middleware import Middleware
from agentick_core.tree.node import Nodes

if TYPE_CHECKING:
    from agentick_core.tree.hook_events import Compiled, ExecutionEnded, ExecutionStarted, Mounted, Unmounted
    from agentick_core.tree.tick_state import TickResult, TickState, Verdict

EventT = TypeVar("EventT")

MAX_RESULT: Final = 50_000
CLIENT_TIMEOUT: Final = 30.0

Input: TypeAlias = Mapping[str, Any]
Confirm: TypeAlias = bool | Callable[[Input], bool | Awaitable[bool]]
ConfirmText: TypeAlias = str | Callable[[Input], str | Awaitable[str]]
Preview: TypeAlias = Callable[..., Mapping[str, Any] | Awaitable[Mapping[str, Any] | None] | None]
Callback: TypeAlias = Callable[[EventT], object] | Callable[[], object]
Decides: TypeAlias = "Verdict | Awaitable[Verdict]"

# What says what a tool gives: a type (a pydantic model, a dataclass, a list of something), a JSON schema, or nothing.
OutputSpec: TypeAlias = type[Any] | UnionType | Mapping[str, Any] | None

# OpenAI, Anthropic and Bedrock all accept what fits this; none accepts more in every version of its API.
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "audience": get_args(Audience),
    "type": get_args(ToolType),
    "intent": get_args(Intent),
    "effects": get_args(Effect),
}


class ToolKeywords(TypedDict, total=False):
    """The options by keyword; `ToolOptions` says what each means."""

    description: str | None
    audience: Audience
    aliases: Sequence[str]
    type: ToolType
    intent: Intent
    output: OutputSpec
    effects: Collection[Effect]
    requires_confirmation: Confirm
    confirmation_message: ConfirmText | None
    confirmation_preview: Preview | None
    approval_key: Callable[[Input], str | None] | None
    timeout: float | None
    parallel: bool
    display_summary: Callable[[Input], str | None] | None
    requires_response: bool
    default_result: Any
    max_result: int
    use: Callable[[], Mapping[str, Any]] | None
    render: Callable[[], Nodes] | None
    on_mount: "Callback[Mounted] | None"
    on_unmount: "Callback[Unmounted] | None"
    on_start: "Callback[ExecutionStarted] | None"
    on_tick_start: "Callback[TickState] | None"
    on_tick_end: "Callable[[TickResult], Decides] | Callable[[], Decides] | None"
    on_complete: "Callback[ExecutionEnded] | None"
    on_error: "Callback[ExecutionEnded] | None"
    on_after_compile: "Callback[Compiled[Any]] | None"
    middleware: Sequence[Middleware]
    provider_options: Mapping[str, Mapping[str, Any]]
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOptions:
    """How a tool is offered and run.

    - `description`: None takes it from the docstring.
    - `audience`: who may call it; a tool for "user" is never shown to a model, and no model can call it.
    - `aliases`: other names it is found by.
    - `type`: "server" runs here, "client" is answered by the host, "provider" is run by the provider,
      "output" records its input as a result of the execution.
    - `intent`: what a call is for: "compute" gives something, "action" does something, "render" shows something.
    - `output`: what it gives, as a type or a JSON schema; what becomes JSON has to fit it.
    - `effects`: what it does to the world, among read, write, execute and network; undeclared counts as all.
    - `requires_confirmation`: ask a person first; a predicate of the input decides per call (may be async).
    - `confirmation_message`: the question, or a function of the input that makes it (may be async).
    - `confirmation_preview`: `(input, deps)` to plain data that the question shows, such as a diff (may be async).
    - `approval_key`: a text that tells which calls are alike for "always allow" (not async).
    - `timeout`: seconds the tool may run; None is no limit (30 for client tools), 0 none at all. Waiting for a
      person never counts.
    - `parallel`: False for a tool that changes what others read, so that it runs alone.
    - `display_summary`: one line about a call, for the screen (not async).
    - `requires_response`: whether a client tool waits for `submit_tool_result`; `default_result` is what it
      gives where it does not wait.
    - `max_result`: characters of a result that the model reads at most.
    - `use`, `render`: hooks that give dependencies by name, and what the model sees beside the tool.
    - `on_mount` and the other callbacks: called as those of the hooks are, while the tool is in the tree or in a
      list; `on_start` at the beginning of an execution, `on_complete` and `on_error` at its end.
    - `middleware`: layers around each run of this tool, inside the app's own.
    - `provider_options`: by the name of a provider, what is laid over the tool's definition as it is sent there.
    """

    description: str | None = None
    audience: Audience = "model"
    aliases: tuple[str, ...] = ()
    type: ToolType = "server"
    intent: Intent = "compute"
    output: OutputSpec = None
    effects: frozenset[Effect] = ALL_EFFECTS
    requires_confirmation: Confirm = False
    confirmation_message: ConfirmText | None = None
    confirmation_preview: Preview | None = None
    approval_key: Callable[[Input], str | None] | None = None
    timeout: float | None = None
    parallel: bool = True
    display_summary: Callable[[Input], str | None] | None = None
    requires_response: bool = False
    default_result: Any = None
    max_result: int = MAX_RESULT
    use: Callable[[], Mapping[str, Any]] | None = None
    render: Callable[[], Nodes] | None = None
    on_mount: "Callback[Mounted] | None" = None
    on_unmount: "Callback[Unmounted] | None" = None
    on_start: "Callback[ExecutionStarted] | None" = None
    on_tick_start: "Callback[TickState] | None" = None
    on_tick_end: "Callable[[TickResult], Decides] | Callable[[], Decides] | None" = None
    on_complete: "Callback[ExecutionEnded] | None" = None
    on_error: "Callback[ExecutionEnded] | None" = None
    on_after_compile: "Callback[Compiled[Any]] | None" = None
    middleware: tuple[Middleware, ...] = ()
    provider_options: Mapping[str, Mapping[str, Any]] = field(default_factory=no_metadata)
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)

    @property
    def time_limit(self) -> float | None:
        """The seconds that the tool may run, or None."""
        if self.timeout is None:
            return CLIENT_TIMEOUT if self.type == "client" else None
        return self.timeout or None


def with_keywords(base: ToolOptions, keywords: ToolKeywords) -> ToolOptions:
    """Lay keywords over options, as frozen values.

    Raises:
        TypeError: a tool has no such option.
        ValidationError: an option has another value than those there are.
    """
    values: dict[str, Any] = dict(keywords)
    known = ToolKeywords.__annotations__
    if unknown := sorted(values.keys() - known.keys()):
        raise TypeError(f"A tool has no option {unknown[0]!r}; known are {', '.join(known)}")
    for name in _CHOICES.keys() & values.keys():
        _check_choice(name, values[name])
    for name, freeze in _FREEZE.items():
        if name in values:
            values[name] = freeze(values[name])
    return replace(base, **values)


def _output(given: Any) -> OutputSpec:
    if isinstance(given, Mapping):
        return _json("output", cast("Mapping[str, Any]", given))
    if given is None or isinstance(given, type) or get_origin(given) is not None:
        return given
    raise ValidationError(
        f"A tool cannot have {given!r} as its output",
        hint="Give a type, such as a dataclass, or a JSON schema.",
    )


def _provider_options(given: Any) -> Mapping[str, Mapping[str, Any]]:
    if isinstance(given, Mapping):
        options = cast("Mapping[object, object]", given)
        if all(isinstance(each, Mapping) for each in options.values()):
            return _json("provider_options", cast("Mapping[str, Any]", given))
    raise ValidationError(
        f"A tool cannot have {given!r} as its provider_options",
        hint='Give a mapping for each provider by its name, such as {"openai": {"strict": True}}.',
    )


def _json(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    from agentick_core.wire.values import plain

    try:
        return plain(given)
    except WireError as error:
        raise ValidationError(
            f"A tool cannot have {given!r} as its {name}: {error.message}", hint="Give what is JSON."
        ) from error


def _plain_call(name: str) -> Callable[[Any], Any]:
    def check(given: Any) -> Any:
        from agentick_core.tools.invoke import is_async

        if given is not None and is_async(given):
            raise ValidationError(
                f"A tool cannot have {given!r} as its {name}: it is async",
                hint="Give a function that is not: nothing waits for what it gives.",
            )
        return given

    return check


_FREEZE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "aliases": tuple,
    "approval_key": _plain_call("approval_key"),
    "display_summary": _plain_call("display_summary"),
    "effects": frozenset,
    "middleware": tuple,
    "output": _output,
    "provider_options": _provider_options,
}


def _check_choice(name: str, given: object) -> None:
    choices, several = _CHOICES[name], name == "effects"
    # A text would be taken for its letters.
    listed = isinstance(given, Collection) and not isinstance(given, str)
    wanted = tuple(cast("Collection[object]", given)) if listed else (cast("object", given),)
    if several != listed or any(each not in choices for each in wanted):
        form = "a list of some of" if several else "one of"
        raise ValidationError(
            f"A tool cannot have {given!r} as its {name}", hint=f"Give {form}: {', '.join(choices)}."
        )


def check_names(name: str, aliases: Sequence[str]) -> None:
    """Refuse names that a provider would refuse, and aliases that nobody could type.

    Raises ValidationError.
    """
    if not _NAME.fullmatch(name):
        raise ValidationError(
            f"A tool cannot be named {name!r}",
            hint="Names are 1 to 64 letters, digits, underscores and hyphens: providers accept no others.",
        )
    for alias in aliases:
        if not alias or alias.split() != [alias]:
            raise ValidationError(f"Tool {name!r} cannot have the alias {alias!r}", hint="Use one word.")
