"""The bridge: events wait for a frame, deltas of one block joined, none lost."""

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from agentick_core.events.model import ContentDelta, MessageEnd, ReasoningDelta
from agentick_tui.engine.bridge import Bridge

if TYPE_CHECKING:
    from agentick_core.events.union import StreamEvent


def delta(text: str, block: int = 0, path: tuple[str, ...] = ()) -> ContentDelta:
    """Make a delta of a block."""
    return ContentDelta(block_index=block, delta=text, spawn_path=path)


def test_deltas_of_one_block_are_joined_and_the_order_stays():
    bridge = Bridge(lambda: None)
    events: list[StreamEvent] = [
        delta("a"),
        delta("b"),
        delta("c", block=1),
        ReasoningDelta(block_index=1, delta="d"),
        MessageEnd(stop_reason="stop"),
        delta("e"),
        delta("f", path=("child",)),
        delta("g"),
    ]
    for event in events:
        bridge.push(event)
    drained = bridge.drain()
    assert [getattr(event, "delta", event.type) for event in drained] == [
        "ab", "c", "d", "message_end", "e", "f", "g",
    ]  # fmt: skip
    assert bridge.drain() == []


def test_the_screen_is_woken_once_a_frame():
    woken: list[int] = []
    bridge = Bridge(lambda: woken.append(1))
    bridge.push(delta("a"))
    bridge.push(delta("b"))
    bridge.push(MessageEnd(stop_reason="stop"))
    assert len(woken) == 1
    bridge.drain()
    bridge.push(delta("c"))
    assert len(woken) == 2


@given(
    st.lists(st.tuples(st.integers(0, 2), st.text(max_size=3)), max_size=30),
    st.sets(st.integers(0, 29)),
)
def test_whenever_it_is_drained_every_block_gets_its_whole_text(
    pieces: list[tuple[int, str]], frames: set[int]
):
    bridge = Bridge(lambda: None)
    drained: list[StreamEvent] = []
    for place, (block, text) in enumerate(pieces):
        bridge.push(delta(text, block))
        if place in frames:
            drained += bridge.drain()
    drained += bridge.drain()
    told = [
        (event.block_index, letter)
        for event in drained
        if isinstance(event, ContentDelta)
        for letter in event.delta
    ]
    assert told == [(block, letter) for block, text in pieces for letter in text]
