"""What hooks are given in place of what they take: the error says what that is, and ends with what to write."""

from collections.abc import Callable
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, component, use_context, use_effect
from agentick_core.errors import ComponentError
from agentick_core.hooks import use_data, use_gate, use_knob
from agentick_core.testing import compile_agent

WRONG: Any = "wrong"


@pytest.mark.parametrize(
    ("hook", "told", "way_out"),
    [
        (lambda: use_data("news", WRONG), r'use_data\("news"\) takes a function', "lambda: fetch"),
        (lambda: use_effect(WRONG), "use_effect takes a function", "the function itself"),
        (lambda: use_context(WRONG), "use_context takes a context", "create_context"),
        (lambda: use_gate("sure", WRONG), "use_gate takes a gate", "gate(description"),
    ],
)
async def test_a_hook_says_what_it_takes(hook: Callable[[], object], told: str, way_out: str) -> None:
    @component
    def Wrong() -> Nodes:
        hook()
        yield Timeline()

    with pytest.raises(ComponentError, match=told) as refused:
        await compile_agent(Wrong)
    assert way_out in refused.value.hint


@pytest.mark.parametrize(
    ("default", "options", "told"),
    [
        ("c", {"options": ["a", "b"]}, "its options are a, b"),
        ([1], {}, "cannot begin as"),
        (1, {"choices": [1]}, "no option 'choices'"),
    ],
)
async def test_a_knob_that_cannot_be_is_refused_with_what_it_may_be(
    default: Any, options: dict[str, Any], told: str
) -> None:
    @component
    def Turned() -> Nodes:
        use_knob("mode", default, **options)
        yield Timeline()

    with pytest.raises(ComponentError, match=told):
        await compile_agent(Turned)
