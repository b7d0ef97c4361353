"""Hooks: what a component's body may keep, read and ask for."""

from agentick_core.hooks.channel import use_channel
from agentick_core.hooks.context import use_context, use_session
from agentick_core.hooks.context_info import use_context_info
from agentick_core.hooks.continuation import use_continuation, use_on_tick_end
from agentick_core.hooks.data import use_data, use_invalidate_data
from agentick_core.hooks.effect import use_effect
from agentick_core.hooks.gate import Gate, GateState, gate, use_gate
from agentick_core.hooks.knob import Knob, knob, use_knob, use_knobs, use_knobs_context
from agentick_core.hooks.lifecycle import (
    use_after_compile,
    use_on_entry,
    use_on_event,
    use_on_execution_end,
    use_on_execution_start,
    use_on_message,
    use_on_mount,
    use_on_tick_start,
    use_on_unmount,
)
from agentick_core.hooks.memo import use_memo
from agentick_core.hooks.resolved import use_resolved
from agentick_core.hooks.session_state import SetSessionState, use_session_state
from agentick_core.hooks.signal import (
    Computed,
    Signal,
    batch,
    computed,
    effect,
    signal,
    untracked,
    use_computed,
    use_signal,
)
from agentick_core.hooks.state import Ref, SetState, use_ref, use_state
from agentick_core.hooks.timeline import (
    use_conversation_history,
    use_last_message,
    use_queued_messages,
    use_tick_state,
    use_timeline,
    use_timeline_context,
)

__all__ = [
    "Computed",
    "Gate",
    "GateState",
    "Knob",
    "Ref",
    "SetSessionState",
    "SetState",
    "Signal",
    "batch",
    "computed",
    "effect",
    "gate",
    "knob",
    "signal",
    "untracked",
    "use_after_compile",
    "use_channel",
    "use_computed",
    "use_context",
    "use_context_info",
    "use_continuation",
    "use_conversation_history",
    "use_data",
    "use_effect",
    "use_gate",
    "use_invalidate_data",
    "use_knob",
    "use_knobs",
    "use_knobs_context",
    "use_last_message",
    "use_memo",
    "use_on_entry",
    "use_on_event",
    "use_on_execution_end",
    "use_on_execution_start",
    "use_on_message",
    "use_on_mount",
    "use_on_tick_end",
    "use_on_tick_start",
    "use_on_unmount",
    "use_queued_messages",
    "use_ref",
    "use_resolved",
    "use_session",
    "use_session_state",
    "use_signal",
    "use_state",
    "use_tick_state",
    "use_timeline",
    "use_timeline_context",
]
