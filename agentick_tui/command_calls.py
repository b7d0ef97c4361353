"""The commands that run now: what each is called on the screen, and which of their events are shown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import uuid4

from agentick_core.events.orchestration import ToolResultEvent, ToolResultStart
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import text_of


@dataclass(slots=True, kw_only=True)
class CommandCall:
    """One command: the name it was typed by, whether it is one of ours, and whether its result has been told."""

    call_id: str
    name: str
    own: bool
    told: bool = False
    begun: ToolResultStart | None = None


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a command ended: the id of its block, and why it was refused where nothing has happened."""

    call_id: str
    refused: str = ""


class CommandCalls:
    """The commands that run, by the ids that their events carry."""

    def __init__(self) -> None:
        self._calls: dict[str, CommandCall] = {}

    def begin(self, name: str, *, own: bool) -> CommandCall:
        """Note a command before it is dispatched."""
        call = CommandCall(call_id=f"command-{uuid4().hex}", name=name, own=own)
        self._calls[call.call_id] = call
        return call

    def end(self, call: CommandCall) -> None:
        """Forget a command."""
        del self._calls[call.call_id]

    def shown(self, event: StreamEvent) -> Iterable[StreamEvent]:
        """Give what is shown for an event. Of ours only a result is: the others have their effect, or are refused."""
        call = (
            self._calls.get(event.call_id) if isinstance(event, ToolResultStart | ToolResultEvent) else None
        )
        if call is None or not isinstance(event, ToolResultStart | ToolResultEvent):
            return (event,)
        event = replace(event, name=call.name)
        if isinstance(event, ToolResultStart):
            call.begun = event
            return () if call.own else (event,)
        call.told = True
        if not call.own:
            return (event,)
        worth_showing = not event.is_error and text_of(event.result)
        return filter(None, (call.begun, event)) if worth_showing else ()


def one_line(message: str) -> str:
    """Write a message and what to do next, which stands below it, as sentences on one line."""
    said, _, hint = message.strip().partition("\n")
    end = "." if hint and not said.endswith((".", "!", "?", ":")) else ""
    return " ".join(f"{said}{end} {hint}".split())
