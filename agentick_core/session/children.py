"""The child sessions of a session that run now, and those that are just going."""

import asyncio
from typing import TYPE_CHECKING, Any

from agentick_core.messages.usage import NO_USAGE, Usage

if TYPE_CHECKING:
    from agentick_core.session.session import Session
    from agentick_core.tools.confirm import AllowRule


class Children:
    """The running children, each with the execution that it belongs to ("" for none)."""

    def __init__(self) -> None:
        self._running: dict[Session[Any], str] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self.usage = NO_USAGE

    @property
    def running(self) -> "tuple[Session[Any], ...]":
        """The children, oldest first."""
        return tuple(self._running)

    def adopt(self, child: "Session[Any]", execution_id: str) -> None:
        """Take a child in."""
        self._running[child] = execution_id

    def disown(self, child: "Session[Any]", usage: Usage) -> None:
        """Let a child go that has answered or failed, with what it and its own children took; it closes by itself."""
        execution_id = self._running.pop(child, "")
        if execution_id:
            self.usage = self.usage + usage
        self._leaving.add(task := asyncio.create_task(child.close()))
        task.add_done_callback(self._leaving.discard)

    def interrupt(self, reason: str | None) -> None:
        """Stop every child."""
        for child in self.running:
            # One that is closing by itself stops anyway.
            if not child.is_terminal:
                child.interrupt(reason=reason)

    async def gone(self, execution_id: str) -> None:
        """Wait until the children of an execution have ended."""
        while own := [child for child, owner in self._running.items() if owner == execution_id]:
            await asyncio.gather(*(child.ended() for child in own))
        if self._leaving:
            await asyncio.wait(tuple(self._leaving))

    async def close(self) -> None:
        """Stop every child and wait until it is gone."""
        await asyncio.gather(*(child.close() for child in self.running))
        if self._leaving:
            await asyncio.wait(tuple(self._leaving))

    def allow(self, rule: "AllowRule") -> None:
        """Let every child know a rule that came after it was spawned."""
        for child in self.running:
            child.allow(rule)

    def answer(self, call_id: str, response: Any, answer: dict[str, Any]) -> bool:
        """Answer a tool call that waits in a child; tell whether one did."""
        return any(child.submit_tool_result(call_id, response, **answer) for child in self.running)
