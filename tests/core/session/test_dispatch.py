"""mount and dispatch: tools that a person runs."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    Nodes,
    Timeline,
    ToolContext,
    component,
    create_tool,
    use_on_mount,
    use_session_state,
)
from agentick_core.errors import (
    GuardError,
    NotFoundError,
    StateError,
    ToolError,
    ToolInputError,
    ToolResultError,
)
from agentick_core.procedures.ambient import current
from agentick_core.procedures.token import CancelToken
from agentick_core.session.dispatch import DEEPEST
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import SOON, Adder, mock, seen, talking, tool


@tool(name="mount-test", audience="user", aliases=["mt"])
async def mount_test(path: str) -> str:
    """Mount."""
    return f"mounted: {path}"


@component
def Mountable() -> Nodes:
    yield mount_test
    yield Timeline()


async def test_e1_mounting_makes_tools_known_without_a_model_call() -> None:
    model = mock()
    mounts: list[int] = []

    @component
    def Once() -> Nodes:
        use_on_mount(lambda: mounts.append(1))
        yield mount_test
        yield Timeline()

    async with talking(model, Once) as session:
        assert session.scheduler_state is None
        await asyncio.gather(session.mount(), session.mount())
        await session.mount()
        assert [each.name for each in await session.get_tool_definitions()] == ["mount-test"]
        await session.send("hi").result
        await session.mount()
        assert (len(mounts), len(model.requests)) == (1, 1)


async def test_e2_dispatch_mounts_by_itself_and_asks_no_model() -> None:
    model = mock()
    async with talking(model, Mountable) as session:
        heard: list[Any] = []
        session.on("event", heard.append)
        (block,) = await session.dispatch("mount-test", {"path": "/tmp"})
        assert (block.type, block.text) == ("text", "mounted: /tmp")
        assert (model.requests, session.timeline) == ([], ())
        assert [(event.type, event.origin, event.execution_id) for event in heard] == [
            ("tool_result_start", "user", ""),
            ("tool_result", "user", ""),
        ]
        assert len(await session.dispatch("mt", {"path": "x"})) == 1


async def test_five_dispatches_at_once_mount_once_and_all_succeed() -> None:
    async with talking(agent=Mountable) as session:
        all_of_them = await asyncio.gather(*(session.dispatch("mt", {"path": str(n)}) for n in range(5)))
        assert [block.text for (block,) in all_of_them] == [f"mounted: {n}" for n in range(5)]


async def test_e4_what_goes_wrong_with_a_command_is_raised() -> None:
    @tool
    async def explode() -> str:
        """Explode."""
        raise ValueError("kaboom")

    async with talking(agent=Mountable, tools=[explode]) as session:
        with pytest.raises(NotFoundError, match="Unknown command: nonexistent"):
            await session.dispatch("nonexistent")
        with pytest.raises(ToolInputError, match="Validation failed: path"):
            await session.dispatch("mount-test", {"path": 3})
        with pytest.raises(ValueError, match="kaboom"):
            await session.dispatch("explode")


async def test_e4_a_command_that_only_a_provider_could_run_has_no_handler() -> None:
    web = create_tool(name="web", type="provider", audience="all")
    async with talking(tools=[web]) as session:
        with pytest.raises(ToolError, match='Command "web" has no handler'):
            await session.dispatch("web")


async def test_e5_results_become_blocks_and_what_cannot_is_an_error() -> None:
    @tool
    async def give(what: str) -> Any:
        """Give something."""
        return {"none": None, "text": "hi", "dict": {"a": 1}, "odd": object()}[what]

    async with talking(tools=[give]) as session:
        assert [block.type for block in await session.dispatch("give", {"what": "text"})] == ["text"]
        assert [block.type for block in await session.dispatch("give", {"what": "dict"})] == ["json"]
        assert await session.dispatch("give", {"what": "none"}) == ()
        with pytest.raises(ToolResultError, match="Unexpected tool result type"):
            await session.dispatch("give", {"what": "odd"})


async def test_e7_commands_work_at_every_moment_of_a_run() -> None:
    model = ScriptedModel(call("add", a=1, b=2), "three")
    calls: list[Any] = []
    async with talking(model, Adder) as session:

        def dispatch(event: Any) -> None:
            if (
                event.type in ("tick_start", "compiled", "tool_result_start", "tick_end")
                and event.execution_id
            ):
                calls.append(session.dispatch("add", {"a": 2, "b": 2}))

        session.on("event", dispatch)
        sent = session.send("go")
        calls += [session.dispatch("add", {"a": 2, "b": 2}) for _ in range(5)]
        await sent.result
        done = await asyncio.gather(*calls)
        assert len(done) >= 12
        assert {block.text for (block,) in done} == {"4"}


async def test_e8_dispatch_between_two_renders_changes_nothing() -> None:
    async with talking(agent=Mountable) as session:
        for path in ("a", "b"):
            assert (await session.render({}).result).response == "Mock response"
            (block,) = await session.dispatch("mt", {"path": path})
            assert block.text == f"mounted: {path}"


async def test_e10_middleware_guards_commands_too_and_the_context_reaches_the_tool() -> None:
    @tool
    async def who(ctx: ToolContext) -> str:
        """Say who asks."""
        return f"{ctx.user} {ctx.session_id} {ctx.origin} {current().session_id}"

    async def guard(invocation: Any, next: Any) -> Any:
        if invocation.metadata["tool"] == "danger":
            raise GuardError("no")
        return await next(invocation)

    async with talking(tools=[who, who.replace(name="danger")]) as session:
        session._core.options.middleware.use("tool:run", guard)  # pyright: ignore[reportPrivateUsage]  # the app is hidden
        (block,) = await session.dispatch.with_context(user="ann")("who")
        assert block.text == "ann s user s"
        with pytest.raises(GuardError):
            await session.dispatch("danger")


async def test_e11_tool_definitions_show_everything_with_its_schema() -> None:
    async with talking(
        agent=Mountable, tools=[mount_test.replace(name="all-of-us", audience="all")]
    ) as session:
        definitions = await session.get_tool_definitions()
        assert [(each.name, each.audience) for each in definitions] == [
            ("all-of-us", "all"),
            ("mount-test", "user"),
        ]
        assert definitions[0].input_schema["properties"]["path"]["type"] == "string"


async def test_a_command_asks_only_where_it_is_told_to() -> None:
    danger = mount_test.replace(name="danger", requires_confirmation=True)
    async with talking(tools=[danger]) as session:
        assert len(await session.dispatch("danger", {"path": "x"})) == 1

        def answer(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                session.submit_tool_result(event.call_id, approved=False, reason="no")

        session.on("event", answer)
        with pytest.raises(Exception, match="no"):
            await session.dispatch("danger", {"path": "x"}, confirm=True)


async def test_what_a_command_sets_is_in_the_next_request() -> None:
    @component
    def Mood() -> Nodes:
        mood, set_mood = use_session_state("mood", "calm")

        @tool(audience="user")
        async def change(to: str) -> None:
            """Change the mood."""
            set_mood(to)

        yield mood
        yield change
        yield Timeline()

    async with talking(agent=Mood) as session:
        assert await session.dispatch("change", {"to": "wild"}) == ()
        assert session.snapshot().com_state == {"mood": "wild"}


async def test_a_command_from_inside_a_tool_ends_with_it() -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    @tool
    async def inner() -> str:
        """Wait."""
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "never"

    @tool
    async def outer() -> str:
        """Dispatch."""
        await session.dispatch("inner")
        return "never"

    async with talking(ScriptedModel(call("outer")), tools=[inner, outer]) as session:
        handle = await session.send("go")
        await began.wait()
        handle.abort()
        async with asyncio.timeout(SOON):
            await cancelled.wait()


async def test_a_time_limit_ends_a_command() -> None:
    cancelled = asyncio.Event()

    @tool
    async def wait() -> str:
        """Wait."""
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "never"

    async with talking(tools=[wait]) as session:
        with pytest.raises(AbortError, match="timed out after 20ms"):
            await session.dispatch.with_timeout(0.02)("wait")
        assert cancelled.is_set()


async def test_a_command_does_not_show_among_the_events_of_the_run_beside_it() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("x", hold=hold)), Adder) as session:
        handle = await session.send("go")
        await seen(handle, "content_delta")
        await session.dispatch("add", {"a": 1, "b": 2})
        hold.set()
        await handle.result
        assert "tool_result" not in [event.type for event in handle.events.to_list()]


async def test_a_tool_given_itself_runs_whatever_hides_its_name_and_needs_no_tree() -> None:
    """Such as a host's own command that an agent's tool is called like."""

    @tool(name="mount-test", audience="user")
    def mine() -> str:
        """Mine."""
        return "mine"

    @component
    def Broken() -> Nodes:
        raise RuntimeError("broken")
        yield

    async with talking(mock(), Mountable, tools=[mine]) as session:
        assert [block.text for block in await session.dispatch(mine)] == ["mine"]
        assert [block.text for block in await session.dispatch("mount-test", {"path": "x"})] == ["mounted: x"]
    async with talking(mock(), Broken) as session:
        heard: list[Any] = []
        session.on("event", heard.append)
        assert [block.text for block in await session.dispatch(mine, call_id="known")] == ["mine"]
        assert {event.call_id for event in heard} == {"known"}


async def test_a_dispatch_is_stopped_by_the_token_of_its_context() -> None:
    """The token says that the call was cancelled, and so does its result."""
    token = CancelToken()

    @tool(audience="user")
    async def wait() -> str:
        """Wait."""
        token.cancel("enough")
        await asyncio.Event().wait()
        return ""

    async with talking(mock(), Mountable) as session:
        heard: list[Any] = []
        session.on("event", heard.append)
        with pytest.raises(AbortError):
            await session.dispatch.with_context(token=token)(wait)
        assert heard[-1].error_type.startswith("ABORT")


async def test_a_command_that_runs_itself_without_an_end_is_stopped() -> None:
    depth: list[int] = []

    async with talking() as session:

        @tool
        async def again() -> str:
            """Again."""
            depth.append(1)
            return str(await session.dispatch(again, {}))

        with pytest.raises(StateError, match="inside one another") as caught:
            await session.dispatch(again, {})
        assert caught.value.hint
        assert len(depth) == DEEPEST
        assert (await session.send("hi").result).response == "Mock response"
