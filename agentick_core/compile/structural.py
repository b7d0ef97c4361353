"""What one send adds to the context beside its messages, in every form in which it may be given."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast, get_args

from agentick_core.compile.render import block_text
from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import Block, TextBlock, as_blocks, text_of
from agentick_core.messages.compiled import (
    CompiledEphemeral,
    CompiledSection,
    EphemeralPosition,
    SectionPosition,
)
from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.tool import Audience

SectionLike: TypeAlias = CompiledSection | Mapping[str, Any]
SystemLike: TypeAlias = str | Message | Mapping[str, Any]
EphemeralLike: TypeAlias = CompiledEphemeral | Message | str | Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structural:
    """What one send shows in each of its ticks, without storing it.

    A section is a mapping with id and text (or content), perhaps title, position and audience; an ephemeral is
    text, a message, or a mapping with content, position and order. A section of the tree wins over one of the
    same id here.
    """

    system: tuple[str, ...] = ()
    grounding: tuple[EphemeralLike, ...] = ()
    sections: tuple[SectionLike, ...] = ()
    ephemeral: tuple[EphemeralLike, ...] = ()


NOTHING = Structural()


def as_section(given: SectionLike) -> CompiledSection:
    """Read a section.

    Raises:
        ValidationError: it has no id, or its position or audience is unknown.
    """
    if isinstance(given, CompiledSection):
        return given
    given = _mapping(given, "A section", "id and content")
    identity = given.get("id")
    if not identity:
        raise ValidationError(
            "A section needs an id",
            hint="Give a mapping with id and content.",
            details={"section": dict(given)},
        )
    return CompiledSection(
        id=str(identity),
        text=text_of(as_blocks(given.get("text", given.get("content", "")))),
        title=given.get("title"),
        position=one_of(given.get("position", "system"), SectionPosition, "position of a section"),
        audience=one_of(given.get("audience", "model"), Audience, "audience of a section"),
    )


def as_ephemeral(given: EphemeralLike, default: EphemeralPosition = "end") -> CompiledEphemeral:
    """Read an ephemeral message.

    Raises:
        ValidationError: its position is unknown.
    """
    match given:
        case CompiledEphemeral():
            return given
        case Message():
            return CompiledEphemeral(given, default)
        case str():
            return CompiledEphemeral(UserMessage(given), default)
        case _:
            given = _mapping(given, "An ephemeral", "content")
            position = one_of(given.get("position", default), EphemeralPosition, "position of an ephemeral")
            message = Message("user", as_blocks(given.get("content", given.get("text", ""))))
            return CompiledEphemeral(message, position, int(given.get("order", 0)))


def as_grounding(given: EphemeralLike) -> CompiledEphemeral:
    """Read a grounding: an ephemeral that stands at the start of the conversation, perhaps under a title.

    Raises:
        ValidationError: its position is unknown.
    """
    read = as_ephemeral(given, "start")
    title = given.get("title") if isinstance(given, Mapping) else None
    return replace(read, message=replace(read.message, content=titled(title, read.message.content)))


def as_system(given: SystemLike) -> str:
    """Read a system text."""
    match given:
        case str():
            return given
        case Message():
            return given.text
        case _:
            given = _mapping(given, "A system text", "content")
            return text_of(as_blocks(given.get("content", given.get("text", ""))))


def titled(title: str | None, content: tuple[Block, ...]) -> tuple[Block, ...]:
    """Put a title before content."""
    if title is None or not content:
        return content
    first, *rest = content
    text = first.text if isinstance(first, TextBlock) else block_text(first)
    return (TextBlock(f"{title}: {text}"), *rest)


def one_of(value: object, choices: Any, what: str) -> Any:
    """Give the value, which has to be one of a literal type.

    Raises:
        ValidationError: it is not.
    """
    known = cast("tuple[str, ...]", get_args(choices))
    if value not in known:
        raise ValidationError(f"The {what} is one of {', '.join(known)}, not {value!r}")
    return value


def _mapping(given: object, what: str, fields: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ValidationError(f"{what} cannot be made of {given!r}", hint=f"Give a mapping with {fields}.")
    return cast("Mapping[str, Any]", given)
