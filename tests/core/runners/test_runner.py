"""Runners: when each hook is called, what it may change, and what becomes of a session when one fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, ToolContext, component, create_app, tool
from agentick_core.errors import StateError, ValidationError
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.runners.runner import SessionRef
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import FunctionModel, RunnerCall, ScriptedModel, TrackedRunner, call
from agentick_core.tools.host import RunOn
from tests.core.session.saying import Heard, events_of
from tests.core.session.stores import loaded
from tests.core.session.talk import SOON, Adder, Plain, add, idle, kinds, mock, roles, seen, talking, texts


def adding() -> ScriptedModel:
    return ScriptedModel(call("add", a=1, b=2), "three")


def result_text(session: Any) -> str:
    """Give the text of the only tool result in the timeline."""
    (entry,) = [entry for entry in session.timeline if entry.message.role == "tool"]
    return entry.message.content[0].content[0].text


async def test_g1_the_hooks_come_in_order_and_a_session_begins_once() -> None:
    runner = TrackedRunner()
    model = ScriptedModel(call("add", a=1, b=2), "three", "four", "five")
    async with talking(model, Adder, store=MemoryStore(), runner=runner) as session:
        await session.send("hi").result
        assert runner.hooks == (
            "on_session_init",
            "transform_compiled",
            "execute_tool_call",
            "transform_compiled",
            "on_persist",
        )
        await session.send("more").result
        await session.send("more").result
        await session.close()
        assert runner.hooks.count("on_session_init") == 1
        assert runner.hooks.count("on_persist") == 3
        assert runner.calls[-1] == RunnerCall("on_destroy", "s")


async def test_g2_a_changed_request_is_what_the_model_gets_once_in_each_tick() -> None:
    seen_tools: list[tuple[str, ...]] = []

    class Narrow:
        async def transform_compiled(self, compiled: ModelRequest, tools: Sequence[Any]) -> ModelRequest:
            seen_tools.append(tuple(each.name for each in tools))
            return replace(compiled, system=(*compiled.system, "Be kind."), tools=())

    model = adding()
    async with talking(model, Adder, runner=Narrow()) as session:
        handle = await session.send("hi")
        await handle.result
        assert [request.system for request in model.requests] == [("Add.", "Be kind.")] * 2
        assert [request.tools for request in model.requests] == [(), ()]
        assert seen_tools == [("add",), ("add",)]
        told = [event for event in handle.events.to_list() if event.type == "model_request"]
        assert [event.request for event in told] == model.requests
        assert model.requests[0].estimated_tokens > 0


async def test_a_runner_may_leave_a_request_and_a_snapshot_as_they_are() -> None:
    class Watching:
        def transform_compiled(self, compiled: ModelRequest, tools: Sequence[Any]) -> None:
            self.request = compiled

        def on_persist(self, session: SessionRef, snapshot: SessionSnapshot) -> None:
            self.status = (session.id, session.status, session.current_tick, session.snapshot() == snapshot)

    model, runner, store = mock(), Watching(), MemoryStore()
    async with talking(model, runner=runner, store=store) as session:
        await session.send("hi").result
        assert model.requests[0] == runner.request
        assert runner.status[:3] == ("s", "running", 2)
        assert len((await loaded(store)).timeline) == 2


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_runner_may_answer_in_a_tools_place(kind: str) -> None:
    def answer(call: ToolCall, tool: Any, next: RunOn) -> Any:
        assert (tool, call.input) == (add, {"a": 1, "b": 2})
        return ToolResult(call.call_id, call.name, ()) if kind == "sync" else later()

    async def later() -> str:
        await asyncio.sleep(0)
        return "three, I believe"

    class Sandbox:
        execute_tool_call = staticmethod(answer)

    async with talking(adding(), Adder, runner=Sandbox()) as session:
        assert (await session.send("hi").result).response == "three"
        assert result_text(session) == {"sync": "(no output)", "async": "three, I believe"}[kind]


async def test_a_runner_goes_on_with_another_call_and_leaves_what_it_does_not_answer() -> None:
    ran: list[dict[str, Any]] = []

    class Doubling:
        async def execute_tool_call(self, call: ToolCall, tool: Any, next: RunOn) -> None:
            ran.append(dict(call.input))
            if len(ran) == 1:
                await next(replace(call, input={"a": 10, "b": 20}))

    model = ScriptedModel(call("add", a=1, b=2), call("add", a=3, b=4), "done")
    async with talking(model, Adder, runner=Doubling()) as session:
        await session.send("hi").result
        tools = [entry.message.content[0] for entry in session.timeline if entry.message.role == "tool"]
        assert [each.content[0].text for each in tools] == ["30", "7"]
        assert ran == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


async def test_a_runner_is_asked_about_tools_there_are_not_and_its_failure_is_the_result() -> None:
    asked: list[tuple[str, Any]] = []

    class Broken:
        def execute_tool_call(self, call: ToolCall, tool: Any, next: RunOn) -> ToolResult:
            asked.append((call.name, tool))
            raise RuntimeError("no sandbox")

    model = ScriptedModel(call("ad", a=1), "I could not")
    async with talking(model, Adder, runner=Broken()) as session:
        assert (await session.send("hi").result).response == "I could not"
        assert asked == [("ad", None)]
        assert "Tool execution failed: no sandbox" in result_text(session)


async def test_what_a_user_runs_and_what_is_only_an_output_pass_no_runner() -> None:
    runner = TrackedRunner(intercept_tools={"add": "mine"})

    async with talking(adding(), Adder, runner=runner) as session:
        blocks = await session.dispatch("add", {"a": 1, "b": 2})
        assert [block.text for block in blocks] == ["3"]
        assert runner.hooks == ("on_session_init",)
        await session.send("hi").result
        assert result_text(session) == "mine"


async def test_g4_what_a_runner_adds_to_a_snapshot_is_stored(store: SessionStore) -> None:
    runner = TrackedRunner(persist_data={"sandbox": {"files": 2}})
    async with talking(runner=runner, store=store) as session:
        await session.send("hi").result
        assert (await loaded(store)).extra == {"sandbox": {"files": 2}}
        assert session.snapshot().extra == {"sandbox": {"files": 2}}


async def test_g5_a_restored_session_is_told_to_the_runner_once_and_at_once(store: SessionStore) -> None:
    runner = TrackedRunner(persist_data={"port": 8080})
    async with create_app(Plain, model=mock(), store=store, runner=runner) as app:
        session = await app.session("s")
        await session.send("hi").result
        await session.close()
        runner.calls.clear()
        session = await app.session("s")
        assert runner.hooks == ("on_session_init", "on_restore")
        assert runner.restored == {"port": 8080}
        await session.send("hi").result
        await session.send("hi").result
        assert runner.hooks.count("on_restore") == 1


class Failing:
    """A runner of which one hook fails the first time that it is called."""

    def __init__(self, hook: str, kind: type[BaseException] = RuntimeError) -> None:
        self.hook = hook
        self.kind = kind
        self.count = 0
        setattr(self, hook, self.fail)

    def fail(self, *args: Any) -> None:
        self.count += 1
        if self.count == 1:
            raise self.kind(f"{self.hook} failed")


@pytest.mark.parametrize(
    ("kind", "met", "says"),
    [(RuntimeError, RuntimeError, "failed"), (asyncio.CancelledError, StateError, "cancelled itself")],
)
@pytest.mark.parametrize("hook", ["on_session_init", "transform_compiled", "on_persist"])
async def test_g7_a_hook_that_raises_fails_its_send_and_the_next_one_works(
    hook: str, store: SessionStore, kind: type[BaseException], met: type[Exception], says: str
) -> None:
    runner: Any = Failing(hook, kind)
    errors = Heard()
    model = mock()
    async with talking(model, runner=runner, store=store, on_error=errors) as session:
        handle = await session.send("one")
        with pytest.raises(met, match=f"{hook} {says}") as caught:
            await handle.result
        assert (session.status, handle.status) == ("idle", "error")
        assert errors.calls == [(caught.value,)]
        assert session.queued_messages == ()
        async with asyncio.timeout(SOON):
            result = await session.send("two").result
        assert result.response == "Mock response"
        assert texts(model.requests[-1])[0] == "one"
        await session.flush()
        assert texts((await loaded(store)).timeline) == texts(session.timeline)


async def test_a_runner_that_cannot_store_says_so_and_what_was_said_is_stored_all_the_same() -> None:
    store = MemoryStore()
    runner: Any = Failing("on_persist")
    async with talking(runner=runner, store=store) as session:
        told = events_of(session, "persist_failed")
        with pytest.raises(RuntimeError):
            await session.send("one").result
        assert len(told) == 1
        assert texts((await loaded(store)).timeline) == ["one", "Mock response"]
        assert (await session.send("two").result).response == "Mock response"
        assert session.inspect().persist_error is None


@pytest.mark.parametrize("way", ["mount", "dispatch"])
async def test_whoever_needs_the_session_first_hears_that_the_runner_could_not_begin(way: str) -> None:
    runner: Any = Failing("on_session_init")
    async with talking(agent=Adder, runner=runner) as session:
        with pytest.raises(RuntimeError, match="on_session_init failed"):
            await (session.mount() if way == "mount" else session.dispatch("add", {"a": 1, "b": 2}))
        await session.mount()
        assert runner.count == 2


async def test_a_runner_is_let_go_once_only_if_it_had_begun_and_may_fail_at_it() -> None:
    class Leaving:
        begun = False
        ended: list[str] = []  # noqa: RUF012  one runner only

        def on_session_init(self, session: SessionRef) -> None:
            if session.id != "good":
                raise RuntimeError("no room")

        async def on_destroy(self, session: SessionRef) -> None:
            self.ended.append(session.id)
            raise RuntimeError("stuck")

    runner = Leaving()
    async with create_app(Plain, model=mock(), runner=runner) as app:
        good, bad = await app.session("good"), await app.session("bad")
        told = events_of(good, "error")
        await good.close()
        await good.close()
        await bad.close()
        assert runner.ended == ["good"]
        assert [event.source for event in told] == ["runner.on_destroy"]


async def test_the_sandbox_is_there_until_the_last_tool_has_ended() -> None:
    order: list[str] = []

    @tool
    async def slow() -> str:
        """Take long."""
        try:
            await asyncio.Event().wait()
        finally:
            order.append("tool")
        return ""

    @component
    def Slow() -> Nodes:
        yield slow
        yield Timeline()

    class Leaving:
        def on_destroy(self, session: SessionRef) -> None:
            order.append("destroy")

    async with talking(ScriptedModel(call("slow")), Slow, runner=Leaving()) as session:
        handle = await session.send("hi")
        await seen(handle, "tool_result_start")
        await session.close()
        assert order == ["tool", "destroy"]


async def test_a_persist_that_never_ends_does_not_keep_a_session_from_being_closed() -> None:
    class Stuck:
        async def on_persist(self, session: SessionRef, snapshot: SessionSnapshot) -> None:
            await asyncio.Event().wait()

    store = MemoryStore()
    async with talking(runner=Stuck(), store=store) as session:
        handle = await session.send("hi")
        await seen(handle, "execution_end")
        async with asyncio.timeout(SOON):
            await session.close()
        assert texts((await loaded(store)).timeline) == ["hi", "Mock response"]


async def test_children_have_their_parents_runner_unless_they_are_given_another() -> None:
    ours, theirs = TrackedRunner(), TrackedRunner()
    async with talking(runner=ours, store=MemoryStore()) as session:
        await session.spawn(Plain, "one").result
        await session.spawn(Plain, "two", runner=theirs).result
        async with asyncio.timeout(SOON):
            while theirs.hooks[-1] != "on_destroy":
                await asyncio.sleep(0)
        assert theirs.hooks == ("on_session_init", "transform_compiled", "on_destroy")
        children = {each.about for each in ours.calls if each.hook == "on_session_init"} - {"s"}
        assert len(children) == 1
        assert "on_persist" not in ours.hooks


async def test_a_run_without_a_session_has_the_runner_too() -> None:
    runner = TrackedRunner()
    async with create_app(Plain, model=mock(), store=MemoryStore(), runner=runner) as app:
        await app.run("hi", history=["before"]).result
    assert runner.hooks == ("on_session_init", "transform_compiled", "on_destroy")


async def test_runners_may_share_one_list_of_calls() -> None:
    tracker: list[RunnerCall] = []
    for id in ("a", "b"):
        async with create_app(Plain, model=mock(), runner=TrackedRunner(tracker=tracker)) as app:
            await app.session(id)
    assert tracker == [RunnerCall(hook, id) for id in "ab" for hook in ("on_session_init", "on_destroy")]


async def test_what_is_no_runner_and_what_no_runner_may_give_is_refused() -> None:
    class Camel:
        def transformCompiled(self) -> None: ...

    nonsense: Any = Camel()
    with pytest.raises(ValidationError, match="Camel is no runner"):
        create_app(Plain, runner=nonsense)
    forgotten: Any = TrackedRunner
    with pytest.raises(ValidationError, match="TrackedRunner is a class") as refused:
        create_app(Plain, runner=forgotten)
    assert refused.value.hint == "Make one: TrackedRunner()."

    class Wrong:
        def transform_compiled(self, compiled: Any, tools: Any) -> Any:
            return "nothing"

    async with talking(runner=Wrong()) as session:
        with pytest.raises(ValidationError, match="transform_compiled gave a value of type str"):
            await session.send("hi").result
        await idle(session)
        assert roles(session.timeline) == ["user"]


async def test_a_tracked_runner_answers_with_what_a_function_makes_of_the_call() -> None:
    runner = TrackedRunner(
        intercept_tools={"add": lambda call: f"{call.input['a']} and {call.input['b']}"},
        transform=lambda request: replace(request, system=()),
    )
    model = adding()
    async with talking(model, Adder, runner=runner) as session:
        handle = await session.send("hi")
        await handle.result
        assert result_text(session) == "1 and 2"
        assert model.requests[0].system == ()
        assert "tool_result" in kinds(handle)


async def test_a_child_that_a_tool_spawns_is_the_runners_too() -> None:
    runner = TrackedRunner()

    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "bees").result).response

    @component
    def Asking() -> Nodes:
        yield ask
        yield Timeline()

    def answer(request: ModelRequest) -> Any:
        return call("ask") if request.tools and not any(m.role == "tool" for m in request.messages) else "yes"

    async with talking(FunctionModel(answer), Asking, runner=runner) as session:
        assert (await session.send("hi").result).response == "yes"
        assert runner.hooks.count("transform_compiled") == 3
