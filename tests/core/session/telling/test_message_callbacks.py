"""What a callback of `use_on_message` does itself: it counts for the tick, and whatever it is, nothing hangs."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    AssistantMessage,
    Limits,
    Nodes,
    System,
    TickResult,
    Timeline,
    component,
    tool,
    use_on_execution_end,
    use_on_message,
    use_on_mount,
    use_on_tick_end,
    use_session_state,
)
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.session import patience
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, call, reply
from agentick_core.tree.hook_events import MessageReceived
from tests.core.session.heard import Heard, failures, ids, listening
from tests.core.session.talk import SOON, add, held, idle, roles, seen, stopped, talking, texts


async def test_what_an_async_callback_sets_is_seen_by_the_end_of_the_tick_and_by_the_next() -> None:
    ends: list[int] = []
    shown: list[int] = []

    @component
    def Counting() -> Nodes:
        count, _ = use_session_state("count", 0)
        shown.append(count)

        @use_on_message
        async def hear(event: MessageReceived) -> None:
            await asyncio.sleep(0)
            if event.content.role != "user":
                event.ctx.state.set("count", event.ctx.state.get("count", 0) + 1)

        use_on_tick_end(lambda result: ends.append(result.ctx.state.get("count", 0)))
        yield add
        yield Timeline()

    model = ScriptedModel(reply("adding", calls=[call("add", a=1, b=2)]), "three")
    async with talking(model, Counting, store=MemoryStore()) as session:
        await session.mount()
        await session.send("hi").result
        assert ends == [2, 3]
        assert shown[0] == 0
        assert 2 in shown
        assert session.snapshot().com_state["count"] == 3


async def test_what_is_told_of_an_entry_that_the_end_of_a_tick_sets_is_seen_by_the_next_tick() -> None:
    shown: list[bool] = []

    @component
    def Noting() -> Nodes:
        noted, note = use_session_state("noted", False)
        shown.append(noted)

        @use_on_message
        async def hear(event: MessageReceived) -> None:
            for _ in range(5):
                await asyncio.sleep(0)
            if event.content.text == "note":
                note(True)

        @use_on_tick_end
        def end(result: TickResult) -> None:
            if result.tool_calls:
                new = TimelineEntry(id="", message=AssistantMessage("note"))
                result.ctx.timeline.set((*result.ctx.timeline.entries, new))

        yield add
        yield Timeline()

    async with talking(ScriptedModel(call("add", a=1, b=2), "three"), Noting) as session:
        await session.send("hi").result
        assert shown == [False, True]


@pytest.mark.parametrize("how", ["queue", "send", "handle"])
async def test_a_message_that_a_callback_adds_is_shown_by_the_next_tick_and_not_told(how: str) -> None:
    heard = Heard()
    holder: list[Any] = []

    async def steer(event: MessageReceived) -> None:
        if event.content.text != "one":
            return
        session = holder[0]
        if how == "handle":
            session.execution.queue_message("and now?")
        else:
            await getattr(session, how)("and now?")

    model = ScriptedModel("one", "two")
    async with talking(model, listening(steer, heard)) as session:
        holder.append(session)
        await session.mount()
        assert (await session.send("hi").result).response == "two"
        assert texts(session.timeline) == ["hi", "one", "and now?", "two"]
        assert [text for _, text in heard.said] == ["hi", "one", "two"]


@pytest.mark.parametrize("how", ["queue", "append", "observe", "set"])
async def test_a_callback_that_adds_something_for_each_message_comes_to_an_end(how: str) -> None:
    holder: list[Any] = []

    async def echo(event: MessageReceived) -> None:
        session = holder[0]
        if how == "set":
            new = TimelineEntry(id="", message=AssistantMessage("echo"))
            event.ctx.timeline.set([*event.ctx.timeline.entries, new])
            return
        arguments = {"when": "next_execution"} if how == "queue" else {}
        await getattr(session, how)("echo", **arguments)

    async with talking(agent=listening(echo, echo)) as session:
        holder.append(session)
        await session.mount()
        async with asyncio.timeout(SOON):
            await session.append("hi")
        said = [*texts(session.timeline), *(message.text for message in session.queued_messages)]
        assert said == ["hi", "echo", "echo"]


async def test_the_answer_to_what_a_callback_sends_is_told() -> None:
    heard = Heard()
    holder: list[Any] = []

    async def ask(event: MessageReceived) -> None:
        if event.content.text == "note":
            await holder[0].send("what does it mean?").result

    async with talking(ScriptedModel("much"), listening(ask, heard)) as session:
        holder.append(session)
        await session.mount()
        async with asyncio.timeout(SOON):
            await session.append("note")
        assert texts(session.timeline) == ["note", "what does it mean?", "much"]
        assert sorted(text for _, text in heard.said) == ["much", "note"]


async def test_what_an_effect_adds_is_told_also_when_a_callback_has_brought_it_about() -> None:
    heard = Heard()
    holder: list[Any] = []
    done = asyncio.Event()

    @component
    def Child() -> Nodes:
        @use_on_mount
        async def mounted() -> None:
            await holder[0].append("I am here")
            done.set()

        yield System("child")

    @component
    def Growing() -> Nodes:
        grown, grow = use_session_state("grown", False)

        @use_on_message
        def hear(event: MessageReceived) -> None:
            heard(event)
            grow(True)

        if grown:
            yield Child()
        yield Timeline()

    async with talking(agent=Growing) as session:
        holder.append(session)
        await session.mount()
        await session.append("hi")
        async with asyncio.timeout(SOON):
            await done.wait()
        assert [text for _, text in heard.said] == ["hi", "I am here"]


async def test_a_callback_that_waits_for_the_execution_that_waits_for_it_is_told_so() -> None:
    holder: list[Any] = []

    async def wait(event: MessageReceived) -> None:
        if event.content.role == "assistant":
            await holder[0].execution.result

    async with talking(agent=listening(wait)) as session:
        holder.append(session)
        await session.mount()
        errors = failures(session)
        async with asyncio.timeout(SOON):
            await session.send("hi").result
        assert len(errors) == 1
        assert "its own" in errors[0].message


class Gate:
    """A callback that waits at answers until it is let on."""

    def __init__(self) -> None:
        self.here = asyncio.Event()
        self.go = asyncio.Event()
        self.heard = Heard()

    async def __call__(self, event: MessageReceived) -> None:
        self.heard(event)
        if event.content.role == "assistant":
            self.here.set()
            await self.go.wait()


async def test_an_abort_ends_the_wait_and_nothing_is_told_twice_or_left_out() -> None:
    gate, after = Gate(), Heard()
    model = ScriptedModel(reply("adding", calls=[call("add", a=1, b=2)]), "next")
    async with talking(model, listening(gate, after, tools=(add,))) as session:
        await session.mount()
        handle = await session.send("hi")
        await gate.here.wait()
        assert session.status == "running"
        handle.abort()
        await stopped(handle)
        await idle(session)
        assert roles(session.timeline) == ["user", "assistant", "tool"]
        assert [role for role, _ in after.said] == ["user"]
        gate.go.set()
        await session.send("go on").result
        assert gate.heard.ids == after.ids == ids(session)


async def test_an_answer_that_was_cut_off_is_told_once_before_the_callbacks_of_the_end() -> None:
    order: list[str] = []

    @component
    def Ordered() -> Nodes:
        use_on_message(lambda event: order.append(event.content.text))
        use_on_execution_end(lambda: order.append("end"))
        yield Timeline()

    async with talking(ScriptedModel(held("half")), Ordered) as session:
        await session.mount()
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        await stopped(handle)
        await idle(session)
        assert texts(session.timeline) == ["hi", "half"]
        assert order == ["hi", "half", "end"]


async def test_the_results_of_tools_that_were_aborted_are_told_once() -> None:
    heard = Heard()

    @tool
    async def endless() -> str:
        """Never end."""
        await asyncio.Event().wait()
        return "never"

    async with talking(ScriptedModel(call("endless")), listening(heard, tools=(endless,))) as session:
        await session.mount()
        handle = await session.send("hi")
        await seen(handle, "tool_result_start")
        session.interrupt()
        await stopped(handle)
        await idle(session)
        assert [role for role, _ in heard.said] == ["user", "assistant", "tool"]
        assert heard.ids == ids(session)


async def test_a_callback_that_never_ends_is_bounded_by_the_time_limit() -> None:
    gate = Gate()
    async with talking(agent=listening(gate)) as session:
        await session.mount()
        async with asyncio.timeout(SOON):
            result = await session.send("hi", limits=Limits(seconds=0.02)).result
        assert result.stop_reason == "time_limit"
        assert texts(session.timeline) == ["hi", "Mock response"]


@pytest.mark.parametrize("where", ["a tick", "an append"])
async def test_closing_cuts_a_callback_short_that_never_ends(where: str) -> None:
    here = asyncio.Event()

    async def hang(event: MessageReceived) -> None:
        if event.content.text != "hi":
            here.set()
            await asyncio.Event().wait()

    async with talking(agent=listening(hang)) as session:
        await session.mount()
        running = session.send("hi").result if where == "a tick" else session.append("x")
        waiting = asyncio.ensure_future(running)
        async with asyncio.timeout(SOON):
            await here.wait()
            await session.close()
            with suppress(AbortError):
                await waiting
        assert session.status == "closed"


async def test_closing_waits_no_longer_than_the_patience_lasts_for_a_callback_that_will_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.02)
    here, free = asyncio.Event(), asyncio.Event()

    async def deaf() -> None:
        here.set()
        while not free.is_set():
            with suppress(asyncio.CancelledError):
                await free.wait()

    async with talking(agent=listening(deaf)) as session:
        await session.mount()
        appending = session.append("x")
        async with asyncio.timeout(SOON):
            await here.wait()
            await session.close()
        assert session.status == "closed"
        free.set()
        await appending


@pytest.mark.parametrize("where", ["a tick", "an append", "a queue"])
async def test_a_callback_may_close_the_session(where: str) -> None:
    holder: list[Any] = []

    async def close(event: MessageReceived) -> None:
        if event.content.text != "hi":
            await holder[0].close()

    async with talking(agent=listening(close)) as session:
        holder.append(session)
        await session.mount()
        begun = {
            "a tick": lambda: session.send("hi").result,
            "an append": lambda: session.append("x"),
            "a queue": lambda: session.queue("x"),
        }[where]()
        async with asyncio.timeout(SOON):
            with suppress(AbortError):
                await begun
            await session.close()
        assert session.status == "closed"
        assert "x" in [*texts(session.timeline), *texts(session.queued_messages)] or where == "a tick"


async def test_a_callback_that_interrupts_stops_the_execution_that_waits_for_it() -> None:
    holder: list[Any] = []
    heard = Heard()

    async def stop(event: MessageReceived) -> None:
        if event.content.role == "assistant":
            holder[0].interrupt()
            await asyncio.sleep(0)

    model = ScriptedModel(reply("adding", calls=[call("add", a=1, b=2)]))
    async with talking(model, listening(stop, heard, tools=(add,))) as session:
        holder.append(session)
        await session.mount()
        handle = await session.send("hi")
        await stopped(handle)
        await idle(session)
        async with asyncio.timeout(SOON):
            while len(heard.events) < 3:
                await asyncio.sleep(0)
        assert heard.ids == ids(session)
