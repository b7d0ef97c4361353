"""Questions to a person and to the host: an answer counts wherever it is given, and does what it says."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import AbortError, AllowRule, Decision, ToolContext, create_app, create_tool
from agentick_core.errors import ToolDenied
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, call, reply
from agentick_core.tools.sandbox import SandboxAccessError
from tests.core.session.talk import (
    SOON,
    Plain,
    idle,
    kinds,
    result_texts,
    seen,
    talking,
    tool,
)

if TYPE_CHECKING:
    from agentick_core.session.telling.channel import ChannelEvent


@tool(requires_confirmation=True)
async def danger(n: int = 1) -> str:
    """Do something dangerous."""
    return f"did {n}"


@tool
async def escape() -> str:
    """Leave the sandbox."""
    if not opened:
        raise SandboxAccessError("no", requested_path="/etc", recover=opened.append)
    return "did 1"


opened: list[bool] = []


@pytest.fixture(autouse=True)
def closed_sandbox() -> None:
    opened.clear()


@tool
async def delegate(ctx: ToolContext) -> str:
    """Let a child do it."""
    child = await ctx.spawn(Plain, "go", model=ScriptedModel(call("danger"), "did 1"), tools=[danger])
    return (await child.result).response


YES = {"approved": True}


def answer_by_session(session: Any, event: Any) -> None:
    session.submit_tool_result(event.call_id, YES)


def answer_by_handle(session: Any, event: Any) -> None:
    session.execution.submit_tool_result(event.call_id, Decision(True))


def answer_by_channel(session: Any, event: Any) -> None:
    session.channel("tool_confirmation").publish({"type": "response", "id": event.call_id, "payload": YES})


@pytest.mark.parametrize("answer", [answer_by_session, answer_by_handle, answer_by_channel])
async def test_every_answer_is_told_once_on_the_channel_of_answers(answer: Any) -> None:
    async with talking(ScriptedModel(call("danger"), "done"), tools=[danger]) as session:
        told: list[ChannelEvent] = []
        session.channel("tool_confirmation").subscribe(told.append)
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        answer(session, asked)
        await handle.result
        assert [(event.type, event.id, event.payload) for event in told] == [("response", asked.call_id, YES)]


@pytest.mark.parametrize("answer", [answer_by_session, answer_by_handle, answer_by_channel])
@pytest.mark.parametrize("place", ["listener", "once", "on_event", "handle", "reader"])
@pytest.mark.parametrize("asking", ["danger", "escape", "delegate"])
async def test_beat_1_an_answer_counts_wherever_and_however_it_is_given(
    answer: Any, place: str, asking: str
) -> None:
    there: list[Any] = []

    def hear(event: Any) -> None:
        if event.type == "tool_confirmation_required":
            answer(there[0], event)

    options = {"on_event": hear} if place == "on_event" else {}
    model = ScriptedModel(call(asking), "done")
    async with talking(model, tools=[danger, escape, delegate], **options) as session, asyncio.timeout(SOON):
        there.append(session)
        match place:
            case "listener":
                session.on("event", hear)
            case "once":

                def arm(event: Any) -> None:
                    session.once("event", arm)
                    hear(event)

                session.once("event", arm)
            case _:
                pass
        reader = session.events()
        handle = await session.send("go")
        if place == "handle":
            handle.events.on("*", hear)
        if place == "reader":
            async for event in reader:
                hear(event)
        assert (await handle.result).response == "done"
        assert result_texts(session) == ["did 1"]
        assert session.inspect().pending_confirmations == ()


async def test_beat_1_a_command_that_asks_is_answered_by_a_listener() -> None:
    async with talking(tools=[danger], confirm_dispatch=True) as session, asyncio.timeout(SOON):

        def hear(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                session.submit_tool_result(event.call_id, approved=True)

        session.on("event", hear)
        (block,) = await session.dispatch("danger", {"n": 3})
        assert block.text == "did 3"


async def test_beat_1_a_client_tool_is_answered_from_the_listener_that_hears_of_it() -> None:
    ask = create_tool(name="ask", type="client", requires_response=True)
    async with talking(ScriptedModel(call("ask"), "done"), tools=[ask]) as session, asyncio.timeout(SOON):

        def hear(event: Any) -> None:
            if event.type == "tool_result_start":
                session.submit_tool_result(event.call_id, content="blue")

        session.on("event", hear)
        await session.send("go").result
        assert result_texts(session) == ["blue"]


async def test_beat_1_a_question_nobody_answers_in_time_is_a_refusal_that_says_so() -> None:
    model = ScriptedModel(reply(calls=[call("danger"), call("danger")]), "as you wish")
    async with talking(model, tools=[danger], confirmation_timeout=0.02) as session, asyncio.timeout(SOON):
        handle = await session.send("go")
        assert (await handle.result).response == "as you wish"
        for text in result_texts(session):
            assert "nobody answered within 0.02 s" in text
        answers = [event for event in handle.events.to_list() if event.type == "tool_confirmation_result"]
        assert [event.confirmed for event in answers] == [False, False]
        assert session.inspect().pending_confirmations == ()
        with pytest.raises(ToolDenied, match="nobody answered"):
            await session.dispatch("danger", confirm=True)


async def test_beat_1_a_child_asks_no_longer_than_its_parent() -> None:
    model = ScriptedModel(call("delegate"), "done")
    async with talking(model, tools=[delegate], confirmation_timeout=0.02) as session, asyncio.timeout(SOON):
        events: list[Any] = []
        session.on("event", events.append)
        await session.send("go").result
        told = [event for event in events if event.type == "tool_confirmation_result"]
        assert [(event.confirmed, len(event.spawn_path)) for event in told] == [(False, 1)]


async def test_beat_1_an_answer_in_time_is_not_cut_short_by_a_tool_that_takes_longer() -> None:
    @tool(requires_confirmation=True)
    async def slow() -> str:
        """Take longer than the question may."""
        await asyncio.sleep(0.03)
        return "done"

    async with talking(ScriptedModel(call("slow"), "ok"), tools=[slow], confirmation_timeout=0.02) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, YES)
        await handle.result
        assert result_texts(session) == ["done"]


async def test_beat_8_edited_arguments_are_checked_guarded_and_what_runs() -> None:
    seen_inputs: list[Any] = []

    async def watch(invocation: Any, next: Any) -> Any:
        seen_inputs.append(dict(invocation.args[0].input))
        return await next(invocation)

    model = ScriptedModel(reply(calls=[call("danger", n=1), call("danger", n=2)]), "done")
    async with talking(model, tools=[danger], middleware=[], on_event=None) as session:
        session._core.options.middleware.use("tool:run", watch)  # pyright: ignore[reportPrivateUsage]  # the app is hidden
        answers = iter([{"n": 99}, {"n": "many"}])

        def hear(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                session.submit_tool_result(
                    event.call_id, {"approved": True, "modifiedArguments": next(answers)}
                )

        session.on("event", hear)
        await session.send("go").result
        first, second = result_texts(session)
        assert first == "did 99"
        assert json.loads(second)["error_type"] == "VALIDATION_ERROR"
        assert {"n": 99} in seen_inputs


async def test_beat_8_always_is_remembered_over_a_restart_and_by_children_and_for_those_that_wait() -> None:
    store = MemoryStore()
    three = [call("danger", n=n) for n in (1, 2, 3)]
    model = ScriptedModel(reply(calls=three), "done", call("delegate"), "done")
    asked: list[Any] = []

    def hear(event: Any) -> None:
        if event.type == "tool_confirmation_required":
            asked.append(event.call_id)

    async with create_app(Plain, model=model, tools=[danger, delegate], store=store, on_event=hear) as app:
        session = await app.session("s")
        handle = await session.send("go")
        async with asyncio.timeout(SOON):
            while len(asked) < 3:
                await asyncio.sleep(0)
        assert session.submit_tool_result(asked[1], approved=True, always=True)
        await handle.result
        assert result_texts(session) == ["did 1", "did 2", "did 3"]
        await app.close("s")
        session = await app.session("s")
        await session.send("again").result
        assert len(asked) == 3
        assert result_texts(session)[-1] == "did 1"


async def test_beat_8_always_holds_for_children_that_run_already_too() -> None:
    inner = ScriptedModel(call("danger", n=1), call("danger", n=2), "both")

    @tool
    async def delegate_twice(ctx: ToolContext) -> str:
        """Let a child do it."""
        return (await (await ctx.spawn(Plain, "go", model=inner, tools=[danger])).result).response

    model = ScriptedModel(reply(calls=[call("delegate_twice"), call("danger", n=0)]), "done")
    async with talking(model, tools=[danger, delegate_twice]) as session, asyncio.timeout(SOON):
        asked: dict[int, Any] = {}

        def hear(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                asked[event.input["n"]] = event.call_id
                if asked.keys() == {0, 1}:
                    session.submit_tool_result(asked[0], approved=True, always=True)

        session.on("event", hear)
        assert (await session.send("go").result).response == "done"
        assert asked.keys() == {0, 1}
        assert result_texts(session) == ["both", "did 0"]


async def test_beat_8_the_host_may_allow_at_any_time_what_waits_and_what_comes() -> None:
    model = ScriptedModel(call("danger", n=1), call("danger", n=2), "done")
    async with talking(model, tools=[danger]) as session, asyncio.timeout(SOON):
        handle = await session.send("go")
        await seen(handle, "tool_confirmation_required")
        session.allow(AllowRule("danger"))
        await handle.result
        assert kinds(handle).count("tool_confirmation_required") == 1
        assert result_texts(session) == ["did 1", "did 2"]


async def test_beat_8_always_for_a_rule_covers_what_the_rule_says_and_no_more() -> None:
    model = ScriptedModel(call("danger", n=1), call("danger", n=1), call("danger", n=2), "done")
    asked: list[Any] = []
    async with talking(model, tools=[danger]) as session:

        def hear(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                asked.append(event.input["n"])
                rule = AllowRule("danger", argument="n", exact=1)
                session.submit_tool_result(event.call_id, Decision(True, always=rule))

        session.on("event", hear)
        await session.send("go").result
        assert asked == [1, 2]


@pytest.mark.parametrize("is_async", [False, True])
async def test_beat_8_the_host_is_asked_first_and_may_agree_refuse_edit_or_ask_on(is_async: bool) -> None:
    answers = [
        Decision(True),
        Decision(False, "not now"),
        Decision(True, input={"n": 7}),
        None,
        ValueError("no"),
    ]
    requests: list[Any] = []

    def decide(request: Any) -> Any:
        requests.append(request)
        answer = answers[len(requests) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def think(request: Any) -> Any:
        await asyncio.sleep(0)
        return decide(request)

    model = ScriptedModel(*[call("danger", n=n) for n in range(5)], "done")
    ask = think if is_async else decide
    async with talking(model, tools=[danger], on_tool_confirmation=ask) as session:
        asked: list[int] = []

        def hear(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                asked.append(event.input["n"])
                session.submit_tool_result(event.call_id, approved=True)

        session.on("event", hear)
        handle = await session.send("go")
        await handle.result
        said = result_texts(session)
        assert [said[0], *said[2:]] == ["did 0", "did 7", "did 3", "did 4"]
        assert "not now" in said[1]
        assert asked == [3, 4]
        assert [request.input for request in requests] == [{"n": n} for n in range(5)]
        assert kinds(handle).count("error") == 1


async def test_beat_8_the_host_that_says_always_is_not_asked_again() -> None:
    requests: list[Any] = []

    def decide(request: Any) -> Decision:
        requests.append(request)
        return Decision(True, always=True)

    model = ScriptedModel(call("danger"), call("danger"), "done")
    async with talking(model, tools=[danger], on_tool_confirmation=decide) as session:
        await session.send("go").result
        assert (len(requests), result_texts(session)) == (1, ["did 1", "did 1"])


async def test_beat_8_the_host_is_asked_for_children_too_and_an_abort_ends_its_thinking() -> None:
    thinking = asyncio.Event()

    async def think(_: Any) -> Decision:
        thinking.set()
        await asyncio.Event().wait()
        return Decision(True)

    async with talking(
        ScriptedModel(call("delegate")), tools=[delegate], on_tool_confirmation=think
    ) as session:
        handle = await session.send("go")
        async with asyncio.timeout(SOON):
            await thinking.wait()
            handle.abort()
            with pytest.raises(AbortError):
                await handle.result
        await idle(session)


@pytest.mark.parametrize("how", ["positional", "keyword", "channel"])
async def test_beat_8_the_reason_of_a_refusal_is_read_by_the_model(how: str) -> None:
    model = ScriptedModel(call("danger"), "ok")
    async with talking(model, tools=[danger]) as session:
        handle = await session.send("go")
        call_id = (await seen(handle, "tool_confirmation_required")).call_id
        match how:
            case "positional":
                session.submit_tool_result(call_id, Decision(False, "use the other one"))
            case "keyword":
                session.submit_tool_result(call_id, approved=False, reason="use the other one")
            case _:
                payload = {"approved": False, "reason": "use the other one"}
                session.channel("tool_confirmation").publish(
                    {"type": "response", "id": call_id, "payload": payload}
                )
        await handle.result
        (result,) = model.requests[1].messages[-1].tool_results
        assert result.is_error
        assert "use the other one" in getattr(result.content[0], "text", "")
