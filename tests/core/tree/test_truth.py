"""The tree in a session: what reaches the model, what fails a send, and what happens in every tick."""

import asyncio
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from agentick_core import (
    ErrorBoundary,
    Nodes,
    Section,
    System,
    Timeline,
    User,
    component,
    use_queued_messages,
    use_session_state,
    use_state,
)
from agentick_core.components import Ephemeral, Event, Grounding, List, ListItem
from agentick_core.errors import ComponentError
from agentick_core.hooks import use_channel, use_conversation_history, use_effect, use_last_message
from agentick_core.testing import ScriptedModel, call
from tests.core.session.talk import add, mock, talking, texts

if TYPE_CHECKING:
    from agentick_core.hooks import SetSessionState
    from agentick_core.messages.timeline import TimelineEntry


async def test_beat_33_text_given_as_a_string_reaches_the_model_from_everywhere() -> None:
    @component
    def Root() -> Nodes:
        yield System(content="system text")
        yield User(content="user text")
        yield Event(content="event text")
        yield Section(id="s", content="section text")
        yield Ephemeral(content="ephemeral text")
        yield Grounding(content="grounding text")
        yield Timeline()

    model = mock()
    async with talking(model, Root) as session:
        await session.send({"messages": [{"role": "user", "content": "sent text"}]}).result
        assert texts(session.timeline) == ["sent text", "Mock response"]
    everything = "\n".join((*model.requests[0].system, *texts(model.requests[0])))
    for kind in ("system", "user", "event", "section", "ephemeral", "grounding", "sent"):
        assert everything.count(f"{kind} text") == 1


async def test_beat_34_a_component_that_raises_fails_the_send_before_the_model_is_asked() -> None:
    broken = True

    @component
    def Fragile() -> Nodes:
        if broken:
            raise ValueError("no such file")
        yield System("fine")

    @component
    def Root() -> Nodes:
        yield Fragile()
        yield Timeline()

    model = mock()
    async with talking(model, Root) as session:
        with pytest.raises(ComponentError, match="Fragile failed: ValueError: no such file") as failed:
            await session.send("one").result
        assert isinstance(failed.value.__cause__, ValueError)
        assert (failed.value.stack, model.requests) == (("Root", "Fragile"), [])
        broken = False
        await session.send("two").result
    assert texts(model.requests[0]) == ["one", "two"]


async def test_beat_34_a_boundary_shows_its_fallback_and_the_send_goes_on() -> None:
    @component
    def Fragile() -> Nodes:
        raise ValueError("broken")

    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Fragile(), fallback=System("instead"))
        yield Timeline()

    model = mock()
    async with talking(model, Root) as session:
        assert (await session.send("hi").result).response == "Mock response"
    assert model.requests[0].system == ("instead",)


async def test_beat_56_a_change_of_state_while_idle_is_told_and_asks_no_model() -> None:
    setters: list[SetSessionState[str]] = []

    @component
    def Root() -> Nodes:
        mood, set_mood = use_session_state("mood", "calm")
        setters.append(set_mood)
        yield System(mood)
        yield Timeline()

    model = mock()
    async with talking(model, Root) as session:
        await session.send("hi").result
        told: list[object] = []
        session.on("reconcile", told.append)

        setters[-1]("cheerful")
        await asyncio.sleep(0)
        assert len(told) == 1
        await session.mount()
        assert len(model.requests) == 1
        await session.send("again").result
    assert [request.system for request in model.requests] == [("calm",), ("cheerful",)]


async def test_beat_59_a_normal_tree_gives_no_warning() -> None:
    @component
    def Item(text: str) -> Nodes:
        yield ListItem(text)

    @component
    def Root() -> Nodes:
        use_state(0)
        yield System("a")
        yield System("b")
        yield Section(List([Item(text) for text in "abc"], Item("d"), "e"), id="list")
        yield [Section(text, id=text) for text in "xy"]
        yield None
        yield add
        yield Timeline()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with talking(mock(), Root) as session:
            await session.send("hi").result
    assert [str(each.message) for each in caught] == []


async def test_beat_60_every_component_sees_the_outside_world_anew_in_every_tick() -> None:
    clock = iter(range(10))

    @component
    def Inner() -> Nodes:
        yield System(f"inner {next(clock)}")

    @component
    def Root() -> Nodes:
        yield System(f"root {next(clock)}")
        yield Inner()
        yield add
        yield Timeline()

    with ScriptedModel(call("add", a=1, b=2), "3") as model:
        async with talking(model, Root) as session:
            await session.send("add").result
    assert [request.system for request in model.requests] == [("root 0", "inner 1"), ("root 2", "inner 3")]


async def test_a_component_sees_new_messages_in_the_tick_that_shows_them_and_later_as_history() -> None:
    seen: list[tuple[str | None, int, int]] = []

    @component
    def Root() -> Nodes:
        last = use_last_message()
        history: tuple[TimelineEntry, ...] = use_conversation_history()
        seen.append((last.text if last else None, len(use_queued_messages()), len(history)))
        yield add
        yield Timeline()

    with ScriptedModel(call("add", a=1, b=2), "3") as model:
        async with talking(model, Root) as session:
            await session.send(["one", "two"]).result
    assert seen == [("two", 2, 0), (None, 0, 4)]


async def test_a_component_talks_on_a_channel_as_long_as_it_is_in_the_tree() -> None:
    heard: list[object] = []

    @component
    def Root() -> Nodes:
        news = use_channel("news")

        @use_effect(deps=())
        def listen() -> Callable[[], None]:
            return news.subscribe(lambda event: heard.append(event.payload))

        yield Timeline()

    async with talking(mock(), Root) as session:
        channel = session.channel("news")
        await session.mount()
        channel.publish({"type": "told", "payload": 1})
    channel.publish({"type": "told", "payload": 2})
    assert heard == [1]
