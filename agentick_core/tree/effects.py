"""Effects: what a component does after a render, with its cleanup or its task."""

import asyncio
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from agentick_core.errors import StateError
from agentick_core.tree.data import there
from agentick_core.tree.rendering import Place
from agentick_core.tree.slot import Slot, same

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber

# How long a cancelled effect may take to clean up before nobody waits for it any more.
GRACE = 2.0


class EffectSlot(Slot):
    """An effect: what is to run, when it is to run again, and what its last run left."""

    __slots__ = ("cleanup", "deps", "due", "effect", "task")

    def __init__(self, fiber: "Fiber", kind: str, place: Place) -> None:
        super().__init__(fiber, kind, place)
        self.effect: Callable[[], Any] | None = None
        self.deps: tuple[object, ...] | None = None
        self.due = False
        self.cleanup: Callable[[], object] | None = None
        self.task: asyncio.Task[object] | None = None

    def update(self, effect: Callable[[], Any], deps: tuple[object, ...] | None) -> None:
        """Take the effect of this render; it is due if a dependency is another than before."""
        if self.effect is None or self.due or deps is None or not same_deps(self.deps, deps):
            self.due = True
        self.effect = effect
        self.deps = deps

    async def stop(self) -> None:
        """Clean up after the last run: call its cleanup, or cancel its task and wait for it."""
        cleanup, self.cleanup = self.cleanup, None
        task, self.task = self.task, None
        host = self.fiber.scope.host
        if cleanup is not None:
            try:
                cleanup()
            # A cleanup is the user's code: its failure is shown, and the others still run.
            except (Exception, asyncio.CancelledError) as error:
                host.report_error(error, self.label)
        if task is not None and task is not asyncio.current_task() and not task.done():
            task.cancel()
            _, pending = await asyncio.wait((task,), timeout=GRACE)
            if pending:
                error = StateError(f"The effect goes on {GRACE:g} seconds after it was cancelled")
                host.report_error(error, self.label)

    def run(self) -> None:
        """Run the effect: a function at once, a coroutine as a task."""
        self.due = False
        if self.effect is None:
            return
        try:
            given = self.effect()
        # An effect is the user's code: its failure is shown, and the run goes on. A cancellation is its own: ours
        # comes where something is awaited.
        except (Exception, asyncio.CancelledError) as error:
            self.fiber.scope.host.report_error(error, self.label)
            return
        if inspect.iscoroutine(given):
            self.task = asyncio.create_task(given, name=self.label)
            self.task.add_done_callback(self._report)
        elif callable(given):
            self.cleanup = given

    def _report(self, task: "asyncio.Task[object]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fiber.scope.host.report_error(error, self.label)


def same_deps(before: tuple[object, ...] | None, after: tuple[object, ...] | None) -> bool:
    """Whether all dependencies are the same; without any, nothing is. Who has data among them waits for it."""
    there(after or ())
    if before is None or after is None or len(before) != len(after):
        return False
    return all(same(old, new) for old, new in zip(before, after, strict=True))


async def run_due(fibers: "Iterable[Fiber]") -> None:
    """Run the effects that are due, in the order of the fibers: first all cleanups, then all effects."""
    due = [slot for fiber in fibers for slot in fiber.slots if isinstance(slot, EffectSlot) and slot.due]
    for slot in due:
        await slot.stop()
    for slot in due:
        slot.run()
