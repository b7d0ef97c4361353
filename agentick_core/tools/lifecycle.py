"""The lifecycle callbacks of a tool, as the hooks that a component would call."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from agentick_core.messages.blocks import NO_METADATA
from agentick_core.tools.options import ToolOptions

if TYPE_CHECKING:
    from agentick_core.tree.hook_events import ExecutionEnded

_HOOKS: Final[Mapping[str, str]] = {
    "on_mount": "use_on_mount",
    "on_unmount": "use_on_unmount",
    "on_start": "use_on_execution_start",
    "on_tick_start": "use_on_tick_start",
    "on_tick_end": "use_on_tick_end",
    "on_after_compile": "use_after_compile",
}


def use_with_callbacks(options: ToolOptions) -> Callable[[], Mapping[str, Any]] | None:
    """Give the `use` of a tool: its callbacks are registered as hooks, then its own `use` runs."""
    callbacks = {hook: getattr(options, name) for name, hook in _HOOKS.items() if getattr(options, name)}
    if options.on_complete or options.on_error:
        callbacks["use_on_execution_end"] = _ended(options)
    if not callbacks:
        return options.use

    def use() -> Mapping[str, Any]:
        from agentick_core.tree.callbacks import CallbackSlot
        from agentick_core.tree.slot import claim

        for hook, callback in callbacks.items():
            claim(hook, CallbackSlot).callback = callback
        return options.use() if options.use else NO_METADATA

    return use


def _ended(options: ToolOptions) -> "Callable[[ExecutionEnded], Any]":
    async def ended(event: "ExecutionEnded") -> None:
        from agentick_core.tree.callbacks import call

        if event.aborted:
            return
        callback = options.on_complete if event.error is None else options.on_error
        if callback is not None:
            await call(callback, event)

    return ended
