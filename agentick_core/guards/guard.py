"""Guards of procedures: a predicate that a call has to satisfy."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, cast

from agentick_core.errors import GuardError
from agentick_core.procedures.middleware import Invocation, Middleware, Next

Predicate: TypeAlias = Callable[[Invocation], bool | Awaitable[bool]]


def create_guard(
    predicate: Predicate, *, guard_type: str = "custom", reason: str | None = None
) -> Middleware:
    """Make middleware that refuses the calls for which the predicate, which may be async, gives False.

    It raises GuardError; the predicate may raise an error of its own instead.
    """

    async def guard(invocation: Invocation, next: Next) -> Any:
        answered = predicate(invocation)
        if await answered if inspect.isawaitable(answered) else answered:
            return await next(invocation)
        why = reason or "the guard refused it"
        raise GuardError(f"{invocation.name} denied: {why}", reason=why, guard_type=guard_type)

    return guard


def require_roles(*roles: str) -> Middleware:
    """Make middleware that lets pass who has one of these roles: `user.roles`, or `user["roles"]`."""

    async def guard(invocation: Invocation, next: Next) -> Any:
        if not set(roles).isdisjoint(_roles(invocation.context.user)):
            return await next(invocation)
        raise GuardError.role(*roles)

    return guard


def _roles(user: object) -> tuple[str, ...]:
    given = (
        cast("Mapping[str, Any]", user).get("roles")
        if isinstance(user, Mapping)
        else getattr(user, "roles", None)
    )
    return tuple(given or ())
