"""What a component does outside of its body, once the tree is stable."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar, overload

from agentick_core.errors import ValidationError
from agentick_core.tree.effects import EffectSlot
from agentick_core.tree.slot import claim

Effect: TypeAlias = Callable[[], Callable[[], object] | Coroutine[Any, Any, object] | None]
EffectT = TypeVar("EffectT", bound=Effect)


@overload
def use_effect(effect: EffectT, deps: tuple[object, ...] | None = None) -> EffectT: ...
@overload
def use_effect(*, deps: tuple[object, ...] | None) -> Callable[[EffectT], EffectT]: ...
def use_effect(effect: Any = None, deps: tuple[object, ...] | None = None) -> Any:
    """Run the effect once the tree is stable, and again after renders in which a dependency has changed.

    Without `deps` it runs after every render, with `()` once. A function may give its cleanup, which runs
    before the next run and when the component leaves; an `async def` runs as a task that is cancelled then.
    """
    if effect is None:

        def register(decorated: Any) -> Any:
            claim("use_effect", EffectSlot).update(decorated, deps)
            return decorated

        return register
    slot = claim("use_effect", EffectSlot)
    if not callable(effect):
        raise ValidationError(
            f"use_effect takes a function, not {effect!r}",
            hint="Pass the function itself, such as use_effect(tell, (name,)): it is called when it is its turn.",
        )
    slot.update(effect, deps)
    return effect
