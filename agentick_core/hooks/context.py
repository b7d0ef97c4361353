"""What the components above provide, and the session: `use_context`, `use_session`."""

from typing import TYPE_CHECKING, TypeVar, cast

from agentick_core.errors import ValidationError
from agentick_core.tree.context import Context, Provide
from agentick_core.tree.host import SessionContext
from agentick_core.tree.slot import Slot, claim

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber

T = TypeVar("T")


def use_context(context: Context[T]) -> T:
    """Give the value of the nearest provider above, or the context's default."""
    slot = claim("use_context", Slot)
    if not isinstance(cast("object", context), Context):
        raise ValidationError(
            f"use_context takes a context, not {context!r}",
            hint="Make one with create_context(default), outside of the components, and pass it.",
        )
    above: Fiber | None = slot.fiber.parent
    while above is not None:
        node = above.node
        if isinstance(node, Provide) and node.context is context:
            return node.value  # pyright: ignore[reportReturnType]  # provide() has checked the type
        above = above.parent
    return context.default


def use_session() -> SessionContext:
    """Give the session's context: its state, timeline, knobs and tools, and what may be asked of it."""
    return claim("use_session", Slot).fiber.scope.host.context
