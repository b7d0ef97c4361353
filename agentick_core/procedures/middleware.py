"""Middleware: what stands around a call, sees it, and may change or refuse it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeAlias, cast

from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import no_metadata
from agentick_core.procedures.ambient import Ambient


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call on its way inwards: its name (such as "session:send" or "tool:run") and its arguments."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=no_metadata)
    context: Ambient = field(default_factory=Ambient)
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)

    def replace(self, *args: Any, **kwargs: Any) -> "Invocation":
        """Give the same call with other positional arguments, and with these keywords laid over its own."""
        return replace(self, args=args or self.args, kwargs={**self.kwargs, **kwargs})

    def argument(self) -> Any:
        """Give the one argument of a call that has no other.

        Raises:
            TypeError: where middleware has put something else in place.
        """
        if len(self.args) == 1 and not self.kwargs:
            return self.args[0]
        raise TypeError(
            f"{self.name} takes one argument: give another one by call.replace(it), without a name"
        )


class Next(Protocol):
    """What stands further in: given a call it goes on with that one, without one as it is."""

    def __call__(self, call: Invocation | None = None, /) -> Awaitable[Any]: ...


Handler: TypeAlias = Callable[[Invocation], Awaitable[Any]]
Middleware: TypeAlias = Callable[[Invocation, Next], Awaitable[Any]]


def compose(middleware: Sequence[Middleware], handler: Handler) -> Handler:
    """Put the handler inside the middleware; the first is the outermost."""
    chain = handler
    for layer in reversed(middleware):
        chain = _around(layer, chain)
    return chain


def _around(layer: Middleware, inner: Handler) -> Handler:
    def call(invocation: Invocation) -> Awaitable[Any]:
        return layer(invocation, lambda changed=None, /: inner(invocation if changed is None else changed))

    return call


# The calls that an app's middleware stands around.
NAMES: Final = (
    "app:run", "app:send", "model:stream", "session:append", "session:dispatch", "session:fork", "session:queue",
    "session:render", "session:send", "session:spawn", "tool:run",
)  # fmt: skip
PATTERNS: Final = ("*", *dict.fromkeys(name.partition(":")[0] + ":*" for name in NAMES), *NAMES)


class MiddlewareRegistry:
    """Middleware by pattern: "*", "session:*" or an exact name, applied in that order, outermost first."""

    __slots__ = ("_everywhere", "_used")

    def __init__(self, everywhere: Sequence[Middleware] = ()) -> None:
        self._everywhere = [("*", layer) for layer in everywhere]
        self._used: list[tuple[str, Middleware]] = []

    def take_over(self, other: "MiddlewareRegistry") -> None:
        """Have what was added to another registry, too."""
        self._used.extend(other._used)

    def use(self, pattern: str, layer: Middleware) -> Callable[[], None]:
        """Add middleware for the calls whose name fits; give the way to take it away again.

        Raises:
            ValidationError: the middleware is no function, or no call has such a name.
        """
        if pattern not in PATTERNS:
            raise ValidationError(
                f"No call is named {pattern!r}, so middleware for it would never run",
                hint=f"Take one of {', '.join(PATTERNS)}.",
            )
        if not callable(cast("object", layer)):
            raise ValidationError(
                f"Validation failed: middleware: {layer!r} is not a function",
                hint="Give an async function of (call, next), which returns what `await next(call)` gives.",
            )
        entry = (pattern, layer)
        self._used.append(entry)

        def remove() -> None:
            if entry in self._used:
                self._used.remove(entry)

        return remove

    def for_name(self, name: str) -> tuple[Middleware, ...]:
        """Give the middleware for a call of that name, outermost first."""
        category = name.partition(":")[0] + ":*"
        entries = (*self._everywhere, *self._used)
        return tuple(
            layer for wanted in ("*", category, name) for pattern, layer in entries if pattern == wanted
        )
