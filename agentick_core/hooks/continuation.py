"""Whether another tick follows: `use_continuation`, which is also `use_on_tick_end`."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from agentick_core.tree.callbacks import CallbackSlot
from agentick_core.tree.slot import claim
from agentick_core.tree.tick_state import TickResult, Verdict

VerdictT = TypeVar("VerdictT", bound=Verdict | Awaitable[Verdict])


@overload
def use_on_tick_end(callback: Callable[[TickResult], VerdictT]) -> Callable[[TickResult], VerdictT]: ...
@overload
def use_on_tick_end(callback: Callable[[], VerdictT]) -> Callable[[], VerdictT]: ...
def use_on_tick_end(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call when a tick is over; it may decide about the next one, like `use_continuation`.

    An error fails the tick; its entries stay.
    """
    claim("use_on_tick_end", CallbackSlot).callback = callback
    return callback


@overload
def use_continuation(callback: Callable[[TickResult], VerdictT]) -> Callable[[TickResult], VerdictT]: ...
@overload
def use_continuation(callback: Callable[[], VerdictT]) -> Callable[[], VerdictT]: ...
def use_continuation(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Decide at the end of each tick: `Stop`, `Continue`, a bool, or None to leave it as it was; a mapping such as
    `{"stop": True, "reason": "enough"}` or `{"continue": True}` is the same.

    Callbacks are asked children first; each sees in `result.should_continue` what was decided before it.
    """
    claim("use_on_tick_end", CallbackSlot).callback = callback
    return callback
