"""All the calls of one answer: what runs together, what waits, and what an abort leaves."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.errors import AbortError
from agentick_core.events.orchestration import ToolConfirmationRequired, ToolResultEvent, ToolResultStart
from agentick_core.messages.tool import ToolCall
from agentick_core.tools import run
from agentick_core.tools.confirm import Decision
from agentick_core.tools.execute import cancelled_result, run_tool_call, run_tool_calls
from agentick_core.tools.tool import Tool, create_tool, tool
from tests.core.tools.fake_host import FakeHost, call, failure, soon, text, until


def noting(log: list[str], name: str, **options: Any) -> Tool[..., Any]:
    """A tool that notes when it begins and ends, some turns of the loop apart."""

    async def work() -> str:
        log.append(f"+{name}")
        for _ in range(5):
            await asyncio.sleep(0)
        log.append(f"-{name}")
        return name

    return create_tool(name=name, handler=work, **options)


async def test_neighbours_run_at_once_and_the_results_keep_the_order_of_the_calls() -> None:
    gates = {name: asyncio.Event() for name in "ab"}

    def waiting(name: str, opens: str) -> Callable[[], Any]:
        async def work() -> str:
            gates[opens].set()
            await gates[name].wait()
            return name

        return work

    host = FakeHost(
        create_tool(name="a", handler=waiting("a", "b")), create_tool(name="b", handler=waiting("b", "a"))
    )
    results = await soon(run_tool_calls([call("a"), call("b")], host))
    assert [text(result) for result in results] == ["a", "b"]


async def test_a_tool_that_changes_shared_things_runs_alone_and_in_order() -> None:
    log: list[str] = []
    alone = noting(log, "W", parallel=False)
    host = FakeHost(noting(log, "a"), noting(log, "b"), alone, noting(log, "c"))
    await soon(run_tool_calls([call("a"), call("b"), call("W"), call("c")], host))
    assert log == ["+a", "+b", "-a", "-b", "+W", "-W", "+c", "-c"]


async def test_every_question_is_asked_at_once_and_the_tools_still_run_in_order() -> None:
    log: list[str] = []
    tools = [noting(log, name, parallel=False, requires_confirmation=True) for name in "abc"]
    host = FakeHost(*tools)
    running = asyncio.create_task(run_tool_calls([call("a"), call("b"), call("c")], host))
    await until(lambda: len(host.desk.pending) == 3)
    assert log == []
    for name in "cba":
        host.desk.answer(f"call_{name}", Decision(True))
    await soon(running)
    assert log == ["+a", "-a", "+b", "-b", "+c", "-c"]


async def test_a_refused_call_does_not_let_a_later_one_overtake_an_earlier_one() -> None:
    log: list[str] = []
    host = FakeHost(
        noting(log, "a", parallel=False),
        noting(log, "b", parallel=False, requires_confirmation=True),
        noting(log, "c", parallel=False),
    )
    host.when(ToolConfirmationRequired, lambda event: host.desk.answer(event.call_id, Decision(False)))
    results = await soon(run_tool_calls([call("a"), call("b"), call("c")], host))
    assert log == ["+a", "-a", "+c", "-c"]
    assert [result.success for result in results] == [True, False, True]


async def test_one_call_at_a_time_gives_its_events_one_after_the_other() -> None:
    log: list[str] = []
    host = FakeHost(noting(log, "a", parallel=False), noting(log, "b", parallel=False))
    await soon(run_tool_calls([call("a"), call("b")], host))
    assert host.kinds == ["tool_result_start", "tool_result"] * 2


async def test_no_calls_give_no_results() -> None:
    assert await run_tool_calls([], FakeHost()) == ()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=6)
)
def test_whatever_the_mix_each_call_has_its_result_and_nothing_runs_beside_what_runs_alone(
    mix: list[tuple[bool, bool, bool, bool]],
) -> None:
    async def play() -> None:
        log: list[str] = []
        tools = [
            noting(log, f"t{index}", parallel=parallel, requires_confirmation=asks)
            for index, (parallel, asks, _, _) in enumerate(mix)
        ]
        host = FakeHost(*(each for each, (*_, known) in zip(tools, mix, strict=True) if known))
        host.when(
            ToolConfirmationRequired,
            lambda event: host.desk.answer(event.call_id, Decision(mix[int(event.name[1:])][2])),
        )
        calls = [call(each.name) for each in tools]
        results = await soon(run_tool_calls(calls, host))
        assert [result.call_id for result in results] == [each.call_id for each in calls]
        assert sorted(e.call_id for e in host.of(ToolResultEvent)) == sorted(each.call_id for each in calls)
        for position, note in enumerate(log):
            if note[0] == "+" and not mix[int(note[2:])][0]:
                assert log[position + 1] == f"-{note[1:]}", "it runs alone"
        alone = [note for note in log if note[0] == "+" and not mix[int(note[2:])][0]]
        assert alone == sorted(alone)

    asyncio.run(play())


async def test_an_abort_cancels_what_runs_and_every_call_still_has_a_result() -> None:
    cleaned = asyncio.Event()

    @tool(parallel=False)
    async def endless() -> None:
        """Go on."""
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    log: list[str] = []
    host = FakeHost(endless, noting(log, "later"))
    running = asyncio.create_task(run_tool_calls([call("endless"), call("later"), call("nope")], host))
    await until(lambda: len(host.of(ToolResultStart)) == 1)
    await asyncio.sleep(0)
    host.token.cancel("enough")
    results = await soon(running)
    assert [failure(result) for result in results] == ["ABORT_ERROR"] * 3
    assert [result.failure.error for result in results if result.failure] == [
        'Tool "endless" was cancelled',
        'Tool "later" was cancelled before it ran',
        'Tool "nope" was cancelled before it ran',
    ]
    assert results[0].failure is not None
    assert results[0].failure.details == {"name": "AbortError", "code": "ABORT_SIGNAL", "reason": "enough"}
    assert cleaned.is_set()
    assert log == []
    assert len(host.of(ToolResultEvent)) == 3


async def test_an_abort_leaves_the_outcome_of_a_synchronous_tool_unknown() -> None:
    release, began = threading.Event(), threading.Event()

    @tool
    def stubborn() -> None:
        """Go on."""
        began.set()
        release.wait(5)

    host = FakeHost(stubborn)
    running = asyncio.create_task(run_tool_call(call("stubborn"), host))
    await until(began.is_set)
    host.token.cancel()
    result = await soon(running)
    assert result.failure is not None
    assert result.failure.error == 'Tool "stubborn" was cancelled, outcome unknown'
    release.set()
    assert await host.threads.join(5)


async def test_a_tool_that_will_not_be_cancelled_does_not_hold_the_abort_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "GRACE", 0.01)
    release = asyncio.Event()

    @tool
    async def deaf() -> None:
        """Go on whatever happens."""
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    host = FakeHost(deaf.replace(timeout=0.01))
    result = await soon(run_tool_call(call("deaf"), host))
    assert result.failure is not None
    assert result.failure.error == 'Tool "deaf" timed out after 10ms: cancelled, outcome unknown'
    release.set()
    assert await host.threads.join(5)


async def test_whoever_dispatched_gets_the_abort_as_an_error() -> None:
    @tool
    async def endless() -> None:
        """Go on."""
        await asyncio.Event().wait()

    host = FakeHost(endless)
    running = asyncio.create_task(run_tool_call(call("endless"), host, origin="user"))
    await until(lambda: bool(host.events))
    host.token.cancel("enough", code="ABORT_CANCELLED")
    with pytest.raises(AbortError) as aborted:
        await soon(running)
    assert (aborted.value.code, aborted.value.reason) == ("ABORT_CANCELLED", "enough")


async def test_cancelling_the_caller_cancels_the_tool_and_is_not_swallowed() -> None:
    ended = asyncio.Event()

    @tool
    async def endless() -> None:
        """Go on."""
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    host = FakeHost(endless)
    running = asyncio.create_task(run_tool_calls([call("endless"), call("endless")], host))
    await until(lambda: len(host.of(ToolResultStart)) == 2)
    for _ in range(5):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(running)
    assert ended.is_set()
    assert [event.error_type for event in host.of(ToolResultEvent)] == ["ABORT_ERROR"] * 2


async def test_a_guard_that_hangs_is_stopped_by_an_abort_too() -> None:
    async def hang(*_: object) -> Any:
        await asyncio.Event().wait()

    log: list[str] = []
    host = FakeHost(noting(log, "a"))
    host.layers.append(hang)
    running = asyncio.create_task(run_tool_call(call("a"), host))
    await until(lambda: bool(host.events))
    host.token.cancel()
    assert failure(await soon(running)) == "ABORT_ERROR"


def test_a_call_that_never_began_can_be_given_a_result() -> None:
    result = cancelled_result(ToolCall("1", "add"), AbortError(code="ABORT_TIMEOUT", reason="late"))
    assert failure(result) == "TIMEOUT_ERROR"
    assert failure(cancelled_result(ToolCall("1", "add"))) == "ABORT_ERROR"
