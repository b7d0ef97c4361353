"""State that belongs to one place in the tree: `use_state` and `use_ref`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from agentick_core.tree.slot import MISSING, Slot, claim, same

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber
    from agentick_core.tree.rendering import Place

T = TypeVar("T")


class SetState(Generic[T]):
    """Sets a state: `set_x(value)`, or `set_x.update(fn)` with a function of the value as it is then."""

    __slots__ = ("_slot",)

    def __init__(self, slot: "StateSlot") -> None:
        self._slot = slot

    def __call__(self, value: T) -> None:
        slot = self._slot
        slot.fiber.scope.check_thread(slot.label)
        if same(slot.value, value):
            return
        slot.value = value
        slot.fiber.scope.request_render(slot.label)

    def update(self, change: Callable[[T], T]) -> None:
        """Set the state to what the function makes of it."""
        self(change(self._slot.value))


class StateSlot(Slot):
    """A state, and the setter that stays the same over all renders."""

    __slots__ = ("setter",)

    def __init__(self, fiber: "Fiber", kind: str, place: "Place") -> None:
        super().__init__(fiber, kind, place)
        self.setter: SetState[object] = SetState(self)


@overload
def use_state(initial: T) -> tuple[T, SetState[T]]: ...
@overload
def use_state(*, factory: Callable[[], T]) -> tuple[T, SetState[T]]: ...
def use_state(initial: object = None, *, factory: Callable[[], object] | None = None) -> object:
    """Give a value that stays from render to render, and its setter; a change renders the tree again.

    `factory` makes the first value, where that is costly or must not be shared.
    """
    slot = claim("use_state", StateSlot)
    if slot.value is MISSING:
        slot.value = factory() if factory is not None else initial
    return slot.value, slot.setter


class Ref(Generic[T]):
    """A box whose `current` may be changed at any time, without a new render."""

    __slots__ = ("current",)

    def __init__(self, current: T) -> None:
        self.current = current


def use_ref(initial: T) -> Ref[T]:
    """Give the same box in every render."""
    slot = claim("use_ref", Slot)
    if slot.value is MISSING:
        slot.value = Ref(initial)
    return slot.value
