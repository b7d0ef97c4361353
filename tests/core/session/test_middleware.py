"""Middleware around every procedure of a session, and the context that reaches what runs below."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import Nodes, Timeline, ToolContext, User, component, create_app, create_procedure
from agentick_core.errors import GuardError, SessionClosedError, ValidationError
from agentick_core.procedures.ambient import current, entered, merged
from agentick_core.session.app.create import run
from agentick_core.testing import ScriptedModel, call
from tests.core.session.talk import Adder, Plain, held, idle, mock, seen, stopped, talking, texts, tool

if TYPE_CHECKING:
    from agentick_core import SendResult


async def test_m10_middleware_of_the_app_sees_every_procedure_and_every_tool() -> None:
    names: list[str] = []

    async def note(invocation: Any, next: Any) -> Any:
        names.append(invocation.name)
        return await next(invocation)

    model = ScriptedModel(call("add", a=1, b=2), "three", "child")
    async with create_app(Adder, model=model, middleware=[note]) as app:
        session = await app.session("s")
        await session.queue("x")
        await session.send("go").result
        await session.dispatch("add", {"a": 1, "b": 2})
        await session.spawn(Plain, "x").result
        assert names == [
            "session:queue", "session:send", "model:stream", "tool:run", "model:stream",
            "session:dispatch", "tool:run", "session:spawn", "model:stream",
        ]  # fmt: skip


async def test_middleware_sees_the_request_of_a_model_call_may_change_it_and_sees_the_answer() -> None:
    answers: list[Any] = []

    async def remind(invocation: Any, next: Any) -> Any:
        request: Any = invocation.args[0]
        assert invocation.metadata["model"] == "scripted"
        answer = await next(invocation.replace(replace(request, system=(*request.system, "Be kind."))))
        answers.append(answer)
        return answer

    async def forget(invocation: Any, next: Any) -> Any:
        return None

    async with create_app(Plain, model=(model := mock())) as app:
        session = await app.session("s")
        remove = app.use("model:stream", remind)
        await session.send("hi").result
        assert model.requests[0].system[-1] == "Be kind."
        assert (answers[0].message.text, answers[0].usage.ticks) == ("Mock response", 1)
        remove()
        app.use("model:*", forget)
        with pytest.raises(TypeError, match="not what next"):
            await session.send("hi").result


@pytest.mark.parametrize("name", ["model:stream", "tool:run"])
async def test_what_middleware_puts_in_place_of_a_request_or_a_call_is_never_passed_over(name: str) -> None:
    async def misplace(invocation: Any, next: Any) -> Any:
        return await next(invocation.replace(args=(invocation.args[0],)))

    async with create_app(Adder, model=mock()) as app:
        app.use(name, misplace)
        session = await app.session("s")
        with pytest.raises(TypeError, match=f"{name} takes one argument.*call.replace"):
            await (
                session.send("hi").result
                if name == "model:stream"
                else session.dispatch("add", {"a": 1, "b": 2})
            )


async def test_middleware_may_refuse_a_send_or_change_it_and_can_be_removed() -> None:
    async def refuse(invocation: Any, next: Any) -> Any:
        raise GuardError("not today")

    async def shout(invocation: Any, next: Any) -> Any:
        return await next(invocation.replace(invocation.args[0].upper()))

    model = mock()
    async with create_app(Plain, model=model) as app:
        session = await app.session("s")
        remove = app.use("session:*", refuse)
        with pytest.raises(GuardError, match="not today"):
            await session.send("hi").result
        remove()
        app.use("session:send", shout)
        await session.send("hi").result
        assert model.requests[0].messages[0].text == "HI"
        assert session.queued_messages == ()


async def test_m8_the_context_of_a_send_wins_over_that_of_the_session() -> None:
    @component
    def Who() -> Nodes:
        ambient = current()
        yield User(f"{ambient.user} {ambient.trace_id} {ambient.metadata.get('team')} {ambient.session_id}")

    model = mock()
    app = create_app(Who, model=model)
    with entered(merged(current(), user="creator", trace_id="t1", team="red")):
        session = await app.session("s")
    async with app:
        await session.render({}).result
        await session.render.with_context(user="ann", team="blue")({}).result
        assert [request.messages[0].text for request in model.requests] == [
            "creator t1 red s",
            "ann t1 blue s",
        ]


async def test_an_execution_that_resumes_by_itself_has_the_context_of_the_session() -> None:
    users: list[tuple[Any, Any]] = []

    @tool
    async def who() -> str:
        """Note who asks."""
        users.append((current().user, current().parent_execution_id))
        if len(users) == 1:
            await session.queue("more", when="next_execution")
        return "ok"

    model = ScriptedModel(call("who"), "one", call("who"), "two")
    app = create_app(Plain, model=model, tools=[who])
    with entered(merged(current(), user="creator")):
        session = await app.session("s")
    async with app:
        await session.send.with_context(user="ann")("go").result
        await session.ended()
        assert users == [("ann", None), ("creator", None)]


async def test_what_runs_in_an_execution_knows_where_it_is() -> None:
    found: list[Any] = []

    @tool
    async def where() -> str:
        """Look around."""
        found.append(current())
        return "ok"

    async with talking(ScriptedModel(call("where"), "ok"), tools=[where]) as session:
        handle = await session.send("go")
        await handle.result
        (ambient,) = found
        assert (ambient.session_id, ambient.execution_id) == ("s", handle.execution_id)
        assert ambient.token is not None
        assert ambient.call_id


async def test_an_agent_runs_once_without_an_app_and_nothing_stays_open() -> None:
    @component
    def Query(q: str = "none") -> Nodes:
        yield User(q)
        yield Timeline()

    model = mock()
    result = await run(Query("a"), "hi", model=model, props={"q": "b"}, history=["before"]).result
    assert [message.text for message in model.requests[0].messages] == ["b", "before", "hi"]
    assert result.response == "Mock response"
    handle = await run(Plain, "hi", model="offline")
    assert (await seen(handle, "model_request")).model_id == "offline"
    handle.abort()
    assert [event.type async for event in run(Query, model=mock())][-1] == "execution_end"


async def test_m5_the_result_of_a_send_can_be_handed_on_to_another_procedure() -> None:
    async def shout(result: "SendResult[Any]") -> str:
        return result.response.upper()

    async with talking() as session:
        answered = session.send.pipe(create_procedure(shout))
        assert answered.name == "session:send.pipe"
        assert await answered("hi") == "MOCK RESPONSE"
        await session.close()
        with pytest.raises(SessionClosedError):
            await answered("hi")


async def test_middleware_of_queue_sees_and_changes_what_is_queued_in_any_way() -> None:
    @tool
    async def remember(ctx: ToolContext) -> None:
        """Queue a message."""
        await ctx.queue("tool")

    async def louder(invocation: Any, next: Any) -> Any:
        (message,) = invocation.args
        return await next(invocation.replace(f"{message}!"))

    model = ScriptedModel(call("remember"), held(), "Yes.")
    async with create_app(Plain, model=model, tools=[remember]) as app:
        app.use("session:queue", louder)
        session = await app.session("s")
        handle = await session.send("go")
        await seen(handle, "content_delta")
        handle.queue_message("handle")
        session.interrupt("interrupt")
        await stopped(handle)
        await idle(session)
        assert texts(model.requests[1])[-1] == "tool!"
        assert texts(session.timeline)[-3:] == ["handle!", "interrupt!", "Yes."]


@pytest.mark.parametrize("pattern", ["sesion:send", "model:generate", "tools:*", ""])
async def test_middleware_for_a_call_that_there_is_not_is_refused_with_those_there_are(pattern: str) -> None:
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(ValidationError, match="would never run") as caught:
            app.use(pattern, held_up)
        assert "tool:run" in caught.value.hint


async def held_up(call: Any, next: Any) -> Any:
    return await next(call)
