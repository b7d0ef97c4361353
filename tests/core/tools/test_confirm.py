"""Asking a person: who is asked, what is shown, what the answer changes, and which rules answer by themselves."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentick_core.errors import AbortError, ValidationError
from agentick_core.events.model import ErrorEvent
from agentick_core.events.orchestration import ToolConfirmationRequired, ToolConfirmationResult
from agentick_core.messages.blocks import JsonBlock
from agentick_core.procedures.middleware import Invocation, Next
from agentick_core.tools.confirm import (
    ALLOW_KEY,
    AllowRule,
    ConfirmationDesk,
    ConfirmationRequest,
    Decision,
)
from agentick_core.tools.execute import run_tool_call, run_tool_calls
from agentick_core.tools.tool import tool
from tests.core.tools.fake_host import FakeHost, call, failure, soon, text, until


@tool(requires_confirmation=True)
async def double(n: int) -> int:
    """Double."""
    return 2 * n


def answering(host: FakeHost, decision: Decision) -> FakeHost:
    """Answer every request from inside its event."""
    host.when(ToolConfirmationRequired, lambda event: host.desk.answer(event.call_id, decision))
    return host


async def test_an_approval_from_inside_the_event_is_not_lost() -> None:
    host = answering(FakeHost(double), Decision(True))
    assert (await soon(run_tool_call(call("double", n=2), host))).content == (JsonBlock(4),)
    assert host.kinds == [
        "tool_result_start", "tool_confirmation_required", "tool_confirmation_result", "tool_result",
    ]  # fmt: skip
    [asked] = host.of(ToolConfirmationRequired)
    assert (asked.name, asked.input, asked.message) == ("double", {"n": 2}, "Allow double to execute?")
    assert (asked.rule, asked.metadata) == ("tool", None)


async def test_an_approval_may_come_later_and_only_once() -> None:
    host = FakeHost(double)
    running = asyncio.create_task(run_tool_call(call("double", n=2), host))
    await until(lambda: bool(host.desk.pending))
    assert not host.desk.answer("another call", Decision(True))
    assert host.desk.answer("call_double", Decision(True))
    assert not host.desk.answer("call_double", Decision(False))
    assert (await soon(running)).success
    assert not host.desk.answer("call_double", Decision(True))


async def test_the_model_reads_the_reason_of_a_refusal_and_the_tool_does_not_run() -> None:
    host = answering(FakeHost(double), Decision(False, "not today"))
    result = await soon(run_tool_call(call("double", n=2), host))
    assert text(result) == "Tool execution was denied by user. Reason: not today"
    assert failure(result) == "TOOL_DENIED"
    [told] = host.of(ToolConfirmationResult)
    assert (told.confirmed, told.reason, told.always) == (False, "not today", False)


async def test_edited_arguments_are_what_runs_and_the_guards_see_them_too() -> None:
    seen: list[object] = []

    async def watch(invocation: Invocation, next: Next) -> Any:
        seen.append(invocation.args[0].input)
        return await next(invocation)

    host = answering(FakeHost(double), Decision(True, input={"n": "99"}))
    host.layers.append(watch)
    assert (await soon(run_tool_call(call("double", n=1), host))).content == (JsonBlock(198),)
    assert seen == [{"n": 1}, {"n": 99}]


async def test_edited_arguments_that_do_not_fit_do_not_run() -> None:
    host = answering(FakeHost(double), Decision(True, input={"n": "many"}))
    assert failure(await soon(run_tool_call(call("double", n=1), host))) == "VALIDATION_ERROR"


async def test_always_is_remembered_in_the_state_as_plain_json() -> None:
    host = answering(FakeHost(double), Decision(True, always=True))
    for _ in range(3):
        assert (await soon(run_tool_call(call("double", n=1), host))).success
    assert len(host.of(ToolConfirmationRequired)) == 1
    assert host.of(ToolConfirmationResult)[0].always
    assert host.state.values == {ALLOW_KEY: [{"tool": "double", "origin": "session"}]}


async def test_a_rule_answers_those_who_wait_already() -> None:
    host = FakeHost(double, double.replace(name="other"))
    calls = [call("double", n=1), call("other", n=2), call("double", n=3)]
    calls = [type(each)(f"{index}", each.name, each.input) for index, each in enumerate(calls)]
    running = asyncio.create_task(run_tool_calls(calls, host))
    await until(lambda: len(host.desk.pending) == 3)
    host.desk.answer("0", Decision(True, always=True))
    await until(lambda: [request.call_id for request in host.desk.pending] == ["1"])
    host.desk.answer("1", Decision(False))
    assert [result.success for result in await soon(running)] == [True, False, True]


async def test_a_rule_for_equal_input_covers_no_other_input() -> None:
    rule = AllowRule("double", input={"n": 1})
    host = answering(FakeHost(double), Decision(True, always=rule))
    for n in (1, 1, 2):
        await soon(run_tool_call(call("double", n=n), host))
    assert [event.input for event in host.of(ToolConfirmationRequired)] == [{"n": 1}, {"n": 2}]


async def test_a_predicate_decides_per_call_and_asks_when_it_fails() -> None:
    async def large(input: Mapping[str, Any]) -> bool:
        return input["n"] > 10

    def broken(input: Mapping[str, Any]) -> bool:
        raise KeyError(input["n"])

    host = answering(FakeHost(double.replace(requires_confirmation=large)), Decision(True))
    for n in (1, 11):
        await soon(run_tool_call(call("double", n=n), host))
    [asked] = host.of(ToolConfirmationRequired)
    assert (asked.input, asked.rule) == ({"n": 11}, "predicate")

    unsure = answering(FakeHost(double.replace(requires_confirmation=broken)), Decision(False))
    assert failure(await soon(run_tool_call(call("double", n=1), unsure))) == "TOOL_DENIED"
    assert unsure.of(ErrorEvent)[0].source == "double.requires_confirmation"


async def test_the_question_has_the_tools_own_words_key_and_preview() -> None:
    def preview(input: Mapping[str, Any], deps: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"type": "diff", "diff": f"{input['n']} {deps['db']}"}

    asked_for = double.replace(
        confirmation_message=lambda input: f"Really {input['n']}?",
        approval_key=lambda input: f"n={input['n']}",
        confirmation_preview=preview,
    )
    host = answering(FakeHost(asked_for, deps={"double": {"db": "DB"}}), Decision(True))
    await soon(run_tool_call(call("double", n=5), host))
    [asked] = host.of(ToolConfirmationRequired)
    assert (asked.message, asked.approval_key) == ("Really 5?", "n=5")
    assert asked.metadata == {"type": "diff", "diff": "5 DB"}


async def test_a_message_or_preview_that_raises_leaves_a_plain_question() -> None:
    def fail(*_: object) -> Any:
        raise RuntimeError("no")

    broken = double.replace(confirmation_message=fail, confirmation_preview=fail, approval_key=fail)
    host = answering(FakeHost(broken), Decision(True))
    assert (await soon(run_tool_call(call("double", n=5), host))).success
    [asked] = host.of(ToolConfirmationRequired)
    assert (asked.message, asked.metadata, asked.approval_key) == ("Allow double to execute?", None, None)


async def test_the_host_is_asked_before_the_person_and_may_ask_on() -> None:
    async def ask(request: ConfirmationRequest) -> Decision | None:
        return None if request.input["n"] == 1 else Decision(True, always=True)

    host = answering(FakeHost(double, ask=ask), Decision(False))
    assert failure(await soon(run_tool_call(call("double", n=1), host))) == "TOOL_DENIED"
    assert (await soon(run_tool_call(call("double", n=2), host))).success
    assert (await soon(run_tool_call(call("double", n=1), host))).success, "always made a rule"
    assert len(host.of(ToolConfirmationRequired)) == 1


async def test_a_host_that_fails_or_says_something_else_leaves_it_to_the_person() -> None:
    def fail(_: ConfirmationRequest) -> Any:
        raise RuntimeError("no")

    for ask in (fail, lambda _: "yes"):  # pyright: ignore[reportUnknownVariableType, reportUnknownLambdaType]  # wrong on purpose
        host = answering(FakeHost(double, ask=ask), Decision(False))  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]  # wrong on purpose
        assert failure(await soon(run_tool_call(call("double", n=1), host))) == "TOOL_DENIED"
        assert host.of(ErrorEvent)[0].source == "on_tool_confirmation"


async def test_a_host_may_say_yes_or_no() -> None:
    for answer in (True, False):
        host = FakeHost(double, ask=lambda _, answer=answer: answer)
        result = await soon(run_tool_call(call("double", n=1), host))
        assert result.success is answer
        assert host.of(ToolConfirmationRequired) == []


async def test_a_rule_of_the_host_needs_no_question() -> None:
    host = FakeHost(double, allow=[AllowRule("double", origin="project")])
    assert (await soon(run_tool_call(call("double", n=1), host))).success
    assert host.of(ToolConfirmationRequired) == []


async def test_waiting_for_a_person_does_not_count_as_time_of_the_tool() -> None:
    host = FakeHost(double.replace(timeout=0.02))
    running = asyncio.create_task(run_tool_call(call("double", n=1), host))
    await until(lambda: bool(host.desk.pending))
    done, _ = await asyncio.wait((running,), timeout=0.05)
    assert not done
    host.desk.answer("call_double", Decision(True))
    assert (await soon(running)).success


async def test_an_abort_ends_the_wait_for_a_person() -> None:
    host = FakeHost(double)
    running = asyncio.create_task(run_tool_call(call("double", n=1), host))
    await until(lambda: bool(host.desk.pending))
    host.token.cancel("enough")
    assert failure(await soon(running)) == "ABORT_ERROR"
    assert host.desk.pending == ()
    assert host.kinds[-1] == "tool_result"


async def test_those_who_wait_can_all_be_let_go_with_an_error() -> None:
    host = FakeHost(double)
    running = asyncio.create_task(run_tool_call(call("double", n=1), host))
    await until(lambda: bool(host.desk.pending))
    host.desk.cancel_all(AbortError("Session is closed"))
    assert failure(await soon(running)) == "ABORT_ERROR"


def request(tool: str = "bash", key: str | None = None, **input: Any) -> ConfirmationRequest:
    return ConfirmationRequest(call_id="1", name=tool, input=input, approval_key=key)


@pytest.mark.parametrize(
    ("rule", "covered", "other"),
    [
        (AllowRule("bash"), request(command="ls"), request("rm")),
        (AllowRule("bash", argument="n", exact=1), request(n=1), request(n=True)),
        (AllowRule("bash", argument="n", exact=None), request(n=None), request()),
        (
            AllowRule("bash", argument="command", prefix="git "),
            request(command="git log"),
            request(command="gitk"),
        ),
        (
            AllowRule("bash", argument="command", prefix="git "),
            request(command="git "),
            request(command=["git "]),
        ),
        (AllowRule("bash", key="git"), request(key="git", x=1), request(x=1)),
        (AllowRule("bash", input={"a": 1, "b": 2}), request(b=2, a=1), request(a=1)),
        (AllowRule("bash", input={}), request(), request(a=1)),
    ],
)
def test_a_rule_covers_what_it_says_and_nothing_else(
    rule: AllowRule, covered: ConfirmationRequest, other: ConfirmationRequest
) -> None:
    assert rule.covers(covered)
    assert not rule.covers(other)
    assert AllowRule.from_json(rule.to_json()) == rule


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.text(), json_values, max_size=3), st.dictionaries(st.text(), json_values, max_size=3)
)
def test_a_rule_for_exact_input_covers_that_input_alone(one: dict[str, Any], other: dict[str, Any]) -> None:
    rule = AllowRule.from_json(AllowRule("bash", input=one).to_json())
    assert rule.covers(ConfirmationRequest(call_id="1", name="bash", input=one))
    if repr(sorted(one.items(), key=str)) != repr(sorted(other.items(), key=str)) and one != other:
        assert not rule.covers(ConfirmationRequest(call_id="1", name="bash", input=other))


@pytest.mark.parametrize(
    "data",
    [{}, {"tool": ""}, {"tool": 1}, {"tool": "x", "new": 1}, {"tool": "x", "prefix": "a"},
     {"tool": "x", "argument": 1}, {"tool": "x", "input": []}, {"tool": "x", "exact": 1}],
)  # fmt: skip
def test_what_is_no_rule_allows_nothing(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AllowRule.from_json(data)
    host = FakeHost()
    host.state.values[ALLOW_KEY] = [data, {"tool": "fine"}]
    assert [rule.tool for rule in host.rules.all] == ["fine"]


def test_an_answer_is_read_from_the_names_of_the_wire() -> None:
    data = {"approved": True, "reason": "ok", "modifiedArguments": {"n": 1}, "always": True}
    assert Decision.from_wire(data) == Decision(True, "ok", {"n": 1}, True)
    ruled = Decision.from_wire({"approved": True, "always": {"tool": "bash", "key": "git"}})
    assert ruled.always == AllowRule("bash", key="git")


@pytest.mark.parametrize(
    "data",
    [{}, {"approved": "true"}, {"approved": 1}, {"approved": True, "reason": 1},
     {"approved": True, "modifiedArguments": "x"}, {"approved": True, "always": "yes"}],
)  # fmt: skip
def test_only_a_true_is_a_yes(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Decision.from_wire(data)


def test_a_refusal_makes_no_rule() -> None:
    assert Decision(False, always=True).rule_for(request()) is None


async def test_no_rule_answers_for_the_sandbox() -> None:
    desk = ConfirmationDesk()
    asked = ConfirmationRequest(call_id="1", name="bash", rule="sandbox")
    with desk.opened("1", asked) as answered:
        desk.apply(AllowRule("bash"))
        assert not answered.done()
