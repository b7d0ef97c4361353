"""Whether a model's answer ends the loop."""

from agentick_core.messages.message import Message
from agentick_core.messages.tool import ToolCall

REFUSED = "refused"
"""The stop reason of an answer in which the model, or its provider, declines to answer; what it says is kept."""

FINAL_REASONS = frozenset(
    ("stop", "explicit_completion", "natural_completion", "max_tokens", "content_filter", REFUSED)
)


def pending_calls(message: Message) -> tuple[ToolCall, ...]:
    """Give the tool calls of the answer that have no result in it yet, each id once."""
    answered = {result.tool_use_id for result in message.tool_results}
    calls = {
        use.tool_use_id: ToolCall(use.tool_use_id, use.name, use.input)
        for use in message.tool_uses
        if use.tool_use_id not in answered
    }
    return tuple(calls.values())


def should_stop(message: Message, stop_reason: str) -> bool:
    """Tell whether nothing is left to do after this answer: no tool waits, and the model has said its last word
    or has said nothing."""
    if pending_calls(message):
        return False
    return stop_reason in FINAL_REASONS or not message.content
