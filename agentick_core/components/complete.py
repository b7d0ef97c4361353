"""Ending an execution from the tree."""

from agentick_core.hooks.timeline import use_tick_state
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


@component
def Complete(reason: str = "complete") -> Nodes:
    """End the execution without asking the model; `reason` becomes its stop reason."""
    use_tick_state().stop(reason)
    return None
