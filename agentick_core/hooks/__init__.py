"""Hooks: what a component's body may keep, read and ask for."""

from agentick_core.hooks.context import use_context, use_session
from agentick_core.hooks.continuation import use_continuation, use_on_tick_end
from agentick_core.hooks.effect import use_effect
from agentick_core.hooks.knob import use_knob, use_knobs
from agentick_core.hooks.lifecycle import (
    use_after_compile,
    use_on_execution_end,
    use_on_execution_start,
    use_on_message,
    use_on_mount,
    use_on_tick_start,
    use_on_unmount,
)
from agentick_core.hooks.memo import use_memo
from agentick_core.hooks.session_state import SetSessionState, use_session_state
from agentick_core.hooks.state import Ref, SetState, use_ref, use_state
from agentick_core.hooks.timeline import use_queued_messages, use_tick_state, use_timeline

__all__ = [
    "Ref",
    "SetSessionState",
    "SetState",
    "use_after_compile",
    "use_context",
    "use_continuation",
    "use_effect",
    "use_knob",
    "use_knobs",
    "use_memo",
    "use_on_execution_end",
    "use_on_execution_start",
    "use_on_message",
    "use_on_mount",
    "use_on_tick_end",
    "use_on_tick_start",
    "use_on_unmount",
    "use_queued_messages",
    "use_ref",
    "use_session",
    "use_session_state",
    "use_state",
    "use_tick_state",
    "use_timeline",
]
