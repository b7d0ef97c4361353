"""Talking to whoever listens outside: `use_channel`."""

from agentick_core.tree.host import ChannelAccess
from agentick_core.tree.slot import Slot, claim


def use_channel(name: str) -> ChannelAccess:
    """Give the session's channel of that name.

    To listen as long as the component is in the tree, subscribe in an effect, whose cleanup ends it:
    `use_effect(lambda: channel.subscribe(heard), ())`.
    """
    return claim("use_channel", Slot).fiber.scope.host.context.channel(name)
