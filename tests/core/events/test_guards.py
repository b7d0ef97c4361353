"""The questions that readers ask of an event, each of every type there is."""

from collections.abc import Callable
from typing import Any, get_args

import pytest

from agentick_core.events import (
    ModelStreamEvent,
    OrchestrationStreamEvent,
    StreamEvent,
    is_delta_event,
    is_final_event,
    is_fork_event,
    is_model_stream_event,
    is_orchestration_stream_event,
    is_spawn_event,
)

KINDS: tuple[type[Any], ...] = get_args(StreamEvent)


@pytest.mark.parametrize(
    ("guard", "types"),
    [
        (is_model_stream_event, {kind.type for kind in get_args(ModelStreamEvent)}),
        (is_orchestration_stream_event, {kind.type for kind in get_args(OrchestrationStreamEvent)}),
        (is_delta_event, {"content_delta", "reasoning_delta", "tool_call_delta"}),
        (is_final_event, {"content", "reasoning", "tool_call", "message", "result"}),
        (is_spawn_event, {"spawn_start", "spawn_end"}),
        (is_fork_event, {"fork_start", "fork_end"}),
    ],
)
def test_a_question_is_answered_for_every_type_of_event(
    guard: Callable[[StreamEvent], bool], types: set[str]
) -> None:
    assert {kind.type for kind in KINDS if guard(_any(kind))} == types


def test_an_event_is_of_the_model_or_of_the_loop() -> None:
    for kind in KINDS:
        event = _any(kind)
        assert is_model_stream_event(event) is not is_orchestration_stream_event(event)


def _any(kind: type[Any]) -> StreamEvent:
    return object.__new__(kind)
