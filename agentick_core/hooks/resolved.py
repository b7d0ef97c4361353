"""What the app made of a stored session: `use_resolved`."""

from typing import Any

from agentick_core.tree.slot import Slot, claim


def use_resolved(key: str) -> Any:
    """Give what the app's `resolve` gave under the key; None in a session that did not come from the store."""
    return claim("use_resolved", Slot).fiber.scope.host.context.resolved.get(key)
