"""Every message of the conversation is told to `use_on_message` once, and at its time."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    AssistantMessage,
    Nodes,
    StreamEvent,
    System,
    TickResult,
    Timeline,
    component,
    create_app,
    use_on_execution_end,
    use_on_message,
    use_on_mount,
    use_on_tick_end,
    use_session_state,
)
from agentick_core.hooks import use_on_entry
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, call, render_agent, reply
from agentick_core.tree.hook_events import EntryAppended, MessageReceived
from tests.core.session.heard import Heard, failures, ids, listening
from tests.core.session.talk import SOON, add, roles, talking, texts


async def test_every_message_of_an_exchange_is_told_once_in_the_order_of_the_timeline() -> None:
    heard = Heard()
    model = ScriptedModel(reply("adding", calls=[call("add", a=1, b=2)]), "three")
    async with talking(model, listening(heard, tools=(add,))) as session:
        await session.mount()
        await session.send("one and two?").result
        assert roles(session.timeline) == ["user", "assistant", "tool", "assistant"]
        assert [event.content for event in heard.events] == [entry.message for entry in session.timeline]
        assert heard.ids == ids(session)
        assert all(event.type == "message" and event.timestamp > 0 for event in heard.events)
        assert {event.ctx.session_id for event in heard.events} == {"s"}


async def test_what_was_queued_is_not_told_again_when_a_tick_commits_it() -> None:
    heard = Heard()
    async with talking(agent=listening(heard)) as session:
        await session.mount()
        await session.queue("queued")
        assert heard.said == [("user", "queued")]
        await session.send("sent").result
        assert heard.said == [("user", "queued"), ("user", "sent"), ("assistant", "Mock response")]


async def test_a_message_that_was_sent_in_another_role_is_told_once_too() -> None:
    heard = Heard()
    async with talking(agent=listening(heard)) as session:
        await session.mount()
        await session.send({"role": "event", "content": "the door opened"}).result
        assert heard.said == [("event", "the door opened"), ("assistant", "Mock response")]


async def test_a_message_is_told_behind_the_event_of_its_entry_and_before_the_callbacks_of_the_tick_end() -> (
    None
):
    order: list[str] = []

    @component
    def Ordered() -> Nodes:
        use_on_message(lambda event: order.append(event.content.text))
        use_on_tick_end(lambda: order.append("tick-end callback"))
        use_on_execution_end(lambda: order.append("execution-end callback"))
        yield Timeline()

    async with talking(agent=Ordered) as session:
        await session.mount()

        def follow(event: StreamEvent) -> None:
            order.append(event.type)

        session.on("event", follow)
        await session.send("hi").result
        at = order.index("Mock response")
        assert order[at - 1] == "entry_committed"
        assert order[at + 1 : at + 3] == ["tick-end callback", "tick_end"]
        assert order[-2:] == ["execution-end callback", "execution_end"]
        assert order.index("hi") < order.index("model_request")


@pytest.mark.parametrize("how", ["append", "observe"])
async def test_what_is_appended_is_told_before_the_call_ends_and_before_the_hooks_of_entries(
    how: str,
) -> None:
    order: list[str] = []

    @component
    def Ordered() -> Nodes:
        @use_on_message
        async def hear(event: MessageReceived) -> None:
            await asyncio.sleep(0)
            order.append(f"message {event.content.role}")

        @use_on_entry
        def entry(event: EntryAppended) -> None:
            order.append(f"entry {event.entry.message.role}")

        yield Timeline()

    async with talking(agent=Ordered) as session:
        await session.mount()
        await getattr(session, how)("door", *(() if how == "append" else ("It opened.",)))
        role = "user" if how == "append" else "event"
        assert order == [f"message {role}", f"entry {role}"]


async def test_entries_that_a_timeline_is_set_to_are_told_where_they_are_new() -> None:
    heard = Heard()

    @component
    def Rewriting() -> Nodes:
        use_on_message(heard)

        @use_on_tick_end
        def end(result: TickResult) -> None:
            new = TimelineEntry(id="", message=AssistantMessage("in short"))
            result.ctx.timeline.set([result.ctx.timeline.entries[0], new])

        yield Timeline()

    async with talking(agent=Rewriting) as session:
        await session.mount()
        await session.send("hi").result
        assert texts(session.timeline) == ["hi", "in short"]
        assert [text for _, text in heard.said] == ["hi", "Mock response", "in short"]


async def test_the_correction_of_an_empty_answer_is_told() -> None:
    heard = Heard()
    async with talking(ScriptedModel("", "words"), listening(heard)) as session:
        await session.mount()
        await session.send("hi").result
        assert [role for role, _ in heard.said] == ["user", "event", "assistant"]


async def test_the_first_answer_is_told_to_a_component_that_came_with_its_tick() -> None:
    heard = Heard()
    async with talking(agent=listening(heard)) as session:
        await session.send("hi").result
        assert heard.said == [("assistant", "Mock response")]


async def test_a_component_that_comes_later_hears_nothing_of_what_was_there_before() -> None:
    early, late = Heard(), Heard()

    @component
    def Late() -> Nodes:
        use_on_message(late)
        yield System("late")

    @component
    def Growing() -> Nodes:
        use_on_message(early)
        grown, grow = use_session_state("grown", False)
        use_on_tick_end(lambda: grow(True))
        if grown:
            yield Late()
        yield Timeline()

    async with talking(ScriptedModel("one", "two"), Growing) as session:
        await session.mount()
        await session.send("a").result
        await session.send("b").result
        assert [text for _, text in early.said] == ["a", "one", "b", "two"]
        assert [text for _, text in late.said] == ["b", "two"]


async def test_a_component_that_comes_while_messages_are_on_their_way_is_not_told_them() -> None:
    early, late, there, contexts = Heard(), Heard(), asyncio.Event(), list[Any]()

    @component
    def Late() -> Nodes:
        use_on_message(late)
        use_on_mount(there.set)
        yield System("late")

    @component
    def Growing() -> Nodes:
        grown, grow = use_session_state("grown", False)
        use_on_mount(lambda event: contexts.append(event.ctx))

        @use_on_message
        async def hear(event: MessageReceived) -> None:
            early(event)
            grow(True)
            await there.wait()

        if grown:
            yield Late()
        yield Timeline()

    async with talking(agent=Growing) as session:
        await session.mount()
        said = ("one", "two")
        contexts[0].timeline.set([TimelineEntry(id="", message=AssistantMessage(text)) for text in said])
        async with asyncio.timeout(SOON):
            await there.wait()
            await session.append("three")
        assert [text for _, text in early.said] == ["one", "two", "three"]
        assert [text for _, text in late.said] == ["three"]


async def test_what_a_component_appends_when_it_is_mounted_is_told_to_those_that_are_there() -> None:
    heard = Heard()
    holder: list[Any] = []

    @component
    def Starting() -> Nodes:
        use_on_message(heard)
        use_on_mount(lambda: holder[0].append("noted at the start"))
        yield Timeline()

    async with talking(agent=Starting) as session:
        holder.append(session)
        async with asyncio.timeout(SOON):
            await session.send("hi").result
        assert [text for _, text in heard.said] == ["noted at the start", "Mock response"]


async def test_nothing_is_told_of_what_was_stored_or_forked(store: SessionStore) -> None:
    heard = Heard()
    agent = listening(heard)
    async with talking(agent=agent, store=store) as session:
        await session.send("before").result
        await session.queue("waits")
    heard.events.clear()
    async with create_app(agent, model=ScriptedModel.repeat("again"), store=store) as app:
        session = await app.session("s")
        fork = await session.fork()
        await fork.mount()
        await session.mount()
        assert heard.said == []
        await session.render({}).result
        assert heard.said == [("assistant", "again")]
        assert "waits" in texts(session.timeline)


async def test_what_children_say_is_told_to_the_hooks_of_the_child_only() -> None:
    parent, child = Heard(), Heard()
    Child = listening(child)
    async with talking(agent=listening(parent)) as session:
        await session.mount()
        assert (await session.spawn(Child, "dig").result).response == "Mock response"
        assert parent.said == []
        assert child.said == [("assistant", "Mock response")]


async def test_the_test_kit_tells_the_answers_that_it_is_given() -> None:
    heard = Heard()
    async with render_agent(listening(heard)) as agent:
        await agent.mount()
        await agent.tick("hi")
        await agent.answer("hello")
        assert heard.said == [("user", "hi"), ("assistant", "hello")]


@pytest.mark.parametrize("where", ["queue", "append"])
async def test_who_gives_up_waiting_takes_no_message_from_the_hooks(where: str) -> None:
    heard, go, here = Heard(), asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        here.set()
        await go.wait()

    async with talking(agent=listening(slow, heard)) as session:
        await session.mount()
        waiting = asyncio.ensure_future(getattr(session, where)("x"))
        await here.wait()
        waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled()
        go.set()
        await session.send("y").result
        assert [text for _, text in heard.said] == ["x", "y", "Mock response"]


async def test_a_callback_that_raises_is_shown_and_the_others_and_the_run_go_on() -> None:
    heard = Heard()

    async def fail() -> None:
        raise RuntimeError("no")

    async with talking(agent=listening(fail, heard)) as session:
        await session.mount()
        errors = failures(session)
        assert (await session.send("hi").result).response == "Mock response"
        assert [text for _, text in heard.said] == ["hi", "Mock response"]
        assert [(error.message, "use_on_message" in error.source) for error in errors] == [("no", True)] * 2
