"""A value that is computed again only when something it depends on has changed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from agentick_core.tree.effects import same_deps
from agentick_core.tree.slot import MISSING, Slot, claim

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber
    from agentick_core.tree.rendering import Place

T = TypeVar("T")


class MemoSlot(Slot):
    """A computed value, and what it was computed from."""

    __slots__ = ("deps",)

    def __init__(self, fiber: "Fiber", kind: str, place: "Place") -> None:
        super().__init__(fiber, kind, place)
        self.deps: tuple[object, ...] = ()


def use_memo(compute: Callable[[], T], deps: tuple[object, ...] = ()) -> T:
    """Give what `compute` gave, computed again when one of the dependencies is another than before."""
    slot = claim("use_memo", MemoSlot)
    if not same_deps(slot.deps, deps) or slot.value is MISSING:
        slot.value = compute()
        slot.deps = deps
    return slot.value
