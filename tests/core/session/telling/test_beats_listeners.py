"""Whoever listens is somebody else's code: what it raises is shown, and harms neither the run nor other listeners."""

import asyncio
import logging
from typing import Any

import pytest

from agentick_core import Nodes, Session, Timeline, ToolContext, component, use_effect, use_on_execution_end
from agentick_core.errors import InvalidRequestError
from agentick_core.testing import ScriptedModel, call
from tests.core.session.saying import events_of
from tests.core.session.talk import Adder, Plain, held, idle, kinds, mock, seen, talking, tool


def failing(error: BaseException) -> Any:
    def fail(*_: Any) -> None:
        raise error

    return fail


ERRORS = [
    RuntimeError("careless"),
    asyncio.CancelledError("careless"),
    StopIteration("careless"),
    ExceptionGroup("careless", [ValueError()]),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "place", ["on", "once", "on_event", "handle", "handle once", "replay", "channel", "reconcile"]
)
async def test_beat_20_a_listener_that_raises_harms_no_run_and_no_other_listener(
    error: BaseException, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    fail = failing(error)
    heard: list[Any] = []
    options: dict[str, Any] = {"on_event": fail} if place == "on_event" else {}
    async with talking(ScriptedModel(call("add", a=1, b=2), "three", "again"), Adder, **options) as session:
        match place:
            case "on":
                session.on("event", fail)
            case "once":
                session.once("event", fail)
            case "channel":
                session.channel("messages").subscribe(fail)
            case "reconcile":
                session.on("reconcile", fail)
            case _:
                pass
        session.on("event", heard.append)
        with caplog.at_level(logging.CRITICAL, "agentick"):
            handle = await session.send("go")
            match place:
                case "handle":
                    handle.events.on("*", fail)
                case "handle once":
                    handle.events.once("tick_end", fail)
                case "replay":
                    handle.events.on_replay("*", fail)
                case _:
                    pass
            assert (await handle.result).response == "three"
            assert (await session.send("more").result).response == "again"
        assert [event.type for event in heard][: len(kinds(handle))] == kinds(handle)
        assert handle.status == "completed"


CALLBACKS = ["on_event", "on_tick_start", "on_tick_end", "on_complete"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("name", CALLBACKS)
async def test_beat_20_a_callback_that_raises_keeps_no_other_from_being_called(
    name: str, error: BaseException
) -> None:
    called: set[str] = set()

    def note(name: str) -> Any:
        def add_name(*_: Any) -> None:
            called.add(name)

        return add_name

    callbacks = {each: note(each) for each in CALLBACKS} | {name: failing(error)}
    async with talking(mock(), **callbacks) as session:
        assert (await session.send("go").result).response == "Mock response"
        assert (session.status, called) == ("idle", set(CALLBACKS) - {name})


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_beat_20_callbacks_of_failures_that_raise_leave_the_failure_as_it_is(
    error: BaseException,
) -> None:
    async with talking(ScriptedModel(ValueError("broken"), "ok"), on_error=failing(error)) as session:
        with pytest.raises(ValueError, match="broken"):
            await session.send("go").result
        assert (await session.send("again").result).response == "ok"


async def test_beat_20_listeners_of_a_child_and_of_its_parent_harm_neither() -> None:
    @tool
    async def delegate(ctx: ToolContext) -> str:
        """Let a child do it."""
        child = await ctx.spawn(Plain, "go", model=mock())
        for each in session.children:
            each.on("event", failing(RuntimeError("careless")))
        return (await child.result).response

    async with talking(ScriptedModel(call("delegate"), "done"), tools=[delegate]) as session:
        session.on("event", failing(RuntimeError("careless")))
        result = await session.send("go").result
        assert result.response == "done"
        assert result.messages[-2].tool_results[0].content[0].text == "Mock response"  # pyright: ignore[reportAttributeAccessIssue]  # a text block


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_beat_20_a_listener_of_the_close_that_raises_does_not_stop_it(error: BaseException) -> None:
    async with talking() as session:
        heard: list[Any] = []
        session.on("close", failing(error))
        session.on("close", heard.append)
        await session.close()
        assert (session.status, heard) == ("closed", ["s"])


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_beat_20_an_effect_or_its_cleanup_that_raises_is_shown_and_harms_no_run(
    error: BaseException,
) -> None:
    @component
    def Careless(cleanup: bool = False) -> Nodes:
        use_effect((lambda: failing(error)) if cleanup else failing(error))
        yield Timeline()

    for cleanup in (False, True):
        async with talking(mock(), Careless(cleanup)) as session:
            shown = events_of(session, "error")
            await session.send("go").result
            assert (await session.send("more").result).response == "Mock response"
            assert shown


async def test_the_log_has_the_traceback_of_a_hook_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    def careless() -> None:
        raise RuntimeError("careless")

    @component
    def Careless() -> Nodes:
        use_on_execution_end(careless)
        yield Timeline()

    async with talking(mock(), Careless) as session:
        with caplog.at_level(logging.DEBUG, "agentick"):
            await session.send("go").result
    assert "in careless" in caplog.text


async def test_the_log_has_what_is_wrong_with_an_answer_to_a_confirmation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @tool(requires_confirmation=True)
    async def pay() -> str:
        """Pay."""
        return "paid"

    options: dict[str, Any] = {"on_tool_confirmation": lambda _: "yes", "confirmation_timeout": 0.01}  # pyright: ignore[reportUnknownLambdaType]  # wrong on purpose
    async with talking(ScriptedModel(call("pay"), "No."), Plain, tools=[pay], **options) as session:
        with caplog.at_level(logging.WARNING, "agentick"):
            await session.send("go").result
    assert "a person is asked: on_tool_confirmation gave 'yes': a Decision, a bool or None" in caplog.text


async def test_callbacks_may_be_async_and_have_ended_when_the_session_is_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[str] = []

    async def hear(about: Any, *_: object) -> None:
        await asyncio.sleep(0)
        heard.append(getattr(about, "type", type(about).__name__))
        if heard[-1] == "execution_end":
            raise ValueError("mine")

    async def opened(session: Session[Any]) -> None:
        await asyncio.sleep(0)
        heard.append(f"opened {session.id}")

    async def closed(id: str) -> None:
        await asyncio.sleep(0)
        heard.append(f"closed {id}")

    hooks: Any = {"on_session_create": opened, "on_session_close": closed}
    async with talking(on_complete=hear, on_tick_start=hear, **hooks) as session:
        session.on("event", hear)
        session.channel("timeline").subscribe(hear)
        assert (await session.send("Hello").result).response == "Mock response"
    assert heard[0] == "opened s"
    assert heard[-1] == "closed s"
    assert {"int", "tick_start", "execution_end", "timeline_delta", "SendResult"} <= set(heard)
    assert "An async callback raised" in caplog.text


@pytest.mark.parametrize("end", ["completed", "error", "aborted"])
async def test_the_callback_of_the_end_finds_the_handle_as_it_has_ended(end: str) -> None:
    found: list[str] = []

    def look(_: Any) -> None:
        found.append(session.execution.status)

    steps: dict[str, Any] = {"completed": "Hello.", "error": InvalidRequestError("no"), "aborted": held()}
    callbacks: dict[str, Any] = {"on_complete": look, "on_error": look, "on_abort": look}
    async with talking(ScriptedModel(steps[end]), **callbacks) as session:
        handle = await session.send("Hi")
        if end == "aborted":
            await seen(handle, "content_delta")
            handle.abort()
        await handle.settled()
        await idle(session)
        assert found == [end]
