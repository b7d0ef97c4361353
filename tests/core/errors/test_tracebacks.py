"""What somebody without a screen of ours sees of an error: the traceback says what to do next."""

import traceback

import pytest

from agentick_core import AgentickError, Nodes, Timeline, component, create_app
from agentick_core.errors import NotFoundError


@component
def Plain() -> Nodes:
    yield Timeline()


def test_a_traceback_ends_with_what_to_do_next() -> None:
    with pytest.raises(NotFoundError) as caught:
        create_app(Plain, model="gpt-5")
    *_, message, hint = traceback.format_exception(caught.value)
    assert "Unknown model: 'gpt-5'" in message
    assert "openai:gpt-5" in hint


def test_an_error_without_a_hint_adds_nothing_to_its_traceback() -> None:
    assert traceback.format_exception(AgentickError("It broke.")) == [
        "agentick_core.errors.engine.AgentickError: It broke.\n"
    ]
