"""One call from the model or from a person: what runs, what comes back, what is told on the way."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agentick_core.errors import (
    GuardError,
    NotFoundError,
    ToolDenied,
    ToolError,
    ToolInputError,
    ToolResultError,
)
from agentick_core.events.orchestration import (
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.messages.blocks import JsonBlock, TextBlock
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.ambient import Ambient, current, entered
from agentick_core.procedures.middleware import Invocation, Next
from agentick_core.tools.confirm import Decision
from agentick_core.tools.context import ToolContext
from agentick_core.tools.execute import result_block, run_tool_call
from agentick_core.tools.tool import Tool, create_tool, tool
from tests.core.tools.fake_host import FakeHost, call, failure, soon, text


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@tool
async def kaboom() -> None:
    """Fail."""
    raise RuntimeError("kaboom")


def error_of(result: ToolResult) -> dict[str, Any]:
    block = result.content[0]
    assert isinstance(block, TextBlock)
    return json.loads(block.text)


async def test_a_call_gives_the_blocks_of_the_tool_and_two_events() -> None:
    host = FakeHost(add)
    result = await run_tool_call(call("add", a=2, b=3), host)
    assert result.success
    assert result.content == (JsonBlock(5),)
    assert host.kinds == ["tool_result_start", "tool_result"]
    start, end = host.of(ToolResultStart)[0], host.of(ToolResultEvent)[0]
    assert (start.call_id, start.name, start.origin, start.input) == (
        "call_add",
        "add",
        "model",
        {"a": 2, "b": 3},
    )
    assert (end.result, end.is_error, end.executed_by) == ((JsonBlock(5),), False, "engine")
    assert 0 < result.started_at <= result.completed_at


async def test_an_unknown_tool_is_a_failure_that_the_model_reads() -> None:
    result = await run_tool_call(call("nope"), FakeHost())
    assert error_of(result) == {
        "error": 'Tool "nope" is not available',
        "error_type": "TOOL_NOT_FOUND",
        "error_details": {"name": "ToolError", "code": "TOOL_NOT_FOUND"},
    }
    assert result_block(result).is_error


async def test_a_tool_for_people_is_unknown_to_the_model() -> None:
    host = FakeHost(add.replace(audience="user"))
    assert failure(await run_tool_call(call("add", a=1, b=1), host)) == "TOOL_NOT_FOUND"
    assert (await run_tool_call(call("add", a=1, b=1), host, origin="user")).success


async def test_arguments_that_do_not_fit_never_reach_the_tool_and_the_model_reads_why() -> None:
    host = FakeHost(add)
    result = await run_tool_call(call("add", a="one"), host)
    told = error_of(result)
    assert told["error"].startswith("Validation failed: a: ")
    assert told["error_type"] == "VALIDATION_ERROR"
    assert [issue["path"] for issue in told["error_details"]["issues"]] == ["a", "b"]


async def test_a_tool_that_raises_gives_a_failure_with_its_words() -> None:
    result = await run_tool_call(call("kaboom"), FakeHost(kaboom))
    assert error_of(result) == {
        "error": "kaboom",
        "error_type": "APPLICATION_ERROR",
        "error_details": {"name": "RuntimeError"},
    }


async def test_the_log_has_the_traceback_of_a_tool_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="agentick"):
        await run_tool_call(call("kaboom"), FakeHost(kaboom))
    assert "in kaboom" in caplog.text


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (TimeoutError("late"), "TIMEOUT_ERROR"),
        (ConnectionRefusedError("no"), "NETWORK_ERROR"),
        (GuardError("no"), "GUARD_DENIED"),
        (ToolError("no", code="MINE"), "MINE"),
        (StopIteration("x"), "APPLICATION_ERROR"),
        (SystemExit(3), "APPLICATION_ERROR"),
        (KeyError(), "APPLICATION_ERROR"),
    ],
)
@pytest.mark.parametrize("sync", [True, False])
async def test_what_a_tool_raises_is_told_by_its_kind(raised: BaseException, kind: str, sync: bool) -> None:
    def fail() -> None:
        raise raised

    async def fail_later() -> None:
        raise raised

    made = create_tool(name="fail", handler=fail if sync else fail_later)
    result = await soon(run_tool_call(call("fail"), FakeHost(made)))
    told = error_of(result)
    assert told["error"]
    assert told["error_type"] == kind


@pytest.mark.parametrize("sync", [True, False])
async def test_a_cancellation_that_a_tool_raises_itself_is_a_failure_of_the_tool(sync: bool) -> None:
    def sync_self() -> None:
        raise asyncio.CancelledError

    async def async_self() -> None:
        raise asyncio.CancelledError

    made = create_tool(name="x", handler=sync_self if sync else async_self)
    assert failure(await soon(run_tool_call(call("x"), FakeHost(made)))) == "APPLICATION_ERROR"


async def test_a_result_that_is_none_is_told_to_the_model_in_words() -> None:
    @tool
    def quiet() -> None:
        """Say nothing."""

    result = await run_tool_call(call("quiet"), FakeHost(quiet))
    assert result.content == ()
    assert result_block(result).content == (TextBlock("(no output)"),)


async def test_a_result_that_is_none_of_ours_is_a_failure() -> None:
    odd = create_tool(name="odd", handler=object)
    assert failure(await run_tool_call(call("odd"), FakeHost(odd))) == "INVALID_RETURN_TYPE"


async def test_blocks_that_come_one_by_one_are_all_in_the_result() -> None:
    @tool
    async def count() -> AsyncIterator[str]:
        """Count."""
        yield "one"
        yield "two"

    assert text(await run_tool_call(call("count"), FakeHost(count))) == "one|two"


async def test_the_tool_gets_context_dependencies_and_the_ambient_context() -> None:
    seen: dict[str, object] = {}

    @tool
    async def look(ctx: ToolContext, db: str) -> str:
        """Look."""
        seen.update(call=ctx.call_id, origin=ctx.origin, ambient=current())
        return db

    host = FakeHost(look, deps={"look": {"db": "DB"}})
    with entered(Ambient(user="ann", session_id="s")):
        result = await run_tool_call(call("look"), host)
        assert current().call_id is None
    assert text(result) == "DB"
    ambient = seen["ambient"]
    assert isinstance(ambient, Ambient)
    assert (ambient.user, ambient.session_id, ambient.call_id) == ("ann", "s", "call_look")
    assert (seen["call"], seen["origin"]) == ("call_look", "model")


async def test_a_synchronous_tool_runs_in_a_thread_with_the_context_of_the_call() -> None:
    @tool
    def where() -> list[str]:
        """Tell where."""
        return [str(threading.current_thread() is threading.main_thread()), str(current().call_id)]

    assert text(await run_tool_call(call("where"), FakeHost(where))) == "False|call_where"


async def test_beat_50_a_result_that_is_too_long_is_cut_and_kept_whole(tmp_path: Path) -> None:
    @tool(max_result=100)
    async def long() -> str:
        """Be long."""
        return "a" * 1000 + "z" * 1000

    host = FakeHost(long, folder=tmp_path / "results")
    head, note, tail = (await run_tool_call(call("long"), host)).content
    assert (head, tail) == (TextBlock("a" * 50), TextBlock("z" * 50))
    assert isinstance(note, TextBlock)
    assert "1,900 of 2,000 characters" in note.text
    [kept] = (tmp_path / "results").iterdir()
    assert str(kept) in note.text
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_an_output_tool_is_recorded_and_has_a_result_and_no_runner() -> None:
    class Runner:
        async def execute_tool_call(
            self, call: ToolCall, tool: Tool[..., Any] | None, next: Callable[..., Awaitable[ToolResult]]
        ) -> ToolResult:
            raise AssertionError(call)

    answer = create_tool(name="answer", type="output", input={"properties": {"n": {"type": "integer"}}})
    host = FakeHost(answer, runner=Runner())
    assert text(await run_tool_call(call("answer", n=1), host)) == "Recorded."
    assert host.outputs == {"answer": {"n": 1}}
    assert failure(await run_tool_call(call("answer", n="x"), host)) == "VALIDATION_ERROR"


async def test_a_provider_tool_is_not_run_here() -> None:
    made = create_tool(name="web", type="provider")
    assert failure(await run_tool_call(call("web"), FakeHost(made))) == "INVALID_EXECUTION_TYPE"


async def test_a_tool_whose_time_is_up_is_cancelled() -> None:
    ended = asyncio.Event()

    @tool(timeout=0.01)
    async def slow() -> None:
        """Be slow."""
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    result = await soon(run_tool_call(call("slow"), FakeHost(slow)))
    assert failure(result) == "TIMEOUT_ERROR"
    assert error_of(result)["error"] == 'Tool "slow" timed out after 10ms'
    assert ended.is_set()


async def test_the_outcome_of_a_synchronous_tool_whose_time_is_up_is_unknown() -> None:
    release = threading.Event()

    @tool(timeout=0.01)
    def slow() -> None:
        """Be slow."""
        release.wait(5)

    host = FakeHost(slow)
    result = await soon(run_tool_call(call("slow"), host))
    assert error_of(result)["error"] == 'Tool "slow" timed out after 10ms: cancelled, outcome unknown'
    assert not await host.threads.join(0)
    release.set()
    assert await host.threads.join(5)


async def test_a_client_tool_that_needs_no_answer_has_its_default() -> None:
    plain = create_tool(name="show", type="client")
    assert text(await run_tool_call(call("show"), FakeHost(plain))) == "[show rendered on client]"
    given = plain.replace(default_result="shown")
    assert text(await run_tool_call(call("show"), FakeHost(given))) == "shown"


async def test_a_client_tool_is_answered_even_from_inside_the_event() -> None:
    pick = create_tool(name="pick", type="client", requires_response=True)
    host = FakeHost(pick)
    host.when(ToolResultStart, lambda event: host.answers.answer(event.call_id, {"picked": 1}))
    result = await soon(run_tool_call(call("pick"), host))
    assert (result.content, result.executed_by) == ((JsonBlock({"picked": 1}),), "client")
    assert not host.answers.answer("call_pick", "late")


async def test_a_client_that_does_not_answer_is_a_failure() -> None:
    pick = create_tool(name="pick", type="client", requires_response=True, timeout=0.01)
    result = await soon(run_tool_call(call("pick"), FakeHost(pick)))
    assert failure(result) == "CLIENT_TOOL_ERROR"
    assert error_of(result)["error"] == "Client tool 'call_pick' timed out after 10ms"


async def test_middleware_sees_the_call_may_change_it_and_may_refuse_it() -> None:
    seen: list[object] = []

    async def watch(invocation: Invocation, next: Next) -> Any:
        seen.append((invocation.name, invocation.args[0].input, invocation.metadata["origin"]))
        result = await next(invocation)
        seen.append(result.content)
        return result

    async def double(invocation: Invocation, next: Next) -> Any:
        given = invocation.args[0]
        return await next(invocation.replace(ToolCall(given.call_id, given.name, {**given.input, "a": "20"})))

    host = FakeHost(add)
    host.layers += [watch, double]
    assert (await run_tool_call(call("add", a=1, b=2), host)).content == (JsonBlock(22),)
    assert seen == [("tool:run", {"a": 1, "b": 2}, "model"), (JsonBlock(22),)]

    async def refuse(invocation: Invocation, next: Next) -> Any:
        raise GuardError(f"{invocation.args[0].name} is forbidden")

    guarded = FakeHost(add.replace(middleware=[refuse]))
    assert failure(await run_tool_call(call("add", a=1, b=2), guarded)) == "GUARD_DENIED"
    with pytest.raises(GuardError, match="add is forbidden"):
        await run_tool_call(call("add", a=1, b=2), guarded, origin="user")


async def test_middleware_meets_the_error_that_the_tool_raised() -> None:
    async def mend(invocation: Invocation, next: Next) -> Any:
        try:
            return await next(invocation)
        except RuntimeError as error:
            return f"mended {error}"

    host = FakeHost(kaboom, runner=PassOn())
    host.layers.append(mend)
    assert text(await run_tool_call(call("kaboom"), host)) == "mended kaboom"


class PassOn:
    """A runner that hands every call on, and notes what came back."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool, bool]] = []

    async def execute_tool_call(
        self, call: ToolCall, tool: Tool[..., Any] | None, next: Callable[..., Awaitable[ToolResult]]
    ) -> ToolResult:
        result = await next()
        self.seen.append((call.name, tool is not None, result.success))
        return result


