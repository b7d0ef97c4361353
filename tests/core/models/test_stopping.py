"""When the loop may stop after an answer."""

import pytest

from agentick_core.messages.blocks import ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import AssistantMessage
from agentick_core.models.stopping import pending_calls, should_stop


@pytest.mark.parametrize("reason", ["stop", "max_tokens", "content_filter", "natural_completion"])
def test_a_final_reason_stops(reason: str):
    assert should_stop(AssistantMessage("done"), reason)


@pytest.mark.parametrize("reason", ["paused", "other", "stop_sequence"])
def test_another_reason_leaves_it_to_what_waits_unless_nothing_was_said(reason: str):
    assert not should_stop(AssistantMessage("so far"), reason)
    assert should_stop(AssistantMessage(()), reason)


def test_a_waiting_tool_call_never_stops_even_where_the_server_says_stop():
    assert not should_stop(AssistantMessage(ToolUseBlock("c", "t")), "stop")


def test_calls_are_pending_once_per_id_and_not_when_answered_in_the_message():
    message = AssistantMessage(
        [ToolUseBlock("a", "t"), ToolUseBlock("a", "t"), ToolUseBlock("b", "t"), ToolResultBlock("b", "t")]
    )

    assert [call.call_id for call in pending_calls(message)] == ["a"]
    assert not should_stop(message, "stop")
