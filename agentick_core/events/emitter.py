"""How the parts of the engine publish events without knowing who reads them."""

from typing import Protocol

from agentick_core.events.base import Stamp
from agentick_core.events.union import StreamEvent


class Emitter(Protocol):
    """Gives out stamps and takes events: `emitter.publish(TickStart(**emitter.stamp()))`.

    A stamp is used at once: the sequence number it takes is the place of the event.
    """

    def stamp(self) -> Stamp:
        """Take the next sequence number, with the execution, the tick and the time."""
        ...

    def publish(self, event: StreamEvent) -> None:
        """Hand the event to every reader and listener, before anything else happens."""
        ...