async def test_a_runner_stands_before_every_call_of_the_model_and_sees_failures_as_results() -> None:
    runner = PassOn()
    host = FakeHost(add, kaboom, runner=runner)
    await run_tool_call(call("add", a=1, b=2), host)
    assert failure(await run_tool_call(call("kaboom"), host)) == "APPLICATION_ERROR"
    assert failure(await run_tool_call(call("nope"), host)) == "TOOL_NOT_FOUND"
    await run_tool_call(call("add", a=1, b=2), host, origin="user")
    assert runner.seen == [("add", True, True), ("kaboom", True, False), ("nope", False, False)]


async def test_a_runner_may_answer_in_a_tools_place_and_one_that_raises_says_so() -> None:
    class Answer:
        async def execute_tool_call(self, call: ToolCall, *_: object) -> ToolResult:
            if call.name == "add":
                raise RuntimeError("no runner today")
            return ToolResult(call.call_id, call.name, (TextBlock("instead"),))

    host = FakeHost(add, kaboom, runner=Answer())
    assert text(await run_tool_call(call("kaboom"), host)) == "instead"
    told = error_of(await run_tool_call(call("add", a=1, b=2), host))
    assert told["error"] == "Tool execution failed: no runner today"


async def test_a_person_who_dispatches_gets_typed_errors() -> None:
    host = FakeHost(add, kaboom, create_tool(name="odd", handler=object))
    with pytest.raises(NotFoundError, match=r"(?m)^Unknown command: nope$"):
        await run_tool_call(call("nope"), host, origin="user")
    with pytest.raises(ToolInputError, match=r"^Validation failed: b: "):
        await run_tool_call(call("add", a=1), host, origin="user")
    with pytest.raises(RuntimeError, match=r"^kaboom$"):
        await run_tool_call(call("kaboom"), host, origin="user")
    with pytest.raises(ToolResultError, match=r"(?m)^Unexpected tool result type: object$"):
        await run_tool_call(call("odd"), host, origin="user")


async def test_a_dispatch_by_alias_runs_the_tool_under_its_own_name() -> None:
    host = FakeHost(add.replace(aliases=["sum"]))
    result = await run_tool_call(call("sum", a=1, b=1), host, origin="user")
    assert result.name == "add"
    assert [(event.name, event.origin) for event in host.of(ToolResultEvent)] == [("add", "user")]


async def test_a_dispatch_asks_only_where_it_is_told_to() -> None:
    host = FakeHost(add.replace(requires_confirmation=True), ask=lambda _: Decision(False, "no"))
    assert (await run_tool_call(call("add", a=1, b=1), host, origin="user", confirm=False)).success
    with pytest.raises(ToolDenied) as denied:
        await run_tool_call(call("add", a=1, b=1), host, origin="user")
    assert denied.value.reason == "no"
