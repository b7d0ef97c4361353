"""What is done for a session whose last execution was cut off with its process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentick_core.events.orchestration import ExecutionInterrupted
from agentick_core.messages.blocks import TextBlock, ToolResultBlock
from agentick_core.messages.message import AssistantMessage, ToolMessage
from agentick_core.messages.snapshot import OpenExecution
from agentick_core.messages.tool import ToolCall
from agentick_core.models.stopping import pending_calls
from agentick_core.session.tick.draft import Draft
from agentick_core.storage.journal import ExecutionClosed

if TYPE_CHECKING:
    from agentick_core.events.base import Stamp
    from agentick_core.session.core import SessionCore

REASON = "The program ended while this was being answered"
UNKNOWN = "The program ended before this call did; its outcome is unknown."
NOT_RUN = "The program ended while somebody was asked about this call; it was not run."


async def recover(core: "SessionCore", cut_off: OpenExecution) -> None:
    """Commit what the cut-off execution had been shown and had said, marked as interrupted.

    Nothing is run again: the next send, or `render({})`, goes on from there. What only waited goes on waiting.
    """
    core.queue.take_again(cut_off.shown)
    await core.commit(tuple(_said(cut_off)), cut_off.execution_id)
    core.keeper.note(ExecutionClosed(cut_off.execution_id))
    stamp: Stamp = {**core.emitter.stamp(), "execution_id": cut_off.execution_id}
    core.emitter.publish(ExecutionInterrupted(**stamp, reason=REASON))
    await core.keeper.drain()


def _said(cut_off: OpenExecution) -> Iterator[Draft]:
    answer = cut_off.answer
    if answer is not None:
        yield Draft(message=answer, tags=("model_output",))
        results = [_result(call, cut_off.asked) for call in pending_calls(answer)]
        yield Draft(message=ToolMessage(results), tags=("tool_output",))
    elif cut_off.partial:
        yield Draft(
            message=AssistantMessage(cut_off.partial),
            tags=("model_output", "interrupted"),
            metadata={"reason": REASON},
        )


def _result(call: ToolCall, asked: tuple[str, ...]) -> ToolResultBlock:
    text = NOT_RUN if call.call_id in asked else UNKNOWN
    return ToolResultBlock(call.call_id, call.name, (TextBlock(text),), is_error=True, executed_by="engine")
