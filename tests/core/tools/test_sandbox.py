"""Tools that leave their sandbox: a person is asked, and the tool tried once more."""

from collections.abc import Callable
from typing import Any

import pytest

from agentick_core.errors import ToolError
from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.tools.confirm import Decision
from agentick_core.tools.execute import run_tool_call
from agentick_core.tools.sandbox import SandboxAccessError
from agentick_core.tools.tool import Tool, create_tool
from tests.core.tools.fake_host import FakeHost, call, failure, soon, text


class Sandbox:
    """A tool that leaves its sandbox until somebody opens it."""

    def __init__(self, *, recoverable: bool = True) -> None:
        self.log: list[object] = []
        self.open = False
        self.recoverable = recoverable

    def tool(self) -> Tool[..., Any]:
        return create_tool(name="read", handler=self.read)

    async def read(self) -> str:
        self.log.append("run")
        if not self.open:
            raise SandboxAccessError(
                "outside", requested_path="../x", resolved_path="/x", mode="read",
                recover=self.recover if self.recoverable else None,
            )  # fmt: skip
        return "content"

    async def recover(self, always: bool) -> Callable[[], object]:
        self.log.append(("recover", always))
        self.open = True
        return lambda: self.log.append("cleanup")


@pytest.mark.parametrize("always", [True, False])
async def test_a_path_outside_the_sandbox_is_asked_for_and_the_tool_tried_once_more(always: bool) -> None:
    sandbox = Sandbox()
    host = FakeHost(sandbox.tool())
    host.when(
        ToolConfirmationRequired,
        lambda event: host.desk.answer(event.call_id, Decision(True, always=always)),
    )
    assert text(await soon(run_tool_call(call("read"), host))) == "content"
    assert sandbox.log == ["run", ("recover", always), "run", "cleanup"]
    [asked] = host.of(ToolConfirmationRequired)
    assert asked.message == "read wants to access ../x (outside sandbox). Allow?"
    assert asked.metadata == {
        "type": "sandbox_access", "requestedPath": "../x", "resolvedPath": "/x", "mode": "read",
    }  # fmt: skip
    assert host.rules.all == (), "a rule for the tool would open more than the person was asked for"


async def test_a_path_outside_the_sandbox_may_be_denied_or_cannot_be_recovered() -> None:
    denied = FakeHost(Sandbox().tool(), ask=lambda _: Decision(False, "stay inside"))
    result = await soon(run_tool_call(call("read"), denied))
    assert text(result) == "Tool execution was denied by user. Reason: stay inside"
    lost = FakeHost(Sandbox(recoverable=False).tool())
    assert failure(await soon(run_tool_call(call("read"), lost))) == "SANDBOX_ACCESS"
    assert lost.of(ToolConfirmationRequired) == []


async def test_the_sandbox_is_closed_again_even_when_the_second_try_fails() -> None:
    class Broken(Sandbox):
        async def read(self) -> str:
            await super().read()
            raise ToolError("still no")

    sandbox = Broken()
    host = FakeHost(sandbox.tool(), ask=lambda _: Decision(True))
    assert failure(await soon(run_tool_call(call("read"), host))) == "APPLICATION_ERROR"
    assert sandbox.log == ["run", ("recover", False), "run", "cleanup"]
