"""Tools and callers gone wrong: every call still gets one result, of a length that a model can read."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from agentick_core.errors import ToolError, ValidationError
from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures.middleware import Invocation, Next
from agentick_core.tools.confirm import ALLOW_KEY, AllowRule, ConfirmationRequest, Decision
from agentick_core.tools.execute import run_tool_call, run_tool_calls
from agentick_core.tools.host import RunOn
from agentick_core.tools.sandbox import SandboxAccessError
from agentick_core.tools.tool import Tool, create_tool, tool
from tests.core.tools.fake_host import FakeHost, call, failure, soon, text

GIANT = "x" * 1_000_000


class NoError(BaseException):
    """What is raised and is no Exception."""


class Mute(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "raised", [NoError("n"), GeneratorExit(), SystemExit(1), asyncio.CancelledError(), Mute()]
)
async def test_whatever_a_tool_raises_is_the_result_of_its_call_alone(raised: BaseException) -> None:
    async def raise_it() -> str:
        raise raised

    def raise_it_in_a_thread() -> str:
        raise raised

    host = FakeHost(
        create_tool(name="one", handler=raise_it),
        create_tool(name="two", handler=raise_it_in_a_thread),
        create_tool(name="fine", handler=lambda: "fine"),
    )
    one, two, fine = await soon(run_tool_calls([call("one"), call("two"), call("fine")], host))
    assert (one.success, two.success, text(fine)) == (False, False, "fine")


async def test_ctrl_c_out_of_a_thread_does_not_end_the_program() -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    host = FakeHost(create_tool(name="interrupt", handler=interrupt))
    assert failure(await soon(run_tool_call(call("interrupt"), host))) == "APPLICATION_ERROR"


@tool
async def total(numbers: list[int]) -> int:
    """Add them."""
    return sum(numbers)


@pytest.mark.parametrize("given", [{"numbers": ["x"] * 20_000}, {GIANT: 1}, {"numbers": GIANT}])
async def test_the_answer_to_giant_wrong_arguments_is_short(given: dict[str, Any]) -> None:
    result = await soon(run_tool_call(ToolCall("1", "total", given), FakeHost(total)))
    assert failure(result) == "VALIDATION_ERROR"
    assert len(text(result)) < 25_000


@pytest.mark.parametrize("details", [{"a": GIANT}, {("a", "b"): 1}])
async def test_details_that_cannot_be_read_are_left_out(details: Any) -> None:
    async def fail() -> str:
        raise ToolError("no", details=details)

    result = await soon(run_tool_call(call("fail"), FakeHost(create_tool(name="fail", handler=fail))))
    assert result.failure is not None
    assert result.failure.details == {"name": "ToolError", "code": "TOOL_ERROR"}


class Generous:
    """A runner that answers everything itself, at length."""

    async def execute_tool_call(
        self, call: ToolCall, tool: Tool[..., Any] | None, next: RunOn, /
    ) -> ToolResult:
        return ToolResult(call.call_id, call.name, (TextBlock(GIANT),))


async def generous(_: Invocation, next: Next) -> Any:
    """Answer at length in the tool's place."""
    return GIANT


async def test_a_giant_result_is_cut_whoever_gave_it() -> None:
    host = FakeHost(total)
    host.layers.append(generous)
    assert len(text(await soon(run_tool_call(call("total", numbers=[1]), host)))) < 51_000
    for name in ("total", "unknown"):
        result = await soon(run_tool_call(call(name, numbers=[1]), FakeHost(total, runner=Generous())))
        assert len(text(result)) < 51_000


async def test_arguments_changed_in_place_are_what_is_asked_about_and_what_runs() -> None:
    @tool(requires_confirmation=True)
    async def spend(amount: int) -> int:
        """Spend."""
        return amount

    def change(invocation: Invocation, next: Next) -> Awaitable[Any]:
        invocation.args[0].input["amount"] = 2
        return next(invocation)

    host = FakeHost(spend, ask=lambda asked: Decision(asked.input == {"amount": 2}))
    host.layers.append(change)
    result = await soon(run_tool_call(call("spend", amount=1), host))
    assert "2" in str(result.content)


async def test_a_call_edited_at_the_door_of_the_sandbox_is_what_runs() -> None:
    log: list[object] = []

    async def read(given: dict[str, str]) -> str:
        log.append(given["path"])
        if given["path"] == "/secret":
            raise SandboxAccessError("outside", requested_path="/secret", recover=log.append)
        return "content"

    reader = create_tool(name="read", handler=read, input={"required": ["path"]})
    host = FakeHost(reader, ask=lambda _: Decision(True, input={"path": "/safe"}))
    assert text(await soon(run_tool_call(call("read", path="/secret"), host))) == "content"
    assert log == ["/secret", "/safe"]


async def test_what_a_tool_says_about_its_question_is_left_out_where_it_is_no_text() -> None:
    def wrong(*_: object) -> Any:
        return 5

    @tool(
        requires_confirmation=True, confirmation_message=wrong, approval_key=wrong, confirmation_preview=wrong
    )
    async def act() -> str:
        """Act."""
        return "done"

    host = FakeHost(act)
    host.when(ToolConfirmationRequired, lambda event: host.desk.answer(event.call_id, Decision(True)))
    assert text(await soon(run_tool_call(call("act"), host))) == "done"
    [asked] = host.of(ToolConfirmationRequired)
    assert (asked.message, asked.approval_key, asked.metadata) == ("Allow act to execute?", None, None)


@pytest.mark.parametrize(
    "narrowed", [{"prefix": "git "}, {"exact": "ls"}, {"argument": "command", "exact": "ls", "prefix": "l"}]
)
def test_a_rule_that_would_cover_more_than_it_says_is_refused(narrowed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AllowRule("shell", **narrowed)
    with pytest.raises(ValidationError):
        AllowRule.from_json({"tool": "shell", **narrowed})


def test_a_rule_for_an_argument_alone_covers_only_that_it_is_null() -> None:
    rule = AllowRule("shell", argument="command")
    assert not rule.covers(ConfirmationRequest(call_id="1", name="shell", input={"command": "ls"}))
    assert rule.covers(ConfirmationRequest(call_id="1", name="shell", input={"command": None}))


@pytest.mark.parametrize("stored", ["rules", 5, [5], ["shell"], [["tool", "shell"]], [{"tool": ["shell"]}]])
async def test_a_damaged_rule_allows_nothing_and_is_in_nobodys_way(stored: Any) -> None:
    host = FakeHost()
    host.state.values[ALLOW_KEY] = stored
    assert host.rules.all == ()
    host.rules.add(AllowRule("shell"))
    assert host.rules.all == (AllowRule("shell"),)


@pytest.mark.parametrize("given", [None, "yes", 5, ["approved", True]])
def test_an_answer_that_is_none_is_no_yes(given: object) -> None:
    with pytest.raises(ValidationError):
        Decision.from_wire(given)
