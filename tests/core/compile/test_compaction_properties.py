"""What holds of every timeline within a budget, whatever was said."""

from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.compile.compaction import (
    STRATEGIES,
    Room,
    Strategy,
    compact,
    divided,
    newest_that_fit,
)
from agentick_core.components import Section, System, Timeline
from agentick_core.components.compacted import Measured, Scale, Terms, cut_in_steps
from agentick_core.components.entries import paired
from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    ImageBlock,
    JsonBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from agentick_core.messages.message import Message, Role
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.testing import compile_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes

Entries = tuple[TimelineEntry, ...]
CUTTING = [name for name in STRATEGIES if name not in ("none", "summarize")]

SPEAKERS: tuple[Role, ...] = ("user", "assistant", "event", "system")


def message_of(role: Role, content: list[Block]) -> Message:
    return Message(role, tuple(content))


def short(entries: Entries, guidance: str | None) -> str:
    return "short " * 50


said = st.builds(
    message_of,
    st.sampled_from(SPEAKERS),
    st.lists(
        st.one_of(
            st.builds(TextBlock, st.text(max_size=80)),
            st.builds(ReasoningBlock, st.text(max_size=80)),
            st.builds(JsonBlock, st.dictionaries(st.text(max_size=5), st.integers(), max_size=3)),
            st.just(ImageBlock(Base64Source("x"))),
        ),
        min_size=1,
        max_size=3,
    ),
)


@st.composite
def histories(draw: st.DrawFn) -> Entries:
    """Draw a history in which several calls may be open at once, and their results come later."""
    messages: list[Message] = []
    waiting: list[str] = []
    for number in range(draw(st.integers(0, 14))):
        match draw(st.sampled_from(("say", "call", "result"))):
            case "call":
                ids = [f"{number}-{each}" for each in range(draw(st.integers(1, 2)))]
                waiting += ids
                uses: tuple[Block, ...] = tuple(ToolUseBlock(id, "look", {"q": "x" * 20}) for id in ids)
                messages.append(Message("assistant", uses))
            case "result" if waiting:
                take = waiting[: draw(st.integers(1, len(waiting)))]
                del waiting[: len(take)]
                text = (TextBlock("found " * draw(st.integers(0, 20))),)
                messages.append(Message("tool", tuple(ToolResultBlock(id, "look", text) for id in take)))
            case _:
                messages.append(draw(said))
    sizes = st.one_of(st.none(), st.integers(0, 90))
    return tuple(
        TimelineEntry(f"e{number}", message, tokens=draw(sizes)) for number, message in enumerate(messages)
    )


def whole_pairs(entries: Entries) -> set[str]:
    calls = {use.tool_use_id for entry in entries for use in entry.message.tool_uses}
    return calls & {result.tool_use_id for entry in entries for result in entry.message.tool_results}


@given(
    histories(), st.integers(0, 400), st.sampled_from(CUTTING), st.sampled_from(((), ("user",), ("tool",)))
)
@settings(deadline=None, max_examples=100)
def test_a_cut_keeps_order_pairs_and_budget(
    history: Entries, tokens: int, strategy: str, preserve: tuple[Role, ...]
) -> None:
    sizes = [entry.tokens or 10 for entry in history]
    size_of = dict(zip((entry.id for entry in history), sizes, strict=True))
    room = Room(max_tokens=tokens, current_tokens=sum(sizes))
    cut = compact(history, room, cast("Strategy", strategy), preserve=preserve, sizes=sizes)
    kept, evicted = tuple(cut.kept), tuple(cut.evicted)
    assert sorted((*kept, *evicted), key=history.index) == list(history)
    assert list(kept) == sorted(kept, key=history.index)
    for id in whole_pairs(history):
        halves = [
            entry in kept
            for entry in history
            if id
            in {u.tool_use_id for u in entry.message.tool_uses}
            | {r.tool_use_id for r in entry.message.tool_results}
        ]
        assert len(set(halves)) == 1
    if room.current_tokens <= tokens:
        assert evicted == ()
    elif strategy == "truncate" or not preserve:
        assert sum(size_of[entry.id] for entry in kept) <= tokens
        assert kept == history[len(history) - len(kept) :], "there is no gap"


@component
def Agent(budget: int, strategy: Any) -> Nodes:
    yield System("You are careful.")
    yield Timeline(max_tokens=budget, strategy=strategy, preserve_roles=(), summarize=short)
    yield Section("Some note.", id="note", position="end")


@given(histories(), st.integers(0, 500), st.sampled_from((*CUTTING, "summarize")))
@settings(deadline=None, max_examples=60)
async def test_a_request_is_never_larger_than_its_budget(
    history: Entries, budget: int, strategy: str
) -> None:
    plain = [TimelineEntry(entry.id, entry.message) for entry in history]
    empty = (await compile_agent(Agent(10_000, strategy), ["now"])).request.estimated_tokens
    compiled = await compile_agent(Agent(budget, strategy), ["now"], history=plain)
    assert compiled.errors == ()
    assert compiled.request.estimated_tokens <= max(budget, empty)
    assert any(message.text == "now" for message in compiled.messages), "what is new is always shown"
    calls = {use.tool_use_id for message in compiled.messages for use in message.tool_uses}
    results = {result.tool_use_id for message in compiled.messages for result in message.tool_results}
    if compiled.request.estimated_tokens < 400:
        assert results <= calls


@settings(deadline=None, max_examples=100)
@given(histories(), st.integers(10, 400), st.sampled_from(["sliding-window", "truncate"]))
def test_cut_in_steps_it_fits_breaks_no_pair_and_begins_as_before_while_that_fits(
    history: Entries, tokens: int, strategy: Strategy
) -> None:
    terms = Terms(max_tokens=tokens, strategy=strategy, in_steps=True)
    scale, measured = Scale(room=tokens, preserve=("system",)), Measured()
    before: Entries = ()
    for length in range(1, len(history) + 1):
        said = history[:length]
        cut = cut_in_steps(said, terms, scale, measured)
        if cut is None:
            assert scale.total(said) <= tokens
            continue
        preserve = scale.preserve if strategy == "sliding-window" else ()
        always = divided(said, newest_that_fit(said, scale.sizes(said), 0, preserve)).kept
        assert scale.total(cut.kept) <= max(tokens, scale.total(tuple(always)))
        assert paired(cut.kept) == cut.kept
        assert not set(map(id, cut.kept)) & set(map(id, cut.evicted))
        same = (*before, *said[length - 1 :])
        if before and paired(same) == same and scale.total(same) <= tokens:
            assert cut.kept[: len(before)] == before
        before = cut.kept
