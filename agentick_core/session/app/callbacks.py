"""The lifecycle callbacks of a session, and of an app for all its sessions."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from agentick_core.errors import AbortError
from agentick_core.events.orchestration import TickEnd, TickStart
from agentick_core.events.union import StreamEvent
from agentick_core.messages.result import SendResult
from agentick_core.messages.usage import Usage
from agentick_core.session.execution.input import check_callables
from agentick_core.tools.host import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What is called when something happens; one given to a session replaces the app's of the same name.

    What they raise is reported and does not harm the run; one that is async runs beside it.
    `on_tool_confirmation(request)` may decide in a person's place; None asks on.
    """

    on_event: Callable[[StreamEvent], object] | None = None
    on_tick_start: Callable[[int, str], object] | None = None
    on_tick_end: Callable[[int, Usage | None], object] | None = None
    on_complete: Callable[[SendResult[Any]], object] | None = None
    on_error: Callable[[BaseException], object] | None = None
    on_abort: Callable[[AbortError], object] | None = None
    on_tool_confirmation: Ask | None = None

    def __post_init__(self) -> None:
        check_callables(self._all)

    @property
    def _all(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def over(self, base: "Callbacks") -> "Callbacks":
        """Lay these callbacks over others."""
        return replace(base, **{name: value for name, value in self._all.items() if value is not None})

    @property
    def sinks(self) -> "tuple[Callable[[StreamEvent], object], ...]":
        """What is called with every event; each on its own, so that one that raises keeps no other from it."""
        ticks = self.on_tick_start is not None or self.on_tick_end is not None
        return (*(() if self.on_event is None else (self.on_event,)), *((self._ticked,) if ticks else ()))

    def _ticked(self, event: StreamEvent) -> object:
        """Call the callbacks of ticks; those of a child only reach `on_event`."""
        if event.spawn_path:
            return None
        match event:
            case TickStart() if self.on_tick_start is not None:
                return self.on_tick_start(event.tick, event.execution_id)
            case TickEnd() if self.on_tick_end is not None:
                return self.on_tick_end(event.tick, event.usage)
            case _:
                return None

    def settled(self, result: SendResult[Any] | None, error: BaseException | None) -> object:
        """Call the callback for how an execution has ended; give what it gave."""
        match error:
            case _ if result is not None:
                return None if self.on_complete is None else self.on_complete(result)
            case AbortError():
                return None if self.on_abort is None else self.on_abort(error)
            case BaseException():
                return None if self.on_error is None else self.on_error(error)
            case _:
                return None
