"""A timeline that is set to entries which the session does not have: they join it."""

from collections.abc import Callable
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    TickResult,
    Timeline,
    UserMessage,
    component,
    create_app,
    use_on_tick_end,
    use_timeline,
)
from agentick_core.errors import NotFoundError, ValidationError
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel
from tests.core.session.talk import mock, talking, texts

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
        assert texts(session.snapshot().timeline) == ["hi", "hello", "They said hello.", "go on", "bye"]


WRONG: list[tuple[Callable[[TimelineEntry], Any], type[Exception]]] = [
    (lambda _: UserMessage("no entry"), ValidationError),
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
