"""The answer to tools that ask, where nobody is there to be asked."""

from collections.abc import Sequence
from typing import Any, Protocol

from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.messages.tool import ToolDefinition
from agentick_core.tools.confirm import SANDBOX
from agentick_tui.engine.run_options import Approve

REFUSAL = "Nobody can be asked here, and this call was not approved beforehand."


class Asking(Protocol):
    """The session whose tools ask."""

    async def get_tool_definitions(self) -> Sequence[ToolDefinition]:
        """Give the tools there are now."""
        ...

    def submit_tool_result(self, call_id: str, response: Any = None, /, **answer: Any) -> bool:
        """Answer a call that waits."""
        ...


class Approver:
    """Answers by what `--approve` says, and counts what it refused."""

    def __init__(self, approve: Approve, session: Asking) -> None:
        self.refused = 0
        self._approve = approve
        self._session = session

    async def answer(self, request: ToolConfirmationRequired) -> None:
        """Approve or refuse one call."""
        approved = self._approve == "all" or (self._approve == "reads" and await self._only_reads(request))
        if not approved:
            self.refused += 1
        reason = None if approved else REFUSAL
        self._session.submit_tool_result(request.call_id, {"approved": approved, "reason": reason})

    async def _only_reads(self, request: ToolConfirmationRequired) -> bool:
        """Tell whether the tool is known to read and nothing else; what a child's tool does is not known here."""
        if request.spawn_path or request.rule == SANDBOX:
            return False
        definitions = await self._session.get_tool_definitions()
        return any(each.name == request.name and each.effects <= {"read"} for each in definitions)
