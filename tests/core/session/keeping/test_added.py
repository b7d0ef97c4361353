"""A timeline that is set to entries which the session does not have: they join it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    StreamEvent,
    TickResult,
    Timeline,
    UserMessage,
    component,
    create_app,
    use_on_tick_end,
    use_timeline,
)
from agentick_core.errors import NotFoundError, ValidationError
from agentick_core.events.orchestration import EntryCommitted
from agentick_core.hooks import use_on_execution_end
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel
from tests.core.session.stores import SlowStore, turns
from tests.core.session.talk import SOON, mock, seen, talking, texts

SUMMARY = TimelineEntry("summary", UserMessage("They said hello."))


@component
def Summing() -> Nodes:
    timeline = use_timeline()

    @use_on_tick_end
    def sum_up(result: TickResult) -> None:
        if SUMMARY not in timeline.entries:
            timeline.set([SUMMARY, *result.timeline[1:]])

    yield Timeline()


async def test_j13_a_timeline_may_be_set_to_a_new_entry_which_is_committed_in_its_tick_and_comes_back(
    store: SessionStore,
) -> None:
    model = ScriptedModel("hello", "bye")
    async with create_app(Summing, model=model, store=store) as app:
        session = await app.session("s")
        handle = await session.send("hi")
        await handle.result
        assert (session.timeline[0], texts(session.timeline)) == (SUMMARY, ["They said hello.", "hello"])
        events: list[Any] = handle.events.to_list()
        told = [each for each in events if each.type in ("entry_committed", "tick_end")]
        assert [getattr(each, "timeline_index", None) for each in told] == [0, 1, 2, None]
        assert [each.entry for each in told[2:3]] == [SUMMARY]
        assert events[-1].new_timeline_entries[-1] == SUMMARY
        await session.close()
        session = await app.session("s")
        await session.send("go on").result
        assert texts(model.requests[1]) == ["They said hello.", "hello", "go on"]
        snapshot = session.snapshot()
        assert snapshot.timeline == session.timeline
        assert texts(snapshot.whole_log) == ["hi", "hello", "They said hello.", "go on", "bye"]


WRONG: list[tuple[Callable[[TimelineEntry], Any], type[Exception]]] = [
    (lambda _: UserMessage("no entry"), ValidationError),
    (lambda _: None, ValidationError),
    (lambda _: TimelineEntry("new", UserMessage("x"), metadata={"a": object()}), ValidationError),
    (lambda entry: TimelineEntry(entry.id, UserMessage("something else")), NotFoundError),
]


@pytest.mark.parametrize(("wrong", "error"), WRONG)
async def test_what_is_no_new_entry_changes_nothing(
    wrong: Callable[[TimelineEntry], Any], error: type[Exception]
) -> None:
    refused: list[Exception] = []

    @component
    def Forging() -> Nodes:
        @use_on_tick_end
        def forge(result: TickResult) -> None:
            with pytest.raises(error) as caught:
                result.ctx.timeline.set([SUMMARY, wrong(result.timeline[0])])
            refused.append(caught.value)

        yield Timeline()

    async with talking(mock(), Forging) as session:
        await session.send("hi").result
        assert (len(refused), texts(session.timeline)) == (1, ["hi", "Mock response"])
        assert len(session.snapshot().timeline) == 2


class Setting:
    """An agent, the way to the timeline of its session, and what is told of the entries there: the place of each, and
    whether it was stored by then."""

    def __init__(self) -> None:
        self.store = SlowStore()
        self.timeline: Any = None
        self.told: list[tuple[int, bool]] = []

        @component
        def Agent() -> Nodes:
            self.timeline = use_timeline()
            yield Timeline()

        self.agent = Agent

    def add(self, id: str) -> None:
        self.timeline.set([*self.timeline.entries, TimelineEntry(id, UserMessage(id))])

    def hear(self, event: StreamEvent) -> None:
        if isinstance(event, EntryCommitted):
            self.told.append((event.timeline_index, event.entry.id in self.store.entries))

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Any]:
        """Open a session whose entries are set, and heard of."""
        async with talking(mock(), self.agent, store=self.store, on_event=self.hear) as session:
            async with asyncio.timeout(SOON):
                await session.mount()
                yield session

    async def all_told(self, count: int) -> None:
        """Wait until so many were told; make sure that it was in order, and that all were stored."""
        async with asyncio.timeout(SOON):
            while len(self.told) < count:
                await asyncio.sleep(0)
        assert self.told == [(index, True) for index in range(count)]


@pytest.mark.parametrize("pause", range(8))
async def test_each_entry_is_told_in_its_place_when_it_is_stored_however_slow_the_store_is(
    pause: int,
) -> None:
    setting = Setting()
    async with setting.session() as session:

        async def append() -> None:
            for number in range(4):
                await turns(pause)
                await session.append(f"note {number}")

        await asyncio.gather(append(), session.send("hi").result, append())
        await setting.all_told(10)


@pytest.mark.parametrize("pause", range(8))
async def test_an_entry_that_is_set_while_another_waits_for_the_store_is_told_when_it_is_stored(
    pause: int,
) -> None:
    setting = Setting()
    async with setting.session() as session:
        for number in range(4):
            setting.add(f"set {number}")
            await turns(pause)
        entry = await session.append("note")
        assert setting.told[-1] == (4, True)
        assert session.timeline[-1] == entry
        await setting.all_told(5)


async def test_what_is_set_before_the_session_closes_is_told() -> None:
    setting = Setting()
    async with setting.session() as session:
        setting.add("last")
        await session.close()
        assert setting.told == [(0, True)]


async def test_what_a_callback_at_the_end_of_the_execution_sets_is_told_before_that_end() -> None:
    @component
    def Closing() -> Nodes:
        timeline = use_timeline()
        use_on_execution_end(lambda: timeline.set([*timeline.entries, SUMMARY]))
        yield Timeline()

    async with talking(mock(), Closing, store=SlowStore()) as session:
        handle = await session.send("hi")
        ended = await seen(handle, "execution_end")
        told = [event.entry for event in handle.events.to_list() if event.type == "entry_committed"]
        assert told == list(session.timeline) == list(ended.new_timeline_entries)
        assert told[-1] == SUMMARY


async def test_the_same_entry_may_be_set_again_also_when_it_came_back_from_the_store(
    store: SessionStore,
) -> None:
    entry = TimelineEntry("a", UserMessage("a", metadata={"on": (1, 2)}), metadata={"by": (3, 4)})
    setting = Setting()
    async with create_app(setting.agent, model=mock(), store=store) as app:
        for _ in range(2):
            session = await app.session("s")
            await session.mount()
            setting.timeline.set([entry])
            setting.timeline.set([entry])
            assert texts(session.snapshot().timeline) == ["a"]
            with pytest.raises(NotFoundError):
                setting.timeline.set([replace(entry, metadata={"by": (3, 5)})])
            await session.close()


async def test_what_is_set_while_nothing_runs_is_told_though_nobody_waits_for_it() -> None:
    setting = Setting()
    async with setting.session():
        setting.add("first")
        await setting.all_told(1)


async def test_an_answer_without_words_is_like_any_other_entry_when_the_timeline_is_set() -> None:
    setting = Setting()
    async with talking(ScriptedModel(" "), setting.agent) as session:
        await session.send("hi").result
        setting.timeline.set(session.timeline[1:])
        assert texts(session.timeline) == [" "]
