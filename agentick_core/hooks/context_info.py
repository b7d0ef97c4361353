"""How full the model's context is: `use_context_info`."""

from agentick_core.messages.context_info import ContextInfo
from agentick_core.tree.slot import Slot, claim


def use_context_info() -> ContextInfo | None:
    """Give the numbers of the last tick of this session, None before there was one.

    They change with every tick, and a change alone renders nothing again.
    """
    return claim("use_context_info", Slot).fiber.scope.tick.context_info
