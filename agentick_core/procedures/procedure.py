"""A procedure: a function whose calls start at once, and that can be wrapped without changing it."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from agentick_core.errors import AbortError, NoRunningLoopError, ValidationError
from agentick_core.messages.blocks import no_metadata
from agentick_core.procedures.ambient import Ambient, current, entered, merged
from agentick_core.procedures.call import Call, failed
from agentick_core.procedures.middleware import Invocation, Middleware, MiddlewareRegistry, compose
from agentick_core.procedures.tracing import Traced

P = ParamSpec("P")
Q = ParamSpec("Q")
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapping:
    """What stands around the handler of a procedure; `held` keeps its calls alive where nobody awaits them."""

    name: str
    registry: MiddlewareRegistry | None = None
    middleware: tuple[Middleware, ...] = ()
    context: Mapping[str, Any] = field(default_factory=no_metadata)
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    timeout: float | None = None
    held: "set[asyncio.Future[Any]] | None" = None

    def layers(self) -> tuple[Middleware, ...]:
        """Give all middleware, outermost first: the app's, then the procedure's own."""
        wide = self.registry.for_name(self.name) if self.registry else ()
        return wide + self.middleware


class Procedure(Generic[P, T]):
    """A function whose calls start at once; `use`, `with_*` and `pipe` give new procedures.

    The handler's own synchronous part runs during the call, so calls take effect in the order they were made.
    Middleware that waits delays only its own call.
    """

    __slots__ = ("_handler", "wrapping")

    def __init__(self, handler: Callable[P, Awaitable[T]], wrapping: Wrapping) -> None:
        self._handler = handler
        self.wrapping = wrapping

    @property
    def name(self) -> str:
        """The name that middleware sees, such as "session:send"."""
        return self.wrapping.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        return Call(self._start(args, kwargs))

    def exec(self, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        """Call it: the same as calling the procedure itself."""
        return self(*args, **kwargs)

    def use(self, *middleware: Middleware) -> "Procedure[P, T]":
        """Put middleware inside what is there already; the first given is the outermost."""
        return self._with(replace(self.wrapping, middleware=self.wrapping.middleware + middleware))

    def with_context(self, **values: Any) -> "Procedure[P, T]":
        """Lay values over the ambient context of each call."""
        return self._with(replace(self.wrapping, context={**self.wrapping.context, **values}))

    def with_timeout(self, seconds: float) -> "Procedure[P, T]":
        """Cancel the work after so many seconds; 0 means never."""
        return self._with(replace(self.wrapping, timeout=seconds or None))

    def with_metadata(self, **values: Any) -> "Procedure[P, T]":
        """Add metadata that middleware sees."""
        return self._with(replace(self.wrapping, metadata={**self.wrapping.metadata, **values}))

    def pipe(self, following: "Procedure[Concatenate[T, ...], U]") -> "Procedure[P, U]":
        """Hand the value on to another procedure; an error stops the chain."""

        async def piped(*args: P.args, **kwargs: P.kwargs) -> U:
            return await following(await self(*args, **kwargs))

        return Procedure(piped, Wrapping(name=f"{self.name}.pipe"))

    def _with(self, wrapping: Wrapping) -> "Procedure[P, T]":
        return Procedure(self._handler, wrapping)

    def _start(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> "asyncio.Future[T]":
        return start(self._handler, self.wrapping, args, kwargs)


def start(
    handler: Callable[..., Awaitable[T]], wrapping: Wrapping, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> "asyncio.Future[T]":
    """Start a handler inside its wrapping.

    Raises:
        NoRunningLoopError: where no event loop runs.
    """
    loop = _running_loop(wrapping.name)
    ambient = merged(current(), **wrapping.context)
    if ambient.trace is None:
        future = _begun(handler, wrapping, ambient, args, kwargs)
    else:
        traced = Traced(ambient, ambient.trace, wrapping.name, wrapping.metadata)
        future = traced.follow(_begun(handler, wrapping, traced.ambient, args, kwargs))
    if wrapping.timeout is not None:
        future = loop.create_task(_within(future, wrapping.timeout))
    if wrapping.held is not None:
        wrapping.held.add(future)
        future.add_done_callback(wrapping.held.discard)
    return future


def _begun(
    handler: Callable[..., Awaitable[T]],
    wrapping: Wrapping,
    ambient: Ambient,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> "asyncio.Future[T]":
    layers = wrapping.layers()
    with entered(ambient):
        if layers:
            invocation = Invocation(
                name=wrapping.name, args=args, kwargs=kwargs, context=ambient, metadata=wrapping.metadata
            )
            work = _through(layers, handler, invocation)
        else:
            try:
                work = handler(*args, **kwargs)
            # Whatever the handler raises belongs to whoever awaits the call.
            except Exception as error:
                return failed(error)
        return asyncio.ensure_future(work)


async def _through(
    layers: tuple[Middleware, ...], handler: Callable[..., Awaitable[T]], invocation: Invocation
) -> T:
    async def innermost(call: Invocation) -> T:
        return await handler(*call.args, **call.kwargs)

    return await compose(layers, innermost)(invocation)


async def _within(future: "asyncio.Future[T]", seconds: float) -> T:
    done, _ = await asyncio.wait({future}, timeout=seconds)
    if not done:
        future.cancel()
        await asyncio.wait({future})
        raise timed_out(seconds)
    return future.result()


def timed_out(seconds: float) -> AbortError:
    """Make the error of a call that took too long."""
    return AbortError(f"Operation timed out after {round(seconds * 1000)}ms", code="ABORT_TIMEOUT")


def _running_loop(name: str) -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise NoRunningLoopError(
            f"{name} was called outside an event loop",
            hint="Call it from a coroutine, and start that with asyncio.run(...); from another thread than the "
            "loop's, with asyncio.run_coroutine_threadsafe(..., loop).",
        ) from None


@overload
def create_procedure(
    handler: Callable[P, Awaitable[T]],
    *,
    name: str | None = None,
    middleware: tuple[Middleware, ...] = (),
    metadata: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> Procedure[P, T]: ...
@overload
def create_procedure(
    handler: Callable[P, T],
    *,
    name: str | None = None,
    middleware: tuple[Middleware, ...] = (),
    metadata: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> Procedure[P, T]: ...
def create_procedure(
    handler: Callable[..., Any],
    *,
    name: str | None = None,
    middleware: tuple[Middleware, ...] = (),
    metadata: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> Procedure[..., Any]:
    """Make a procedure of a function, async or not; `timeout` is in seconds.

    Raises:
        ValidationError: there is no function.
    """
    if not callable(handler):
        raise ValidationError(
            f"A procedure is made of a function, not of {handler!r}",
            hint="Give a function, async or not.",
            code="VALIDATION_REQUIRED",
        )
    label = name or getattr(handler, "__name__", "procedure")
    wrapping = Wrapping(name=label, middleware=middleware, metadata=metadata or {}, timeout=timeout or None)
    return Procedure(_awaitable(handler), wrapping)


def _awaitable(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    def handle(*args: Any, **kwargs: Any) -> Awaitable[Any]:
        given = handler(*args, **kwargs)
        return given if inspect.isawaitable(given) else _given(given)

    return handler if inspect.iscoroutinefunction(handler) else handle


async def _given(value: T) -> T:
    return value


def pipe(*procedures: Procedure[..., Any]) -> Procedure[..., Any]:
    """Chain procedures from left to right; one alone is given back as it is.

    Raises:
        ValidationError: where none is given.
    """
    if not procedures:
        raise ValidationError(
            "A chain needs at least one procedure", hint="Give it one or more.", code="VALIDATION_REQUIRED"
        )
    chain, *following = procedures
    for procedure in following:
        chain = chain.pipe(procedure)
    return chain


def compose_procedures(*procedures: Procedure[..., Any]) -> Procedure[..., Any]:
    """Chain procedures from right to left.

    Raises:
        ValidationError: where none is given.
    """
    return pipe(*reversed(procedures))
