"""What a send brings: every accepted form, read into one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, TypedDict, cast, get_origin, is_typeddict

from agentick_core.clock import Clock
from agentick_core.compile.structural import (
    Structural,
    as_ephemeral,
    as_grounding,
    as_section,
    as_system,
)
from agentick_core.errors import ValidationError, WireError
from agentick_core.messages.blocks import Block, BlockBase, TextBlock
from agentick_core.messages.message import ROLES, Message
from agentick_core.models.retry import RetryPolicy
from agentick_core.procedures.token import CancelToken
from agentick_core.session.execution.limits import Limits
from agentick_core.tools.confirm import AllowRule
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import Component, Element, as_element
from agentick_core.wire.entries import block_from_wire, copied_message
from agentick_core.wire.values import is_object, plain

MessageLike: TypeAlias = "Message | Mapping[str, Any]"
InputLike: TypeAlias = "str | MessageLike | Sequence[str | MessageLike] | None"


class SendKeywords(TypedDict, total=False):
    """What a send may bring besides its first message, by keyword."""

    messages: "Sequence[str | MessageLike]"
    props: Mapping[str, Any] | None
    metadata: Mapping[str, Any] | None
    tools: Sequence[Tool[..., Any]]
    max_ticks: int | None
    limits: Limits | None
    signal: CancelToken | None
    system: Sequence[Any]
    grounding: Sequence[Any]
    sections: Sequence[Any]
    ephemeral: Sequence[Any]


_FIELDS = frozenset(SendKeywords.__annotations__)
_CONTENT_FORMS = "Content is text, a block, or a list of both; a block as a mapping has its type."
_MESSAGE_FORMS = "Give text, a Message, or a mapping with role and content."


def _all_tools(value: object) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(each, Tool) for each in cast("Sequence[Any]", value)
    )


def _all_messages(value: object) -> bool:
    return isinstance(value, str | Message | Mapping | Sequence)


def _is_model(value: object) -> bool:
    return hasattr(value, "stream") and not isinstance(value, type)


def _all_models(value: object) -> bool:
    return isinstance(value, Sequence) and all(map(_is_model, cast("Sequence[Any]", value)))


def _all_callable(value: object) -> bool:
    return isinstance(value, Sequence) and all(map(callable, cast("Sequence[Any]", value)))


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _all_rules(value: object) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(each, AllowRule) for each in cast("Sequence[Any]", value)
    )


def _has_fields(value: object) -> bool:
    # What a generic type was made of has the fields.
    kind = cast("Any", get_origin(value) or value)
    return isinstance(kind, type) and (
        is_dataclass(kind) or is_typeddict(cast("Any", kind)) or hasattr(cast("Any", kind), "model_fields")
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


_OPTIONS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "messages": (_all_messages, "a list of messages"),
    "props": (lambda value: isinstance(value, Mapping), "a mapping of props by their names"),
    "tools": (_all_tools, "a list of tools, which @tool and create_tool make"),
    "max_ticks": (_is_count, "a number of ticks, at least 1"),
    "max_timeline_entries": (_is_count, "a number of entries, at least 1"),
    "limits": (lambda value: isinstance(value, Limits), "limits, such as Limits(ticks=3)"),
    "signal": (lambda value: isinstance(value, CancelToken), "a CancelToken"),
    "model": (lambda value: isinstance(value, str) or _is_model(value), "a model, or the spec of one"),
    "middleware": (_all_callable, "a list of middleware: async functions of (call, next)"),
    "fallback": (_all_models, 'a list of models, such as [openai("NAME")]'),
    "retry": (lambda value: isinstance(value, RetryPolicy), "a RetryPolicy"),
    "confirmation_timeout": (_is_seconds, "a number of seconds above 0"),
    "overflow": (lambda value: isinstance(value, Path), "a pathlib.Path"),
    "output": (_has_fields, "a type with fields: a dataclass, a TypedDict or a pydantic model"),
    "allow": (_all_rules, "a list of AllowRule"),
    "recording": (lambda value: value in ("full", "lightweight", "none"), '"full", "lightweight" or "none"'),
    "when": (lambda value: value in ("next_tick", "next_execution"), '"next_tick" or "next_execution"'),
    "kind": (lambda value: value in ("event", "reconcile", "close"), '"event", "reconcile" or "close"'),
    "id": (lambda value: isinstance(value, str) and bool(value), "an id, which is text"),
    "parent_session_id": (lambda value: isinstance(value, str), "an id, which is text"),
    "event": (
        lambda value: isinstance(value.get("type") if is_object(value) else value, str),
        'the type of an event, or a mapping with a "type"',
    ),
    "resolve": (
        lambda value: callable(value) or isinstance(value, Mapping),
        "a function, or a mapping by names",
    ),
    "tool": (lambda value: isinstance(value, str | Tool), "the name of a tool, or a tool"),
    "input": (lambda value: isinstance(value, Mapping), "a mapping of arguments by their names"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInput:
    """One send, read: messages, and what holds for the execution they start."""

    messages: tuple[Message, ...] = ()
    props: Mapping[str, Any] | None = None
    root: Element | None = None
    tools: tuple[Tool[..., Any], ...] = ()
    max_ticks: int | None = None
    limits: Limits | None = None
    signal: CancelToken | None = None
    structural: Structural = field(default_factory=Structural)

    @property
    def starts(self) -> bool:
        """Whether there is anything to run for."""
        return bool(self.messages or self.root or self.structural != Structural()) or self.props is not None

    @property
    def joins(self) -> bool:
        """Whether this can become part of an execution that runs already."""
        own = self.tools or self.max_ticks is not None or self.limits is not None
        return not own and self.structural == Structural()


def read_input(given: InputLike, options: Mapping[str, Any]) -> SendInput:
    """Read what was given to send or spawn.

    Raises:
        TypeError: there is no such option.
        ValidationError: where a message is empty, a field is not known, or an option is not what it has to be.
    """
    check_keywords("send", options, _FIELDS)
    if isinstance(given, Mapping) and not is_message(given):
        options = {**options, **_known_fields(given)}
        given = None
    if given is None:
        first: Sequence[str | MessageLike] = ()
    elif isinstance(given, str | Message | Mapping):
        first = (given,)
    elif isinstance(given, Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]  # anything may come at run time
        first = given
    else:
        raise ValidationError(f"Validation failed: a message is expected, not {given!r}", hint=_MESSAGE_FORMS)
    check_options(options)
    metadata = options.get("metadata")
    messages = tuple(read_message(item) for item in (*first, *_as_sequence(options.get("messages"))))
    if metadata is not None:
        check_json("metadata", metadata, "Send plain data only.")
        messages = tuple(replace(message, metadata=metadata) for message in messages)
    return SendInput(
        messages=messages,
        props=options.get("props"),
        tools=tuple(options.get("tools") or ()),
        max_ticks=options.get("max_ticks"),
        limits=options.get("limits"),
        signal=options.get("signal"),
        structural=_read_structural(options),
    )


def _read_structural(options: Mapping[str, Any]) -> Structural:
    """Read what a send shows beside its messages; one thing alone needs no list."""
    return Structural(
        **{
            part: tuple(read(_with_blocks(each)) for each in _listed(part, options.get(part)))
            for part, read in _PARTS.items()
        }
    )


def _listed(name: str, given: object) -> Sequence[Any]:
    items = cast("object", _as_sequence(given))
    if not isinstance(items, Sequence):
        raise ValidationError(f"Validation failed: {name}: {given!r} is no list", hint="Give a list.")
    return cast("Sequence[Any]", items)


def _with_blocks(given: object) -> Any:
    """Give what is shown, its content read as that of a message is."""
    if isinstance(given, BlockBase):
        return {"content": (given,)}
    if not isinstance(given, Mapping):
        return given
    fields = dict(cast("Mapping[str, Any]", given))
    content = fields.pop("content", None)
    said = fields.pop("text", "") if content is None else content
    return {**fields, "content": tuple(_read_block(each) for each in _listed("content", said))}


_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "system": as_system,
    "grounding": as_grounding,
    "sections": as_section,
    "ephemeral": as_ephemeral,
}


def read_render(root: object, options: Mapping[str, Any]) -> SendInput:
    """Read what was given to render: nothing, props, or what is to be the root from now on.

    Raises:
        ValidationError: where it is none of these, or an option is not what it has to be.
    """
    if not (root is None or isinstance(root, Element | Component | Mapping)):
        raise ValidationError(
            f"Validation failed: {root!r} cannot be rendered",
            hint="Give a mapping of props, a component, or an element such as Agent(prop=1); messages go to send().",
        )
    check_options(options)
    props = cast("Mapping[str, Any]", root) if isinstance(root, Mapping) else None
    element = as_element(root) if isinstance(root, Element | Component) else None
    return SendInput(
        props=props,
        root=element,
        tools=tuple(options["tools"]),
        max_ticks=options["max_ticks"],
        limits=options["limits"],
        signal=options["signal"],
    )


def read_message(given: "str | MessageLike") -> Message:
    """Read one message: text is the user's, a mapping has content and perhaps a role.

    Raises:
        ValidationError: where it is empty, has a role there is not, or could not be stored.
    """
    match given:
        case str():
            message = Message("user", (TextBlock(given),))
        case Message():
            message = given
        case Mapping():
            message = _from_mapping(given)
        case _:  # pyright: ignore[reportUnnecessaryComparison]  # a caller may give anything at run time
            raise ValidationError(
                f"Validation failed: a message is expected, not {given!r}", hint=_MESSAGE_FORMS
            )
    try:
        message = copied_message(message)
    except WireError as error:
        raise ValidationError(f"Validation failed: {error.message}", hint="Send plain data only.") from None
    if all(isinstance(block, TextBlock) and not block.text.strip() for block in message.content):
        raise ValidationError(
            "Validation failed: content: the message is empty", hint="Write something first."
        )
    return message


def check_options(options: Mapping[str, Any]) -> None:
    """Make sure that each option of a call, where it is given, is what it has to be.

    Raises:
        ValidationError: where one is not; it names the option.
    """
    for name, (fits, told) in _OPTIONS.items():
        value = options.get(name)
        if value is not None and not fits(value):
            raise ValidationError(f"Validation failed: {name}: {value!r} is not {told}", hint=f"Give {told}.")


def check_callables(callbacks: Mapping[str, Any]) -> None:
    """Make sure that each callback, where it is given, can be called.

    Raises:
        ValidationError: where one cannot; it names the callback.
    """
    for name, value in callbacks.items():
        if not (value is None or callable(value)):
            raise ValidationError(
                f"Validation failed: {name}: {value!r} is not a function",
                hint="Give a function, async or not.",
            )


def same_id(id: str | None, session_id: str | None) -> str | None:
    """Give the id of a session, which may be given by either name.

    Raises:
        ValidationError: by both, and they differ.
    """
    if id is not None and session_id not in (None, id):
        raise ValidationError(
            f"Validation failed: id: one session cannot have both {id!r} and {session_id!r}",
            hint="Give one id.",
        )
    return session_id if id is None else id


def check_keywords(called: str, options: Mapping[str, Any], known: Collection[str]) -> None:
    """Make sure that what is called has each of these options.

    Raises:
        TypeError: where it has not; it names those there are.
    """
    unknown = sorted(options.keys() - set(known))
    if unknown:
        raise TypeError(f"{called} has no option {unknown[0]!r}; known are {', '.join(sorted(known))}")


def check_json(what: str, value: object, hint: str) -> None:
    """Make sure that a value can be stored.

    Raises:
        ValidationError: where it is not JSON.
    """
    try:
        plain(value)
    except WireError as error:
        raise ValidationError(f"{what} is not JSON: {error.message}", hint=hint) from None


def with_id(message: Message, clock: Clock) -> Message:
    """Give the message an id if it has none."""
    return message if message.id else replace(message, id=clock.new_id())


def _from_mapping(given: Mapping[str, Any]) -> Message:
    role = given.get("role", "user")
    if role not in ROLES:
        raise ValidationError(
            f"Validation failed: role: {role!r} is not a role", hint=f"One of: {', '.join(ROLES)}."
        )
    items = cast("object", _as_sequence(given.get("content", "")))
    if not isinstance(items, Sequence):
        raise ValidationError(f"Validation failed: content: {items!r} is no content", hint=_CONTENT_FORMS)
    blocks = tuple(_read_block(item) for item in cast("Sequence[Any]", items))
    return Message(role, blocks, str(given.get("id", "")), given.get("metadata", {}))


def _read_block(item: "str | Block | Mapping[str, Any]") -> Block:
    match item:
        case str():
            return TextBlock(item)
        case BlockBase():
            return item
        case _:
            try:
                return block_from_wire(item)
            except WireError as error:
                raise ValidationError(
                    f"Validation failed: content: {error.message}", hint=_CONTENT_FORMS
                ) from None


def is_message(given: Mapping[str, Any]) -> bool:
    """Tell whether a mapping is one message, and not the fields of a send."""
    return "content" in given or "role" in given


def _known_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    names = {"maxTicks": "max_ticks"}
    fields = {names.get(key, key): value for key, value in given.items()}
    unknown = sorted(fields.keys() - _FIELDS)
    if unknown:
        raise ValidationError(
            f"Validation failed: {unknown[0]}: send has no such field",
            hint=f"Known are: {', '.join(sorted(_FIELDS))}.",
        )
    return fields


def _as_sequence(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    single = isinstance(value, str | Message | BlockBase | Mapping)
    return (cast("object", value),) if single else value
