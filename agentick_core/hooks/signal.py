"""Signals of a component: `use_signal` and `use_computed`; and the signals that belong to nobody."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from agentick_core.tree.effects import same_deps
from agentick_core.tree.observing import untracked
from agentick_core.tree.signals import Computed, Signal, batch, computed, effect, signal
from agentick_core.tree.slot import MISSING, Slot, claim, same

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber
    from agentick_core.tree.rendering import Place

T = TypeVar("T")

__all__ = [
    "Computed",
    "Signal",
    "batch",
    "computed",
    "effect",
    "signal",
    "untracked",
    "use_computed",
    "use_signal",
]


class ComponentSignal(Signal[T]):
    """A signal of one place in the tree: setting it renders the tree again, also to an equal value."""

    def __init__(self, slot: Slot, initial: T) -> None:
        super().__init__(initial)
        self._slot = slot

    def set(self, value: T) -> None:
        """Set the value, tell whoever has read it, and render again."""
        slot = self._slot
        slot.fiber.scope.check_thread(slot.label)
        super().set(value)
        slot.fiber.scope.request_render(slot.label)


def use_signal(initial: T) -> Signal[T]:
    """Give the same signal in every render; setting it renders the tree again.

    Others may follow it: `use_computed`, `computed`, `effect`, or `.subscribe(fn)`.
    """
    slot = claim("use_signal", Slot)
    if slot.value is MISSING:
        slot.value = ComponentSignal(slot, initial)
    return slot.value


class ComputedSlot(Slot):
    """A computed value that a component follows, as long as it is in the tree."""

    __slots__ = ("_forget", "_seen", "deps")

    def __init__(self, fiber: "Fiber", kind: str, place: "Place") -> None:
        super().__init__(fiber, kind, place)
        self.deps: tuple[object, ...] = ()
        self._forget: Callable[[], None] | None = None
        self._seen: object = MISSING

    def read(self, compute: Callable[[], Any], deps: tuple[object, ...]) -> Computed[Any]:
        """Give what is computed, made anew where a dependency is another than before."""
        if self.value is MISSING or not same_deps(self.deps, deps):
            self.dispose()
            self.value, self.deps = Computed(compute), deps
        self._seen = self.value.peek()
        if self.fiber.mounted and self._forget is None:
            self.attach()
        return self.value

    def attach(self) -> None:
        """Render again whenever the value changes, and if it has changed since it was read."""
        self._forget = self.value.subscribe(self._changed)
        if not same(self.value.peek(), self._seen):
            self._changed(None)

    def dispose(self) -> None:
        """Follow the value no longer."""
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()

    def _changed(self, value: object) -> None:
        self.fiber.scope.request_render(self.label)


def use_computed(compute: Callable[[], T], deps: tuple[object, ...] = ()) -> Computed[T]:
    """Give what is computed from signals, as `.value`; the tree renders again when that changes.

    What the function uses besides signals are its `deps`: it is taken anew when one of these changes.
    """
    return claim("use_computed", ComputedSlot).read(compute, deps)
