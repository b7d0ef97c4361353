"""How an execution ends: what it gives, and what is told of it."""

from dataclasses import replace
from typing import Any

from agentick_core.errors import AbortError, AgentickError
from agentick_core.events.orchestration import EventError, ExecutionEnd
from agentick_core.messages.result import SendResult
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import Usage
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.limits import LIMIT_REASONS, reached
from agentick_core.session.tick.draft import Draft
from agentick_core.session.tick.output import WantedOutput

INTERRUPTED = "interrupted"


def send_result(
    core: SessionCore, entries: tuple[TimelineEntry, ...], usage: Usage, **told: Any
) -> SendResult[Any]:
    """Make the result of an execution that added these entries."""
    # What was sent or appended in the model's name is no answer.
    said = [entry.message for entry in entries if "model_output" in entry.tags]
    return SendResult(
        response=said[-1].text if said else "",
        messages=tuple(entry.message for entry in entries),
        usage=usage,
        usage_tree=usage + core.children.usage,
        raw=core.raw_output(),
        **told,
    )


def missing(
    entries: tuple[TimelineEntry, ...], usage: Usage, stop_reason: str | None, output: WantedOutput | None
) -> AgentickError | None:
    """Give the error of an execution that has ended without what was asked for; None where it has it.

    A limit that was reached is no error where anything was answered before.
    """
    answered = bool(usage.ticks) or any(entry.message.role == "assistant" for entry in entries)
    without_output = output is not None and not output.given
    if stop_reason in LIMIT_REASONS and (without_output or not answered):
        told = output.problem if output is not None and output.repairs else ""
        return reached(stop_reason or "", told)
    return output.error() if output is not None and without_output else None


def publish_end(
    core: SessionCore,
    entries: tuple[TimelineEntry, ...],
    usage: Usage,
    stop_reason: str | None,
    outcome: SendResult[Any] | BaseException | None,
) -> None:
    """Publish the last event of an execution."""
    if usage.ticks:
        # Also what was committed since the last one of these: by an execution without a tick, or by none.
        said = tuple(entry.message for entry in core.timeline.take_new())
        delta = {"messages": said, "totalCount": len(core.timeline.entries), "tick": core.emitter.tick}
        core.channel("timeline").publish({"type": "timeline_delta", "payload": delta})
    error = outcome if isinstance(outcome, BaseException) else None
    aborted = isinstance(error, AbortError)
    stamp = core.emitter.stamp()
    # It is the last event of the execution: what is told from now on, also by those who hear it, is not part of it.
    core.emitter.execution_id = ""
    core.emitter.publish(
        ExecutionEnd(
            **stamp,
            stop_reason=stop_reason,
            aborted=aborted,
            abort_reason=error.reason if isinstance(error, AbortError) else None,
            error=EventError.of(error) if error is not None and not aborted else None,
            usage=usage,
            output=outcome.raw if isinstance(outcome, SendResult) else None,
            new_timeline_entries=entries,
        )
    )


def with_reason(draft: Draft, why: BaseException | str | None) -> Draft:
    """Say in the entry of an answer that was cut off why it was."""
    if "interrupted" not in draft.tags:
        return draft
    reason = why.reason if isinstance(why, AbortError) else str(why or "")
    return replace(draft, metadata={"reason": reason or "aborted"})
