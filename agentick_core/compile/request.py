"""From what a tree compiled to, to the request for the model: what stands where."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.render import model_blocks
from agentick_core.compile.structural import (
    NOTHING,
    Structural,
    as_ephemeral,
    as_grounding,
    as_section,
)
from agentick_core.compile.tokens import TextEstimator, estimate_request, estimate_text
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.compiled import CompiledEphemeral, CompiledSection, EphemeralPosition
from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.request import CONTEXT_MARK, ModelRequest
from agentick_core.messages.tool import ToolDefinition


def build_request(
    compiled: CompiledTree,
    tools: Sequence[ToolDefinition],
    extra: Structural = NOTHING,
    *,
    estimator: TextEstimator = estimate_text,
) -> ModelRequest:
    """Lay out the request: system texts, sections, conversation with its ephemerals, and what stands at the end.

    What changes often comes late, so that the provider's cache keeps the beginning.
    """
    sections = _sections(compiled, extra)
    system = [*compiled.system, *extra.system]
    if text := _joined(section for section in sections if section.position == "system"):
        system.append(text)
    ephemeral = (
        *compiled.ephemeral,
        *(as_grounding(each) for each in extra.grounding),
        *(as_ephemeral(each) for each in extra.ephemeral),
    )
    messages = _with_ephemeral([_for_model(message) for message in _transformed(compiled)], ephemeral)
    if text := _joined(section for section in sections if section.position == "end"):
        messages.append(UserMessage(f"{CONTEXT_MARK}\n{text}"))
    request = ModelRequest(
        system=tuple(system),
        messages=tuple(message for message in messages if message.content),
        tools=tuple(sorted((t for t in tools if t.audience != "user"), key=lambda tool: tool.name)),
        options=compiled.options,
        sections={section.id: section.text for section in sections},
    )
    return replace(request, estimated_tokens=estimate_request(request, estimator))


def _sections(compiled: CompiledTree, extra: Structural) -> list[CompiledSection]:
    known = {section.id for section in compiled.sections}
    added = [as_section(section) for section in extra.sections]
    every = (*compiled.sections, *(section for section in added if section.id not in known))
    return [section for section in every if section.audience != "user" and section.text]


def _joined(sections: Iterable[CompiledSection]) -> str:
    return "\n\n".join(
        f"{section.title}: {section.text}" if section.title else section.text for section in sections
    )


def _transformed(compiled: CompiledTree) -> Sequence[Message]:
    wanted = compiled.transformation
    return compiled.messages if wanted is None else [wanted.applied(message) for message in compiled.messages]


def _for_model(message: Message) -> Message:
    content = model_blocks(message.content)
    return message if content is message.content else replace(message, content=content)


def _with_ephemeral(messages: list[Message], ephemeral: Sequence[CompiledEphemeral]) -> list[Message]:
    if not ephemeral:
        return messages
    before = max((i for i, message in enumerate(messages) if message.role == "user"), default=len(messages))
    return [
        *_at("after-system", ephemeral),
        *_at("start", ephemeral),
        *messages[:before],
        *_at("before-user", ephemeral),
        *messages[before:],
        *_at("flow", ephemeral),
        *_at("end", ephemeral),
    ]


def _at(position: EphemeralPosition, ephemeral: Sequence[CompiledEphemeral]) -> list[Message]:
    chosen = sorted((each for each in ephemeral if each.position == position), key=lambda each: each.order)
    return [_marked(each.message) for each in chosen]


def _marked(message: Message) -> Message:
    content = model_blocks(message.content)
    match content:
        case (TextBlock() as first, *rest):
            blocks = (replace(first, text=f"{CONTEXT_MARK}\n{first.text}"), *rest)
        case _:
            blocks = (TextBlock(CONTEXT_MARK), *content)
    return Message("user", blocks, message.id, message.metadata)
