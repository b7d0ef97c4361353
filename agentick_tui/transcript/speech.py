"""What a model says: its text, its reasoning and its calls become blocks while they arrive."""

from dataclasses import replace

from agentick_core.events.model import (
    ContentDelta,
    ContentEnd,
    ContentEvent,
    MessageEvent,
    MessageStart,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningEvent,
    ReasoningStart,
    ToolCallEvent,
    ToolCallStart,
)
from agentick_core.messages.message import Message
from agentick_tui.sanitize import shown
from agentick_tui.transcript.blocks import AnswerBlock, ReasoningBlock, ToolBlock, TranscriptBlock
from agentick_tui.transcript.content import SUMMARY_LIMIT, answer_blocks, markdown_of, summary_of
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.items import Item, ItemList
from agentick_tui.transcript.retries import answered
from agentick_tui.transcript.scope import Scope

SpeechEvent = (
    MessageStart
    | ContentDelta
    | ContentEnd
    | ContentEvent
    | ReasoningStart
    | ReasoningDelta
    | ReasoningEnd
    | ReasoningEvent
    | ToolCallStart
    | ToolCallEvent
    | MessageEvent
)


def apply_speech(items: ItemList, scope: Scope, event: SpeechEvent) -> None:
    """Let an event of the model's answer change the blocks."""
    match event:
        case MessageStart():
            answered(items, scope)
            scope.begin_message()
        case ContentDelta():
            _grow(items, scope, AnswerBlock, event)
        case ReasoningDelta():
            _grow(items, scope, ReasoningBlock, event)
        case ContentEnd():
            _close(items, scope, AnswerBlock, event.block_index)
        case ReasoningStart():
            _open(items, scope, ReasoningBlock, event.block_index, event.time)
        case MessageEvent():
            settle_message(items, scope, event.message)
        case ToolCallStart() | ToolCallEvent():
            _call(items, scope, event)
        case _:
            _whole(items, scope, event)


def settle_message(items: ItemList, scope: Scope, message: Message) -> None:
    """Make the blocks of the message in progress those of the whole message."""
    if scope.settled is not None and scope.settled.content == message.content:
        return
    scope.settled = message
    scope.texts.clear()
    live = list(scope.message)
    kept: list[Item | TranscriptBlock] = []
    for block in answer_blocks(message.content):
        item = next((item for item in live if _same_thing(item.block, block)), None)
        if item is None:
            kept.append(block)
            continue
        live.remove(item)
        _update(items, item, block)
        kept.append(item)
    items.remove(live)
    _arrange(items, scope, kept)


def close_texts(items: ItemList, scope: Scope) -> None:
    """Close whatever text is still open."""
    for kind, index in list(scope.texts):
        _close(items, scope, kind, index)


def _open(
    items: ItemList, scope: Scope, kind: type[AnswerBlock] | type[ReasoningBlock], index: int, time: float
) -> Item:
    item = scope.texts.get((kind, index))
    if item is None:
        block = (
            ReasoningBlock(FlowText(), True, started_at=time)
            if kind is ReasoningBlock
            else AnswerBlock(FlowText(), True)
        )
        item = scope.texts[kind, index] = items.add(block, parent=scope.agent)
        scope.message.append(item)
    return item


def _grow(
    items: ItemList,
    scope: Scope,
    kind: type[AnswerBlock] | type[ReasoningBlock],
    event: ContentDelta | ReasoningDelta,
) -> None:
    if not event.delta:
        return
    item = _open(items, scope, kind, event.block_index, event.time)
    if isinstance(item.block, AnswerBlock | ReasoningBlock):
        item.block.text.append(event.delta)
    items.touch(item)


def _close(
    items: ItemList,
    scope: Scope,
    kind: type[AnswerBlock] | type[ReasoningBlock],
    index: int,
    seconds: float | None = None,
) -> None:
    item = scope.texts.pop((kind, index), None)
    if item is None:
        return
    match item.block:
        case AnswerBlock(open=True):
            items.replace(item, replace(item.block, open=False))
        case ReasoningBlock():
            items.replace(item, replace(item.block, open=False, seconds=seconds or item.block.seconds))
        case _:
            pass


def _whole(items: ItemList, scope: Scope, event: ContentEvent | ReasoningEnd | ReasoningEvent) -> None:
    match event:
        case ReasoningEnd():
            item = scope.texts.get((ReasoningBlock, event.block_index))
            began = item.block.started_at if item and isinstance(item.block, ReasoningBlock) else 0.0
            _close(
                items,
                scope,
                ReasoningBlock,
                event.block_index,
                max(0.0, event.time - began) if began else None,
            )
        case ReasoningEvent():
            if not any(isinstance(item.block, ReasoningBlock) for item in scope.message):
                _open(
                    items, scope, ReasoningBlock, event.block_index, event.started_at
                ).block = ReasoningBlock(FlowText(event.reasoning))
                _close(items, scope, ReasoningBlock, event.block_index, event.completed_at - event.started_at)
        case ContentEvent():
            # Streamed text is there already; the whole message settles what was missed.
            if markdown_of(event.content) is None:
                for block in answer_blocks((event.content,)):
                    scope.message.append(items.add(block, parent=scope.agent))


def _call(items: ItemList, scope: Scope, event: ToolCallStart | ToolCallEvent) -> None:
    item = scope.calls.get(event.call_id)
    if item is None:
        item = items.add(ToolBlock(event.call_id, shown(event.name)), parent=scope.agent)
        scope.calls[event.call_id] = item
        scope.message.append(item)
    if isinstance(event, ToolCallEvent) and isinstance(item.block, ToolBlock):
        own = shown(event.summary[:SUMMARY_LIMIT]) if event.summary else summary_of(event.input, {})
        items.replace(item, replace(item.block, name=shown(event.name), summary=own))


def _same_thing(live: TranscriptBlock, block: TranscriptBlock) -> bool:
    if isinstance(live, ToolBlock) and isinstance(block, ToolBlock):
        return live.call_id == block.call_id
    return type(live) is type(block)


def _update(items: ItemList, item: Item, block: TranscriptBlock) -> None:
    """Bring a live block to what the whole message says, and keep what only the live one knows."""
    live = item.block
    match block:
        case AnswerBlock(text) if isinstance(live, AnswerBlock):
            block = replace(live, open=False) if live.text == text else block
        case ReasoningBlock(text) if isinstance(live, ReasoningBlock):
            kept = live.text if live.text == text else text
            block = replace(live, text=kept, open=False, seconds=live.seconds or block.seconds)
        case ToolBlock() if isinstance(live, ToolBlock):
            block = replace(live, name=block.name, summary=live.summary or block.summary)
        case _:
            pass
    if live != block:
        items.replace(item, block)


def _arrange(items: ItemList, scope: Scope, wanted: list[Item | TranscriptBlock]) -> None:
    """Put the blocks of the message in order, and those in that were missed."""
    places = [items.place_of(item) for item in wanted if isinstance(item, Item)]
    if places != sorted(places):
        items.reorder([item for item in wanted if isinstance(item, Item)])
    scope.message = []
    before: Item | None = None
    following = next((item for item in wanted if isinstance(item, Item)), None)
    for entry in wanted:
        if isinstance(entry, Item):
            before = entry
        elif before is None and following is not None:
            before = items.add(entry, parent=scope.agent, before=following)
        else:
            before = items.add(entry, parent=scope.agent, after=before)
        scope.message.append(before)
        if isinstance(before.block, ToolBlock):
            scope.calls[before.block.call_id] = before
