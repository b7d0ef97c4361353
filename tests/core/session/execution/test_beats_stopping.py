"""How far a stop reaches, and what is told of it."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    CancelToken,
    Nodes,
    Timeline,
    ToolContext,
    component,
    use_on_mount,
)
from agentick_core.hooks import use_data
from agentick_core.procedures.ambient import current
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import (
    SOON,
    Plain,
    add,
    held,
    idle,
    seen,
    stopped,
    talking,
    tool,
    uses_and_results,
)

WAYS = ["abort", "interrupt", "signal", "app signal", "close"]


async def stop(way: str, session: Any, handle: Any, signal: CancelToken, app_signal: CancelToken) -> None:
    match way:
        case "abort":
            handle.abort("enough")
        case "interrupt":
            session.interrupt(reason="enough")
        case "signal":
            signal.cancel("enough")
        case "app signal":
            app_signal.cancel("enough")
        case "close":
            await session.close()
        case _:
            raise AssertionError(way)


class Stuck:
    """A model call that tells how it ended."""

    def __init__(self) -> None:
        self.asked, self.cancelled = asyncio.Event(), asyncio.Event()
        self.token: CancelToken | None = None

    async def __call__(self, _: Any) -> AsyncIterator[str]:
        self.token = current().token
        self.asked.set()
        try:
            await asyncio.Event().wait()
            yield "never"
        finally:
            self.cancelled.set()


@pytest.mark.parametrize("way", WAYS)
async def test_beat_13_however_it_is_stopped_the_call_of_the_model_is_cancelled(way: str) -> None:
    stuck, signal, app_signal = Stuck(), CancelToken(), CancelToken()
    async with talking(FunctionModel(stuck), signal=app_signal) as session:
        handle = await session.send("hi", signal=signal)
        await stuck.asked.wait()
        async with asyncio.timeout(SOON):
            await stop(way, session, handle, signal, app_signal)
            await stuck.cancelled.wait()
        await stopped(handle)
        assert stuck.token is not None
        assert stuck.token.cancelled


@pytest.mark.parametrize("way", WAYS)
async def test_beat_13_however_it_is_stopped_tools_of_any_kind_learn_of_it(way: str) -> None:
    signal, app_signal = CancelToken(), CancelToken()
    told: list[str] = []
    in_thread = threading.Event()
    both = asyncio.Barrier(2)

    @tool
    async def waits(ctx: ToolContext) -> str:
        """Wait."""
        await both.wait()
        try:
            await asyncio.Event().wait()
        finally:
            told.append(f"async {ctx.token.cancelled}")
        return "never"

    @tool
    def polls(ctx: ToolContext) -> str:
        """Poll in a thread."""
        ctx.call_soon(lambda: waiting.append(asyncio.ensure_future(both.wait())))
        for _ in range(500):
            if ctx.token.cancelled:
                told.append("thread True")
                in_thread.set()
                return "stopped"
            in_thread.wait(0.01)
        return "never"

    waiting: list[Any] = []
    model = ScriptedModel(reply(calls=[call("waits"), call("polls")]))
    async with talking(model, tools=[waits, polls], signal=app_signal) as session:
        handle = await session.send("hi", signal=signal)
        async with asyncio.timeout(SOON):
            while not waiting:
                await asyncio.sleep(0.001)
            await waiting[0]
            await stop(way, session, handle, signal, app_signal)
        await stopped(handle)
        await idle(session)
        async with asyncio.timeout(SOON):
            while len(told) < 2:
                await asyncio.sleep(0.001)
        assert sorted(told) == ["async True", "thread True"]
        uses, results = uses_and_results(session)
        assert sorted(uses) == sorted(results)


@pytest.mark.parametrize("way", WAYS)
async def test_beat_13_the_stop_reaches_the_model_of_a_grandchild(way: str) -> None:
    stuck, signal, app_signal = Stuck(), CancelToken(), CancelToken()

    @tool
    async def delegate(ctx: ToolContext) -> str:
        """Let a child do it."""
        own = ScriptedModel(call("delegate2"))

        @tool(name="delegate2")
        async def again(ctx: ToolContext) -> str:
            """Let a grandchild do it."""
            return (await ctx.spawn(Plain, "go", model=FunctionModel(stuck)).result).response

        return (await ctx.spawn(Plain, "go", model=own, tools=[again]).result).response

    async with talking(ScriptedModel(call("delegate")), tools=[delegate], signal=app_signal) as session:
        handle = await session.send("hi", signal=signal)
        async with asyncio.timeout(SOON):
            await stuck.asked.wait()
            await stop(way, session, handle, signal, app_signal)
            await stuck.cancelled.wait()
        await stopped(handle)
        await idle(session)
        assert session.children == ()
        uses, results = uses_and_results(session)
        assert uses == results


async def test_beat_13_a_time_limit_cancels_the_call_of_the_model_too() -> None:
    stuck = Stuck()
    async with talking(FunctionModel(stuck)) as session:
        with pytest.raises(AbortError) as caught:
            await session.send.with_timeout(0.02)("hi").result
        async with asyncio.timeout(SOON):
            await stuck.cancelled.wait()
        assert caught.value.code == "ABORT_TIMEOUT"
        await idle(session)


async def test_beat_13_what_runs_in_components_is_cancelled_as_well() -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def fetch() -> str:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "never"

    @component
    def Fetching() -> Nodes:
        yield use_data("slow", fetch)
        yield Timeline()

    async with talking(agent=Fetching) as session:
        handle = await session.send("hi")
        async with asyncio.timeout(SOON):
            await began.wait()
            handle.abort()
            await cancelled.wait()
        await stopped(handle)


HANGS = ["transform", "runner", "middleware", "predicate", "preview", "host", "data", "mount"]


@pytest.mark.parametrize("what", HANGS)
async def test_beat_13_whatever_hangs_on_the_way_is_cancelled(what: str) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def hang(*_: Any) -> Any:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    class Hanging:
        """A runner that hangs in one hook."""

    hooks = {"transform": "transform_compiled", "runner": "execute_tool_call"}
    if what in hooks:
        setattr(Hanging, hooks[what], staticmethod(hang))
    danger = add.replace(
        name="danger",
        requires_confirmation=hang if what == "predicate" else what in ("preview", "host"),
        confirmation_preview=hang if what == "preview" else None,
        middleware=[hang] if what == "middleware" else [],
    )

    @component
    def Agent() -> Nodes:
        if what == "data":
            yield use_data("slow", hang)
        if what == "mount":
            use_on_mount(hang)
        yield Timeline()

    options: dict[str, Any] = {"runner": Hanging()} if what in hooks else {}
    options |= {"on_tool_confirmation": hang} if what == "host" else {}
    model = ScriptedModel.repeat(call("danger", a=1, b=2))
    async with talking(model, Agent, tools=[danger], **options) as session, asyncio.timeout(SOON):
        handle = await session.send("hi")
        await began.wait()
        handle.abort()
        await ended.wait()
        await stopped(handle)
        await idle(session)
        assert session.timeline[0].message.text == "hi"
        uses, results = uses_and_results(session)
        assert uses == results


CODES = {
    "abort": ("enough", "ABORT_SIGNAL", "enough"),
    "interrupt": ("Execution aborted", "ABORT_CANCELLED", "enough"),
    "signal": ("Execution aborted", "ABORT_SIGNAL", "enough"),
    "app signal": ("Execution aborted", "ABORT_SIGNAL", "enough"),
    "close": ("Execution aborted", "ABORT_CANCELLED", "Session closed"),
}


@pytest.mark.parametrize("way", CODES)
@pytest.mark.parametrize("work", ["model", "tool", "failing model", "failing tool"])
async def test_beat_14_an_aborted_execution_is_aborted_to_the_end_and_no_error(way: str, work: str) -> None:
    errors: list[Any] = []
    aborts: list[Any] = []
    completed: list[Any] = []
    begun = asyncio.Event()

    async def stuck() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            if "failing" in work:
                raise RuntimeError("and it broke on the way out")

    async def answer(_: Any) -> AsyncIterator[str]:
        await stuck()
        yield "never"

    @tool
    async def waits() -> str:
        """Wait."""
        await stuck()
        return "never"

    signal, app_signal = CancelToken(), CancelToken()
    model = ScriptedModel(call("waits")) if "tool" in work else FunctionModel(answer)
    async with talking(
        model,
        tools=[waits],
        signal=app_signal,
        on_error=errors.append,
        on_abort=aborts.append,
        on_complete=completed.append,
    ) as session:
        handle = await session.send("hi", signal=signal)
        await begun.wait()
        async with asyncio.timeout(SOON):
            await stop(way, session, handle, signal, app_signal)
        assert handle.status == "aborted"
        error = await stopped(handle)
        await idle(session)
        assert (str(error), error.code, error.reason) == CODES[way]
        assert (handle.status, errors, completed, aborts) == ("aborted", [], [], [error])
        with pytest.raises(AbortError):
            await handle.result
        end = [event for event in handle.events.to_list() if event.type == "execution_end"][-1]
        assert (end.aborted, end.error, end.abort_reason) == (True, None, error.reason)


async def test_beat_14_a_callback_of_the_abort_that_raises_changes_nothing_of_it() -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("no")

    errors: list[Any] = []
    async with talking(ScriptedModel(held(), "second"), on_abort=fail, on_error=errors.append) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        await stopped(handle)
        await idle(session)
        assert (handle.status, errors, session.status) == ("aborted", [], "idle")
        assert (await session.send("again").result).response == "second"


async def test_beat_14_a_child_that_is_aborted_stays_so_and_its_parent_is_no_error() -> None:
    errors: list[Any] = []

    @tool
    async def delegate(ctx: ToolContext) -> str:
        """Let a child do it."""
        children.append(child := await ctx.spawn(Plain, "go", model=ScriptedModel(held())))
        return (await child.result).response

    children: list[Any] = []
    async with talking(
        ScriptedModel(call("delegate"), "ok"), tools=[delegate], on_error=errors.append
    ) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta", lambda event: bool(event.spawn_path))
        children[0].abort("not that one")
        assert (await handle.result).response == "ok"
        assert (children[0].status, handle.status, errors) == ("aborted", "completed", [])
