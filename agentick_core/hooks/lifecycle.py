"""Callbacks at the turns of a component's, a tick's and an execution's life.

Each takes its event, which has `.ctx`, or nothing; may be `async`; and is given back, so that each hook is a
decorator too.
"""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from agentick_core.compile.compiled import CompiledTree
from agentick_core.tree.callbacks import CallbackSlot
from agentick_core.tree.hook_events import (
    Compiled,
    EntryAppended,
    ExecutionEnded,
    ExecutionStarted,
    MessageReceived,
    Mounted,
    Unmounted,
)
from agentick_core.tree.slot import claim
from agentick_core.tree.tick_state import TickState

R = TypeVar("R")


@overload
def use_on_mount(callback: Callable[[Mounted], R]) -> Callable[[Mounted], R]: ...
@overload
def use_on_mount(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_mount(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call once, after the render in which the component appeared."""
    claim("use_on_mount", CallbackSlot).callback = callback
    return callback


@overload
def use_on_unmount(callback: Callable[[Unmounted], R]) -> Callable[[Unmounted], R]: ...
@overload
def use_on_unmount(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_unmount(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call once, when the component leaves the tree or the session closes."""
    claim("use_on_unmount", CallbackSlot).callback = callback
    return callback


@overload
def use_on_tick_start(callback: Callable[[TickState], R]) -> Callable[[TickState], R]: ...
@overload
def use_on_tick_start(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_tick_start(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call once in every tick, the one in which the component appears included; an error fails the tick."""
    claim("use_on_tick_start", CallbackSlot).callback = callback
    return callback


@overload
def use_after_compile(
    callback: Callable[[Compiled[CompiledTree]], R],
) -> Callable[[Compiled[CompiledTree]], R]: ...
@overload
def use_after_compile(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_after_compile(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call after each pass of a compilation; `event.ctx.request_recompile()` asks for another."""
    claim("use_after_compile", CallbackSlot).callback = callback
    return callback


@overload
def use_on_execution_start(callback: Callable[[ExecutionStarted], R]) -> Callable[[ExecutionStarted], R]: ...
@overload
def use_on_execution_start(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_execution_start(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call once in each execution, at its beginning or when the component appears."""
    claim("use_on_execution_start", CallbackSlot).callback = callback
    return callback


@overload
def use_on_execution_end(callback: Callable[[ExecutionEnded], R]) -> Callable[[ExecutionEnded], R]: ...
@overload
def use_on_execution_end(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_execution_end(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call once when an execution ends, however it ends; what is set then is stored."""
    claim("use_on_execution_end", CallbackSlot).callback = callback
    return callback


@overload
def use_on_message(callback: Callable[[MessageReceived], R]) -> Callable[[MessageReceived], R]: ...
@overload
def use_on_message(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_message(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call once for each message of the conversation, whatever its role: one that is sent or queued when it is
    accepted, every other, such as an answer or the results of tools, when it has joined the timeline.

    A component hears what comes while it is in the tree, and nothing that was there before. The tick waits for what
    is called for its own messages, an abort ends the wait. What a callback itself queues, sends or appends is not
    told to these hooks; the answer to it is.
    """
    claim("use_on_message", CallbackSlot).callback = callback
    return callback


@overload
def use_on_entry(callback: Callable[[EntryAppended], R]) -> Callable[[EntryAppended], R]: ...
@overload
def use_on_entry(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_entry(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call for each entry that `session.append` or `session.observe` writes to the timeline."""
    claim("use_on_entry", CallbackSlot).callback = callback
    return callback


@overload
def use_on_event(callback: Callable[[EntryAppended], R]) -> Callable[[EntryAppended], R]: ...
@overload
def use_on_event(callback: Callable[[], R]) -> Callable[[], R]: ...
def use_on_event(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Call for each of those entries that tells of an event, as those of `session.observe` do."""
    claim("use_on_event", CallbackSlot).callback = callback
    return callback
