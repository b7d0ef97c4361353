"""An answer built from deltas: its events, its message, and what is left of it when it is cut off."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.errors import IncompleteStreamError, StateError
from agentick_core.events.model import (
    ContentDelta,
    ContentEvent,
    ContentStart,
    MessageEnd,
    MessageEvent,
    ReasoningEvent,
    ReasoningStart,
    ToolCallEvent,
    ToolCallStart,
)
from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolUseBlock,
)
from agentick_core.messages.usage import Usage
from agentick_core.models.accumulate import Accumulator
from agentick_core.models.blocks import deltas_of
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
from agentick_core.models.tool_input import unique_among
from tests.core.models.recording import RecordingEmitter, accumulate


def build(*deltas: ModelDelta, **options: Any) -> tuple[Accumulator, RecordingEmitter]:
    emitter = RecordingEmitter()
    accumulator = Accumulator(emitter, **options)
    for delta in deltas:
        accumulator.add(delta)
    return accumulator, emitter


def first_query(name: str, given: Mapping[str, Any]) -> str:
    return f"{name} {given['q']}"


def test_a_plain_answer_gives_the_events_in_the_recorded_order():
    accumulator, emitter = build(
        MessageOpened("m-1"), TextDelta("Hel"), TextDelta("lo"), MessageClosed("stop", Usage(10, 5, 15))
    )

    assert emitter.types == [
        "message_start", "content_start", "content_delta", "content_delta", "content_end", "content",
        "message_end", "message",
    ]  # fmt: skip
    assert accumulator.finish().content == (TextBlock("Hello"),)
    assert accumulator.stop_reason == "stop"
    assert accumulator.usage == Usage(10, 5, 15, ticks=1)
    last = emitter.events[-1]
    assert isinstance(last, MessageEvent)
    assert (last.model, last.started_at, last.completed_at) == ("m-1", 1.0, 8.0)


def test_text_then_a_tool_call_gives_the_events_in_the_recorded_order():
    _, emitter = build(
        TextDelta("Looking."),
        ToolCallOpened("c1", "search"),
        ToolCallInput("c1", '{"q": "bees"}'),
        ToolCallClosed("c1"),
        MessageClosed("tool_use"),
        summary=first_query,
    )

    assert emitter.types == [
        "message_start", "content_start", "content_delta", "content_end", "content", "tool_call_start",
        "tool_call_delta", "tool_call_end", "tool_call", "message_end", "message",
    ]  # fmt: skip
    call = next(event for event in emitter.events if isinstance(event, ToolCallEvent))
    assert (call.name, dict(call.input), call.summary, call.block_index) == (
        "search",
        {"q": "bees"},
        "search bees",
        1,
    )
    assert isinstance(emitter.events[-2], MessageEnd)
    assert emitter.events[-2].usage is None


def test_every_event_carries_the_tick_of_its_stamp():
    _, emitter = build(TextDelta("a"), MessageClosed("stop"))

    assert {event.tick for event in emitter.events} == {3}


def test_reasoning_and_text_alternate_in_the_order_of_the_stream_with_their_own_indexes():
    accumulator, emitter = build(
        ReasoningTextDelta("first", new_block=True),
        ReasoningClosed("sig-1", provider="anthropic", model="m"),
        TextDelta("one"),
        ReasoningTextDelta("second"),
        TextDelta("two"),
        MessageClosed("stop"),
    )

    assert accumulator.finish().content == (
        ReasoningBlock("first", "sig-1", provider="anthropic", metadata={"model": "m"}),
        TextBlock("one"),
        ReasoningBlock("second"),
        TextBlock("two"),
    )
    whole = [event for event in emitter.events if isinstance(event, ReasoningEvent | ContentEvent)]
    assert [event.block_index for event in whole] == [0, 1, 2, 3]


def test_two_blocks_of_reasoning_in_a_row_stay_two():
    message = accumulate(
        [
            ReasoningTextDelta("a", new_block=True),
            ReasoningTextDelta("b", new_block=True),
            MessageClosed("stop"),
        ]
    )

    assert message.content == (ReasoningBlock("a"), ReasoningBlock("b"))


def test_reasoning_that_the_provider_hides_is_kept_with_its_signature():
    message = accumulate(
        [
            ReasoningTextDelta("", new_block=True),
            ReasoningClosed("sig"),
            ReasoningClosed(redacted_data="xyz"),
            ReasoningClosed(),
            MessageClosed("stop"),
        ]
    )

    assert message.content == (ReasoningBlock("", "sig"), ReasoningBlock("", None, "xyz"))


def test_parallel_calls_may_interleave_and_close_with_the_message():
    accumulator, emitter = build(
        ToolCallOpened("a", "one"),
        ToolCallOpened("b", "two"),
        ToolCallInput("b", '{"y": '),
        ToolCallInput("a", '{"x": 1}'),
        ToolCallInput("b", "2}"),
        MessageClosed("tool_use"),
    )

    assert [(use.name, dict(use.input)) for use in accumulator.finish().tool_uses] == [
        ("one", {"x": 1}),
        ("two", {"y": 2}),
    ]
    assert emitter.types[-2:] == ["message_end", "message"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("  ", {}),
        ('{"a": 1}', {"a": 1}),
        ('{"a": ', {"raw": '{"a": '}),
        ("[1]", {"raw": "[1]"}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
    ],
)
def test_the_input_of_a_call_is_read_liberally(text: str, expected: dict[str, object]):
    message = accumulate(
        [ToolCallOpened("c", "t"), ToolCallInput("c", text), ToolCallClosed("c"), MessageClosed("tool_use")]
    )

    assert message.tool_uses[0].input == expected


def test_an_explicit_input_wins_over_the_text():
    message = accumulate(
        [
            ToolCallOpened("c", "t"),
            ToolCallInput("c", "{"),
            ToolCallClosed("c", {"x": 1}),
            MessageClosed("tool_use"),
        ]
    )

    assert message.tool_uses[0].input == {"x": 1}


def test_ids_are_made_unique_and_the_providers_is_kept_beside():
    taken = {"call_0"}
    accumulator, emitter = build(
        ToolCallOpened("call_0", "t"),
        ToolCallClosed("call_0"),
        ToolCallOpened("call_0", "t"),
        ToolCallOpened("", "t"),
        MessageClosed("tool_use"),
        unique_id=unique_among(taken),
    )

    uses = accumulator.finish().tool_uses
    assert [(use.tool_use_id, use.provider_id) for use in uses] == [
        ("call_0-2", "call_0"),
        ("call_0-3", "call_0"),
        ("call", None),
    ]
    assert {event.call_id for event in emitter.events if isinstance(event, ToolCallEvent)} <= taken


def test_metadata_such_as_citations_is_joined_on_the_text():
    accumulator, emitter = build(
        ContentMetadata({"citations": [1]}),
        TextDelta("a"),
        ContentMetadata({"citations": [2], "model": "x"}),
        MessageClosed("stop"),
    )

    assert accumulator.finish().content[0].metadata == {"citations": [1, 2], "model": "x"}
    assert next(e for e in emitter.events if isinstance(e, ContentEvent)).metadata == {
        "citations": [1, 2],
        "model": "x",
    }


def test_a_whole_block_has_its_place_in_the_answer():
    image = ImageBlock(Base64Source("aGk=", "image/png"))
    accumulator, emitter = build(
        TextDelta("see"), BlockDelta(image), BlockDelta(TextBlock("x")), MessageClosed("stop")
    )

    assert accumulator.finish().content == (TextBlock("see"), image, TextBlock("x"))
    assert emitter.types[5:8] == ["content_start", "content_end", "content"]


def test_usage_is_merged_by_the_largest():
    accumulator, _ = build(
        UsageDelta(Usage(input_tokens=100, output_tokens=1, cached_input_tokens=40)),
        UsageDelta(Usage(output_tokens=30)),
        MessageClosed("stop", Usage(output_tokens=7)),
    )

    assert accumulator.usage == Usage(100, 30, 130, cached_input_tokens=40, ticks=1)


def test_what_was_said_before_a_break_is_kept_without_tool_calls():
    accumulator, _ = build(
        ReasoningTextDelta("hm"),
        TextDelta("Half an "),
        ToolCallOpened("c", "t"),
        ToolCallClosed("c"),
        TextDelta("answer"),
    )

    assert accumulator.partial_text == "Half an \n\nanswer"
    assert accumulator.partial_message is not None
    assert [block.type for block in accumulator.partial_message.content] == ["reasoning", "text", "text"]
    with pytest.raises(IncompleteStreamError) as caught:
        accumulator.finish()
    assert caught.value.partial == "Half an \n\nanswer"


def test_nothing_said_is_no_partial_message():
    accumulator, _ = build(ReasoningTextDelta("hm"))

    assert accumulator.partial_message is None
    assert accumulator.partial_text == ""


def test_a_model_that_goes_on_after_the_end_is_an_error():
    accumulator, _ = build(MessageClosed("stop"))

    with pytest.raises(StateError):
        accumulator.add(TextDelta("more"))


def test_input_for_a_call_that_is_not_open_is_an_error():
    with pytest.raises(StateError, match="'c'"):
        build(ToolCallInput("c", "{}"))


def test_half_a_character_waits_for_its_other_half():
    accumulator, emitter = build(
        TextDelta("a\ud83d"),
        TextDelta("\ude00b"),
        TextDelta("\ude00"),
        TextDelta("\ud83d"),
        MessageClosed("stop"),
    )

    assert accumulator.finish().text == "a😀b\ufffd\ufffd"
    shown = [event.delta for event in emitter.events if isinstance(event, ContentDelta)]
    assert shown == ["a", "😀b", "\ufffd", "\ufffd"]


BLOCKS = st.one_of(
    st.builds(TextBlock, st.text(min_size=1)),
    st.builds(ReasoningBlock, st.text(min_size=1), st.none() | st.text(min_size=1)),
    st.builds(
        ToolUseBlock,
        st.text("abc", min_size=1, max_size=3),
        st.text("xyz", min_size=1),
        st.dictionaries(st.text(), st.text() | st.integers(), max_size=3),
    ),
)


def cut(delta: ModelDelta, data: st.DataObject) -> list[ModelDelta]:
    match delta:
        case TextDelta(text=text, new_block=new_block):
            first, *rest = pieces(text, data)
            return [TextDelta(first, new_block), *(TextDelta(part) for part in rest)]
        case ReasoningTextDelta(text=text, new_block=new_block):
            first, *rest = pieces(text, data)
            return [ReasoningTextDelta(first, new_block), *(ReasoningTextDelta(part) for part in rest)]
        case ToolCallInput(id=call_id, json_text=text):
            return [ToolCallInput(call_id, part) for part in pieces(text, data)]
        case _:
            return [delta]


def pieces(text: str, data: st.DataObject) -> list[str]:
    """Cut the text as a server may that counts in UTF-16: also through the middle of a character."""
    units = text.encode("utf-16-le", "surrogatepass")
    places = data.draw(st.lists(st.integers(0, len(units) // 2), max_size=4).map(sorted))
    edges = [0, *places, len(units) // 2]
    return [units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass") for start, end in pairwise(edges)]


@settings(deadline=None, max_examples=150)
@given(blocks=st.lists(BLOCKS, max_size=6), data=st.data())
def test_any_cutting_of_the_stream_gives_the_same_message(blocks: list[Block], data: st.DataObject):
    befores = zip([None, *blocks], blocks, strict=False)
    whole = [delta for before, block in befores for delta in deltas_of(block, before)]
    in_pieces = [part for delta in whole for part in cut(delta, data)]

    emitter = RecordingEmitter()
    accumulator = Accumulator(emitter)
    for delta in [*in_pieces, MessageClosed("stop")]:
        accumulator.add(delta)

    assert accumulator.finish() == accumulate([*whole, MessageClosed("stop")])
    starts = [
        event for event in emitter.events if isinstance(event, ContentStart | ReasoningStart | ToolCallStart)
    ]
    indexes = [event.block_index for event in starts]
    assert indexes == list(range(len(indexes)))
    shown = "".join(event.delta for event in emitter.events if isinstance(event, ContentDelta))
    assert shown == "".join(block.text for block in blocks if isinstance(block, TextBlock))
