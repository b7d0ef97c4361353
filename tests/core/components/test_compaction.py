"""A timeline within a budget of tokens."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agentick_core import Nodes, Section, System, component, create_app, tool, use_timeline
from agentick_core.compile.compaction import Room, TokenBudget
from agentick_core.components import Messages, Timeline, TimelineMessages, TimelineProvider
from agentick_core.components.timeline import shown
from agentick_core.errors import ComponentError
from agentick_core.hooks import use_timeline_context
from agentick_core.messages.blocks import (
    Base64Source,
    ImageBlock,
    JsonBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from agentick_core.messages.message import AssistantMessage, Message, ToolMessage, UserMessage
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, compile_agent, render_agent
from agentick_core.tree.element import Element
from tests.core.session.talk import SOON, mock, texts

Entries = tuple[TimelineEntry, ...]


@component
def Root(timeline: Element) -> Nodes:
    yield timeline


def entry(name: str, tokens: int, role: Any = "user") -> TimelineEntry:
    return TimelineEntry(name, Message(role, (TextBlock(name),)), tokens=tokens)


def entries(*sizes: int) -> list[TimelineEntry]:
    return [entry(str(number), size) for number, size in enumerate(sizes)]


async def kept(timeline: Element, history: Sequence[TimelineEntry | Message], *now: str) -> list[str]:
    compiled = await compile_agent(Root(timeline), now, history=history)
    assert compiled.errors == ()
    return [message.text for message in compiled.messages]


async def test_l5_only_the_newest_entries_that_fit_are_shown_in_their_order() -> None:
    assert await kept(Timeline(max_tokens=60), entries(50, 50, 50)) == ["2"]
    assert await kept(Timeline(max_tokens=65), entries(30, 30, 30)) == ["1", "2"]
    assert await kept(Timeline(max_tokens=90), entries(30, 30, 30)) == ["0", "1", "2"]
    assert await kept(Timeline(max_tokens=100, headroom=30), entries(40, 40)) == ["1"]
    assert await kept(Timeline(max_tokens=40), entries(50)) == []


async def test_l5_preserved_roles_stay_whatever_their_age() -> None:
    history = [entry("old", 10), entry("a", 30, "assistant"), entry("b", 30, "assistant")]
    assert await kept(Timeline(max_tokens=45, preserve_roles=["user"]), history) == ["old", "b"]
    assert await kept(Timeline(max_tokens=45), history) == ["b"]
    truncated = Timeline(max_tokens=45, preserve_roles=["user"], strategy="truncate")
    assert await kept(truncated, history) == ["b"]
    assert await kept(Timeline(max_tokens=45, strategy="none"), history) == ["old", "a", "b"]


async def test_l5_a_function_of_ones_own_gets_the_effective_budget_and_the_guidance() -> None:
    seen: list[Any] = []

    def oldest(history: Entries, room: Room, guidance: str | None) -> tuple[Entries, Entries]:
        seen.append((room, guidance))
        return history[:1], history[1:]

    timeline = Timeline(max_tokens=100, headroom=30, strategy=oldest, guidance="keep the first")
    assert await kept(timeline, entries(40, 40)) == ["0"]
    assert seen == [(Room(max_tokens=70, current_tokens=80), "keep the first")]


async def test_l5_on_evict_is_told_in_an_effect_and_only_where_something_was_left_out() -> None:
    told: list[list[str]] = []
    timeline = Timeline(max_tokens=65, on_evict=lambda out: told.append([each.id for each in out]))
    await kept(timeline, entries(30, 30))
    assert told == []
    await kept(timeline, entries(30, 30, 30))
    assert told == [["0"]]


async def test_on_evict_may_be_async() -> None:
    told: list[list[str]] = []

    async def tell(out: Entries) -> None:
        await asyncio.sleep(0)
        told.append([each.id for each in out])

    async with render_agent(
        Root(Timeline(max_tokens=65, on_evict=tell)), history=entries(30, 30, 30)
    ) as agent:
        await agent.tick()
        async with asyncio.timeout(SOON):
            while not told:
                await asyncio.sleep(0)
    assert told == [["0"]]


async def test_l5_a_render_function_gets_the_budget_or_none() -> None:
    budgets: list[TokenBudget | None] = []

    def render(history: Entries, pending: tuple[Message, ...], budget: TokenBudget | None) -> Nodes:
        budgets.append(budget)
        yield Messages(*shown(history))

    assert await kept(Timeline(render=render, max_tokens=100, headroom=30), entries(40, 40)) == ["1"]
    await kept(Timeline(render=render), entries(40, 40))
    assert budgets[-1] is None
    assert budgets[0] == TokenBudget(
        max_tokens=100, effective_budget=70, current_tokens=40, evicted_count=1, is_compacted=True
    )


CALL = AssistantMessage([ToolUseBlock("1", "search", {"query": "bees"})])
RESULT = ToolMessage(ToolResultBlock("1", "search", (TextBlock("found"),)))


async def test_beat_37_a_tool_call_and_its_result_stay_or_go_together() -> None:
    history = [
        TimelineEntry("q", UserMessage("find"), tokens=10),
        TimelineEntry("c", CALL, tokens=10),
        TimelineEntry("r", RESULT, tokens=30),
        TimelineEntry("a", AssistantMessage("here"), tokens=10),
    ]
    for budget in range(61):
        compiled = await compile_agent(Root(Timeline(max_tokens=budget)), history=history)
        uses = [use for message in compiled.messages for use in message.tool_uses]
        results = [result for message in compiled.messages for result in message.tool_results]
        assert len(uses) == len(results) == (budget >= 50)


async def test_beat_37_what_is_shown_has_no_gap_and_the_newest_is_never_dropped_for_older_ones() -> None:
    assert await kept(Timeline(max_tokens=60), entries(10, 10, 45, 10)) == ["2", "3"]
    assert await kept(Timeline(max_tokens=30), entries(10, 10, 45, 10)) == ["3"]
    assert await kept(Timeline(max_tokens=30), entries(10, 10, 45)) == []


@pytest.mark.parametrize(
    "message",
    [
        AssistantMessage([ReasoningBlock("x" * 400)]),
        UserMessage([ImageBlock(Base64Source("x"))]),
        UserMessage([JsonBlock({"x": "y" * 400})]),
        AssistantMessage([ToolUseBlock("1", "t", {"x": "y" * 400})]),
    ],
)
async def test_beat_37_reasoning_pictures_json_and_calls_count(message: Message) -> None:
    told: list[str] = []
    timeline = Timeline(max_tokens=80, on_evict=lambda out: told.extend(each.id for each in out))
    await kept(timeline, [TimelineEntry("big", message), entry("small", 5)])
    assert told == ["big"]


async def test_beat_37_new_messages_and_everything_beside_the_timeline_count_too() -> None:
    @tool
    async def look(query: str) -> str:
        """Look something up in the large archive of everything."""
        return query

    @component
    def Beside(budget: int) -> Nodes:
        yield System("You know " + "much " * 20)
        yield Timeline(max_tokens=budget)
        yield Section("note " * 20, id="note")
        yield Section("late " * 20, id="late", position="end")
        yield look

    history = [UserMessage("word " * 20) for _ in range(20)]
    whole = await compile_agent(Beside(10_000), ["now"], history=history)
    assert len(whole.messages) == 22
    for budget in (300, 500, 700):
        compiled = await compile_agent(Beside(budget), ["now " * 20], history=history)
        assert budget - 90 < compiled.request.estimated_tokens <= budget
        assert compiled.messages[-2].text == "now " * 20
        assert len(compiled.messages) < 20


async def test_beat_37_the_timeline_of_the_session_stays_as_it_is() -> None:
    @component
    def Brief() -> Nodes:
        yield Timeline(max_tokens=60)

    model = mock()
    async with create_app(Brief, model=model) as app:
        session = await app.session("s")
        for number in range(8):
            await session.send(f"question {number}").result
        assert len(session.timeline) == 16
        assert 1 < len(model.requests[-1].messages) < 8
        assert model.requests[-1].estimated_tokens <= 60


async def test_the_budget_is_read_anywhere_in_the_tree() -> None:
    read: list[TokenBudget | None] = []

    @component
    def Gauge() -> Nodes:
        budget = use_timeline().budget
        read.append(budget)
        yield Section(f"{budget.evicted_count} left out" if budget else "?", id="gauge", position="end")

    @component
    def Gauged() -> Nodes:
        yield Gauge()
        yield Timeline(max_tokens=100)

    compiled = await compile_agent(Gauged, history=entries(50, 50, 50))
    assert compiled.sections["gauge"] == "2 left out"
    assert compiled.tree.passes < 6
    assert read[0] is None


async def test_a_provider_gives_the_timeline_to_what_is_below_it() -> None:
    @component
    def Head() -> Nodes:
        context = use_timeline_context()
        yield System(f"{len(context.history)} shown, {context.budget and context.budget.evicted_count} not")

    @component
    def Split() -> Nodes:
        yield TimelineProvider(Head(), TimelineMessages(), max_tokens=65)

    compiled = await compile_agent(Split, history=entries(30, 30, 30))
    assert compiled.system == ("1 shown, 2 not",), "what is said in the head takes room too"
    assert [message.text for message in compiled.messages][-1] == "2"

    with pytest.raises(ComponentError, match="outside of a TimelineProvider"):
        await compile_agent(Head)


async def test_what_is_left_out_is_summed_up_once_and_the_summary_is_kept() -> None:
    asked: list[list[str]] = []

    async def sum_up(left_out: Entries, guidance: str | None) -> str:
        asked.append([each.message.text for each in left_out])
        return f"{guidance}: {len(left_out)} entries"

    @component
    def Summed() -> Nodes:
        yield Timeline(max_tokens=400, strategy="summarize", summarize=sum_up, guidance="short")

    model, store = mock(), MemoryStore()
    async with create_app(Summed, model=model, store=store) as app:
        session = await app.session("s")
        for number in range(12):
            await session.send(f"question {number} " + "x" * 80).result
        assert 1 <= len(asked) <= 3
        first = model.requests[-1].messages[0]
        assert (first.role, first.text.splitlines()[0]) == ("event", "[Summary]")
        assert all(request.estimated_tokens <= 400 for request in model.requests)
        assert len(session.timeline) == 24
        count = len(asked)
        await session.close()
        restored = await app.session("s")
        await restored.send("and now").result
        assert len(asked) == count
        assert model.requests[-1].messages[0].text == first.text


async def test_a_later_summary_takes_in_the_one_before() -> None:
    asked: list[list[str]] = []

    def sum_up(left_out: Entries, guidance: str | None) -> str:
        asked.append([each.message.text for each in left_out])
        return f"summary {len(asked)}"

    timeline = Timeline(max_tokens=100, strategy="summarize", summarize=sum_up)
    async with render_agent(Root(timeline), history=entries(30, 30, 30, 30)) as rendered:
        first = await rendered.tick("now")
        assert first.messages[0].text == "[Summary]\nsummary 1"
        await rendered.answer("answer " * 20)
        second = await rendered.tick("now " * 10)
        assert second.messages[0].text == "[Summary]\nsummary 2"
        assert asked[1][0] == "[Summary]\nsummary 1"
        assert set(asked[0]).isdisjoint(asked[1])


async def test_a_model_may_write_the_summary() -> None:
    writer = ScriptedModel("They spoke of bees.")
    timeline = Timeline(max_tokens=120, strategy="summarize", summarize=writer, guidance="Mind the bees.")
    shown_texts = await kept(timeline, [UserMessage("bees " * 120), UserMessage("go on")])
    assert shown_texts == ["[Summary]\nThey spoke of bees.", "go on"]
    assert writer.requests[0].system[-1] == "Mind the bees."
    assert "user: bees" in texts(writer.requests[0])[0]


async def test_a_summary_that_fails_is_told_and_the_turn_goes_on() -> None:
    def fail(left_out: Entries, guidance: str | None) -> str:
        raise RuntimeError("no ink")

    timeline = Timeline(max_tokens=65, strategy="summarize", summarize=fail)
    compiled = await compile_agent(Root(timeline), history=entries(30, 30, 30))
    assert [str(error) for error in compiled.errors] == ["no ink"]
    assert compiled.messages[-1].text == "2"


async def test_a_timeline_that_is_to_be_summed_up_needs_a_writer() -> None:
    with pytest.raises(ComponentError, match="somebody who writes the summary"):
        await compile_agent(Root(Timeline(max_tokens=10, strategy="summarize")), history=entries(30))


@pytest.mark.parametrize(
    "wrong", [{"strategy": "shrink"}, {"max_tokens": "lots"}, {"strategy": "summarize"}], ids=str
)
async def test_what_a_timeline_cannot_do_is_refused_before_there_is_too_much_and_says_what_it_can(
    wrong: dict[str, Any],
) -> None:
    with pytest.raises(ComponentError, match=str(next(iter(wrong.values())))) as refused:
        await compile_agent(Root(Timeline(**wrong)))
    assert refused.value.hint
