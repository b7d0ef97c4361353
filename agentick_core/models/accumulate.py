"""How an answer is built: deltas of a model go in, stream events and the final message come out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, assert_never, cast

from agentick_core.errors import IncompleteStreamError, StateError
from agentick_core.events.emitter import Emitter
from agentick_core.events.model import (
    ContentDelta,
    ContentEnd,
    ContentEvent,
    ContentStart,
    MessageEnd,
    MessageEvent,
    MessageStart,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningEvent,
    ReasoningStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallEvent,
    ToolCallStart,
)
from agentick_core.messages.blocks import Block, ReasoningBlock, TextBlock, ToolUseBlock, text_of
from agentick_core.messages.message import Message
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.models.blocks import deltas_of
from agentick_core.models.checked import checked
from agentick_core.models.deltas import (
    BlockDelta,
    ContentMetadata,
    MessageClosed,
    MessageOpened,
    ModelDelta,
    ReasoningClosed,
    ReasoningTextDelta,
    TextDelta,
    ToolCallClosed,
    ToolCallInput,
    ToolCallOpened,
    UsageDelta,
)
from agentick_core.models.open_blocks import OpenBlock, OpenCall
from agentick_core.models.surrogates import mended
from agentick_core.models.tool_input import UniqueId, parse_input, unique_among

Summary: TypeAlias = Callable[[str, Mapping[str, Any]], str | None]
RareDelta: TypeAlias = (
    UsageDelta
    | MessageOpened
    | ReasoningClosed
    | ToolCallOpened
    | ToolCallClosed
    | BlockDelta
    | ContentMetadata
    | MessageClosed
)


class Accumulator:
    """Builds one answer.

    Blocks keep the order in which the stream began them, each with its own index. Text and reasoning are open
    one at a time; tool calls stay open beside them, since providers interleave their input.
    """

    def __init__(
        self,
        emitter: Emitter,
        *,
        summary: Summary | None = None,
        unique_id: UniqueId | None = None,
        model: str | None = None,
    ) -> None:
        self.stop_reason = ""
        self.model = model
        self._emitter = emitter
        self._summary = summary
        self._unique_id = unique_id or unique_among(set())
        self._usage: Usage | None = None
        self._blocks: dict[int, Block] = {}
        self._next_index = 0
        self._text: OpenBlock | None = None
        self._reasoning: OpenBlock | None = None
        self._calls: dict[str, OpenCall] = {}
        self._waiting_metadata: dict[str, Any] = {}
        self._started_at: float | None = None
        self._closed = False

    @property
    def message(self) -> Message:
        """The answer, made of the blocks that are complete."""
        return Message("assistant", tuple(self._blocks[index] for index in sorted(self._blocks)))

    @property
    def partial_message(self) -> Message | None:
        """What was said and thought so far, without tool calls; None while no text has come."""
        blocks = dict(self._blocks)
        if self._text is not None:
            blocks[self._text.index] = TextBlock("".join(self._text.parts))
        if self._reasoning is not None:
            blocks[self._reasoning.index] = ReasoningBlock("".join(self._reasoning.parts))
        said = tuple(blocks[index] for index in sorted(blocks) if not isinstance(blocks[index], ToolUseBlock))
        return Message("assistant", said) if text_of(said) else None

    @property
    def partial_text(self) -> str:
        """The text so far, of complete blocks and of the open one."""
        partial = self.partial_message
        return partial.text if partial is not None else ""

    @property
    def usage(self) -> Usage:
        """The tokens this call took, as far as the provider has said; one tick where the answer is whole."""
        usage = self._usage or NO_USAGE
        total = max(usage.total_tokens, usage.input_tokens + usage.output_tokens)
        return replace(usage, total_tokens=total, ticks=int(self._closed))

    def add(self, delta: ModelDelta) -> None:
        """Take the next delta and publish what it means."""
        if self._closed:
            raise StateError("The model went on after it had closed its message.")
        match delta:
            case TextDelta():
                self._add_text(delta)
            case ReasoningTextDelta():
                self._add_reasoning(delta)
            case ToolCallInput():
                self._add_input(delta)
            case _:
                # What it brings is kept as it is: one value that is no JSON, and nothing would be stored any more.
                self._add_rare(checked(delta))

    def _add_rare(self, delta: RareDelta) -> None:
        match delta:
            case UsageDelta(usage=usage):
                self._merge_usage(usage)
            case MessageOpened(model=model):
                self.model = model or self.model
                self._start()
            case ReasoningClosed():
                self._close_reasoning(delta)
            case ToolCallOpened():
                self._open_call(delta)
            case ToolCallClosed():
                self._close_call(delta)
            case BlockDelta(block=block):
                self._add_block(block)
            case ContentMetadata(metadata=metadata):
                _join(self._text.metadata if self._text else self._waiting_metadata, metadata)
            case MessageClosed():
                self._close(delta)
            case _:
                assert_never(delta)

    def finish(self) -> Message:
        """Give the whole answer. Raises IncompleteStreamError where the model did not close its message."""
        if self._closed:
            return self.message
        error = IncompleteStreamError(
            "The model's answer ended before it was complete.", hint="Send the message again."
        )
        error.partial = self.partial_text
        raise error

    def _start(self) -> None:
        if self._started_at is not None:
            return
        stamp = self._emitter.stamp()
        self._started_at = stamp["time"]
        self._emitter.publish(MessageStart(**stamp, model=self.model))

    def _new_index(self) -> int:
        self._start()
        self._next_index += 1
        return self._next_index - 1

    def _merge_usage(self, usage: Usage) -> None:
        self._usage = usage.at_least(self._usage or NO_USAGE)

    def _add_text(self, delta: TextDelta) -> None:
        if delta.new_block:
            self._close_text()
        if not delta.text:
            return
        block = self._text or self._open_text()
        if shown := block.take(delta.text):
            self._publish_text(block, shown)

    def _publish_text(self, block: OpenBlock, text: str) -> None:
        emitter = self._emitter
        emitter.publish(ContentDelta(**emitter.stamp(), delta=text, block_index=block.index))

    def _open_text(self) -> OpenBlock:
        self._close_reasoning(ReasoningClosed())
        index = self._new_index()
        stamp = self._emitter.stamp()
        self._text = OpenBlock(index, stamp["time"], metadata=self._waiting_metadata)
        self._waiting_metadata = {}
        self._emitter.publish(ContentStart(**stamp, block_type="text", block_index=index))
        return self._text

    def _close_text(self) -> None:
        if (open_text := self._text) is None:
            return
        self._text = None
        if open_text.held:
            open_text.held = ""
            self._publish_text(open_text, open_text.take("\ufffd"))
        block = TextBlock("".join(open_text.parts), metadata=dict(open_text.metadata))
        self._end_content(block, open_text.index, open_text.started_at)

    def _end_content(self, block: Block, index: int, started_at: float) -> None:
        self._blocks[index] = block
        emitter, kind, metadata = self._emitter, block.type, block.metadata
        emitter.publish(ContentEnd(**emitter.stamp(), block_type=kind, block_index=index, metadata=metadata))
        stamp = emitter.stamp()
        emitter.publish(
            ContentEvent(
                **stamp,
                block_index=index,
                content=block,
                started_at=started_at,
                completed_at=stamp["time"],
                metadata=metadata,
            )
        )

    def _add_reasoning(self, delta: ReasoningTextDelta) -> None:
        if delta.new_block:
            self._close_reasoning(ReasoningClosed())
        elif not delta.text:
            return
        block = self._reasoning or self._open_reasoning()
        if delta.text and (shown := block.take(delta.text)):
            self._publish_reasoning(block, shown)

    def _publish_reasoning(self, block: OpenBlock, text: str) -> None:
        emitter = self._emitter
        emitter.publish(ReasoningDelta(**emitter.stamp(), delta=text, block_index=block.index))

    def _open_reasoning(self) -> OpenBlock:
        self._close_text()
        index = self._new_index()
        stamp = self._emitter.stamp()
        self._reasoning = OpenBlock(index, stamp["time"])
        self._emitter.publish(ReasoningStart(**stamp, block_index=index))
        return self._reasoning

    def _close_reasoning(self, delta: ReasoningClosed) -> None:
        open_block = self._reasoning
        if open_block is None:
            if delta.signature is None and delta.redacted_data is None:
                return
            open_block = self._open_reasoning()
        self._reasoning = None
        if open_block.held:
            open_block.held = ""
            self._publish_reasoning(open_block, open_block.take("\ufffd"))
        text, index, emitter = "".join(open_block.parts), open_block.index, self._emitter
        self._blocks[index] = ReasoningBlock(
            text,
            delta.signature,
            delta.redacted_data,
            delta.provider,
            metadata={"model": delta.model} if delta.model else {},
        )
        emitter.publish(ReasoningEnd(**emitter.stamp(), block_index=index))
        stamp = emitter.stamp()
        emitter.publish(
            ReasoningEvent(
                **stamp,
                block_index=index,
                reasoning=text,
                started_at=open_block.started_at,
                completed_at=stamp["time"],
            )
        )

    def _close_channels(self) -> None:
        self._close_text()
        self._close_reasoning(ReasoningClosed())

    def _open_call(self, delta: ToolCallOpened) -> None:
        if delta.id in self._calls:
            self._close_call(ToolCallClosed(delta.id))
        self._close_channels()
        index, call_id = self._new_index(), self._unique_id(delta.id)
        stamp = self._emitter.stamp()
        self._calls[delta.id] = OpenCall(index, stamp["time"], call_id, delta.id, delta.name)
        self._emitter.publish(ToolCallStart(**stamp, call_id=call_id, name=delta.name, block_index=index))

    def _call(self, provider_id: str) -> OpenCall:
        call = self._calls.get(provider_id)
        if call is None:
            raise StateError(f"The model went on with the tool call {provider_id!r}, which is not open.")
        return call

    def _add_input(self, delta: ToolCallInput) -> None:
        call = self._call(delta.id)
        if not delta.json_text:
            return
        call.parts.append(delta.json_text)
        emitter = self._emitter
        emitter.publish(
            ToolCallDelta(
                **emitter.stamp(),
                call_id=call.call_id,
                delta=mended(delta.json_text),
                block_index=call.index,
            )
        )

    def _close_call(self, delta: ToolCallClosed) -> None:
        call = self._call(delta.id)
        del self._calls[delta.id]
        given = delta.input if delta.input is not None else parse_input("".join(call.parts))
        summary = self._summary(call.name, given) if self._summary else None
        self._blocks[call.index] = ToolUseBlock(
            call.call_id,
            call.name,
            given,
            call.provider_id or None,
            metadata={"summary": summary} if summary else {},
        )
        emitter = self._emitter
        emitter.publish(ToolCallEnd(**emitter.stamp(), call_id=call.call_id, block_index=call.index))
        stamp = emitter.stamp()
        emitter.publish(
            ToolCallEvent(
                **stamp,
                call_id=call.call_id,
                name=call.name,
                input=given,
                block_index=call.index,
                summary=summary,
                started_at=call.started_at,
                completed_at=stamp["time"],
            )
        )

    def _add_block(self, block: Block) -> None:
        if isinstance(block, TextBlock | ReasoningBlock | ToolUseBlock):
            self._close_text()
            self._add_all(deltas_of(block))
            return
        self._close_channels()
        index = self._new_index()
        stamp = self._emitter.stamp()
        self._emitter.publish(ContentStart(**stamp, block_type=block.type, block_index=index))
        self._end_content(block, index, stamp["time"])

    def _add_all(self, deltas: Iterable[ModelDelta]) -> None:
        for delta in deltas:
            self.add(delta)

    def _close(self, delta: MessageClosed) -> None:
        self._start()
        if delta.usage is not None:
            self._merge_usage(delta.usage)
        self._close_channels()
        self._add_all([ToolCallClosed(provider_id) for provider_id in self._calls])
        self._closed, self.stop_reason = True, delta.stop_reason
        emitter = self._emitter
        reported = self.usage if self._usage is not None else None
        emitter.publish(MessageEnd(**emitter.stamp(), stop_reason=delta.stop_reason, usage=reported))
        stamp = emitter.stamp()
        emitter.publish(
            MessageEvent(
                **stamp,
                message=self.message,
                stop_reason=delta.stop_reason,
                usage=self.usage,
                model=self.model,
                started_at=self._started_at or 0.0,
                completed_at=stamp["time"],
            )
        )


def _join(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        known = into.get(key)
        if isinstance(known, list | tuple) and isinstance(value, list | tuple):
            into[key] = [*cast("Sequence[Any]", known), *cast("Sequence[Any]", value)]
        else:
            into[key] = value
