"""A procedure: a function whose calls start at once, and that can be wrapped without changing it."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypedDict, TypeVar, Unpack, overload

from agentick_core.errors import AbortError, NoRunningLoopError, ValidationError
from agentick_core.messages.blocks import no_metadata
from agentick_core.procedures.ambient import Ambient, current, entered, merged
from agentick_core.procedures.call import Call
from agentick_core.procedures.first_argument import checked
from agentick_core.procedures.futures import failed
from agentick_core.procedures.middleware import Invocation, Middleware, MiddlewareRegistry, compose
from agentick_core.procedures.stream import drained, ended, is_generator, opened
from agentick_core.procedures.tracing import Traced

if TYPE_CHECKING:
    from agentick_core.events.buffer import EventBuffer
    from agentick_core.procedures.stream import Chunk

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")
FirstT = TypeVar("FirstT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapping:
    """What stands around the handler of a procedure.

    `held` keeps its calls alive where nobody awaits them. `yields` is the type of the events that tell what the
    handler yields, and None where it is no generator.
    """

    name: str
    registry: MiddlewareRegistry | None = None
    middleware: tuple[Middleware, ...] = ()
    context: Mapping[str, Any] = field(default_factory=no_metadata)
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    timeout: float | None = None
    held: "set[asyncio.Future[Any]] | None" = None
    yields: str | None = None

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
        wrapping = self.wrapping
        chunks = None if wrapping.yields is None else opened()
        future = start(self._handler, wrapping, args, kwargs, chunks)
        if chunks is not None:
            future.add_done_callback(partial(ended, chunks))
        return Call(future, wrapping.context.get("trace_id", current().trace_id), chunks)

    def exec(self, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        """Call it: the same as calling the procedure itself."""
        return self(*args, **kwargs)

    def as_part(self, *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
        """Call it as a part of other work: whoever stops that stops this, too."""
        return start(self._handler, self.wrapping, args, kwargs)

    def use(self, *middleware: Middleware) -> "Procedure[P, T]":
        """Put middleware inside what is there already; the first given is the outermost."""
        return self._with(replace(self.wrapping, middleware=self.wrapping.middleware + middleware))

    def with_context(self, **values: Any) -> "Procedure[P, T]":
        """Lay values over the ambient context of each call."""
        return self._with(replace(self.wrapping, context={**self.wrapping.context, **values}))

    def with_timeout(self, seconds: float) -> "Procedure[P, T]":
        """Cancel the work after so many seconds; 0 means never."""
        return self._with(replace(self.wrapping, timeout=time_limit(seconds)))

    def with_metadata(self, **values: Any) -> "Procedure[P, T]":
        """Add metadata that middleware sees."""
        return self._with(replace(self.wrapping, metadata={**self.wrapping.metadata, **values}))

    def pipe(self, following: "Procedure[Concatenate[T, ...], U]") -> "Procedure[P, U]":
        """Hand the value on to another procedure; an error stops the chain."""

        async def piped(*args: P.args, **kwargs: P.kwargs) -> U:
            return await following.as_part(await self.as_part(*args, **kwargs))

        return Procedure(piped, Wrapping(name=f"{self.name}.pipe"))

    def _with(self, wrapping: Wrapping) -> "Procedure[P, T]":
        return Procedure(self._handler, wrapping)


def start(
    handler: Callable[..., Awaitable[T]],
    wrapping: Wrapping,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    chunks: "EventBuffer[Chunk] | None" = None,
) -> "asyncio.Future[T]":
    """Start a handler inside its wrapping; `chunks` takes what a generator yields.

    Raises:
        NoRunningLoopError: where no event loop runs.
    """
    loop = _running_loop(wrapping.name)
    ambient = merged(current(), **wrapping.context)
    traced = ambient.trace and Traced(ambient, ambient.trace, wrapping.name, wrapping.metadata)
    if wrapping.yields is not None:
        handler = drained(handler, chunks, traced and partial(traced.chunk, wrapping.yields))
    if traced is None:
        future = _begun(handler, wrapping, ambient, args, kwargs)
    else:
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
                work = _called(handler, wrapping.name, args, kwargs)
            # Whatever the handler raises belongs to whoever awaits the call.
            except Exception as error:
                return failed(error)
        return asyncio.ensure_future(work)


async def _through(
    layers: tuple[Middleware, ...], handler: Callable[..., Awaitable[T]], invocation: Invocation
) -> T:
    async def innermost(call: Invocation) -> T:
        return await _called(handler, call.name, call.args, call.kwargs)

    return await compose(layers, innermost)(invocation)


def _called(
    handler: Callable[..., Awaitable[T]], name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Awaitable[T]:
    try:
        return handler(*args, **kwargs)
    except TypeError as error:
        # One that comes from here, and not from further in, is about the arguments.
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        wrong = str(error).removeprefix(f"{getattr(handler, '__qualname__', '')}() ")
        known = ", ".join(inspect.signature(handler).parameters)
        raise TypeError(f"{name} {wrong}; its arguments are {known}") from None


async def _within(future: "asyncio.Future[T]", seconds: float) -> T:
    done: set[asyncio.Future[T]] = set()
    try:
        done, _ = await asyncio.wait({future}, timeout=seconds)
    finally:
        # Time is up, or somebody stopped the call.
        if not done:
            future.cancel()
            await asyncio.wait({future})
    if not done:
        raise timed_out(seconds)
    return future.result()


def time_limit(seconds: float | None) -> float | None:
    """Give the limit of a call; 0 is none.

    Raises:
        ValidationError: it is below 0.
    """
    if seconds is not None and seconds < 0:
        raise ValidationError(
            f"Validation failed: timeout: {seconds} is below 0", hint="Give seconds, or 0 for no limit."
        )
    return seconds or None


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


class ProcedureKeywords(TypedDict, total=False):
    """The options of a procedure; `timeout` is in seconds."""

    name: str | None
    middleware: tuple[Middleware, ...]
    metadata: Mapping[str, Any] | None
    timeout: float | None
    stream_event_type: str


@overload
def create_procedure(
    handler: Callable[Concatenate[FirstT, P], Awaitable[T] | Generator[Any, Any, T]],
    *,
    schema: type[FirstT],
    **options: Unpack[ProcedureKeywords],
) -> Procedure[Concatenate[FirstT | Mapping[str, Any], P], T]: ...
@overload
def create_procedure(
    handler: Callable[Concatenate[FirstT, P], Iterator[Any] | AsyncIterator[Any]],
    *,
    schema: type[FirstT],
    **options: Unpack[ProcedureKeywords],
) -> Procedure[Concatenate[FirstT | Mapping[str, Any], P], Any]: ...
@overload
def create_procedure(
    handler: Callable[Concatenate[FirstT, P], T],
    *,
    schema: type[FirstT],
    **options: Unpack[ProcedureKeywords],
) -> Procedure[Concatenate[FirstT | Mapping[str, Any], P], T]: ...
@overload
def create_procedure(
    handler: Callable[P, Awaitable[T] | Generator[Any, Any, T]],
    *,
    schema: Mapping[str, Any] | None = None,
    **options: Unpack[ProcedureKeywords],
) -> Procedure[P, T]: ...
@overload
def create_procedure(
    handler: Callable[P, Iterator[Any] | AsyncIterator[Any]],
    *,
    schema: Mapping[str, Any] | None = None,
    **options: Unpack[ProcedureKeywords],
) -> Procedure[P, Any]: ...
@overload
def create_procedure(
    handler: Callable[P, T],
    *,
    schema: Mapping[str, Any] | None = None,
    **options: Unpack[ProcedureKeywords],
) -> Procedure[P, T]: ...
def create_procedure(
    handler: Callable[..., Any] | None = None,
    *,
    schema: type[Any] | Mapping[str, Any] | None = None,
    name: str | None = None,
    middleware: tuple[Middleware, ...] = (),
    metadata: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    stream_event_type: str = "stream:chunk",
) -> Procedure[..., Any]:
    """Make a procedure of a function, async or not, or of a generator; `timeout` is in seconds.

    A `schema` checks the first argument as the handler gets it: a type, such as a pydantic model or a dataclass,
    gives it parsed, a JSON schema of an object leaves it as it is. What does not fit fails the call with the
    ValidationError "Validation failed: path: message". Types are read, and pydantic loaded, here and now: make
    such procedures where the module is loaded. A call of a generator gives what the generator returns; iterate
    the call for what it yields, each of which a trace is told with `stream_event_type`.

    Raises:
        ValidationError: there is no function, or the schema is none.
    """
    if not callable(handler):
        raise ValidationError(
            f"A procedure is made of a function, not of {handler!r}",
            hint="Give a function, async or not.",
            code="VALIDATION_REQUIRED",
        )
    streams = is_generator(handler)
    work = handler if streams else _awaitable(handler)
    wrapping = Wrapping(
        name=name or getattr(handler, "__name__", "procedure"),
        middleware=middleware,
        metadata=metadata or {},
        timeout=time_limit(timeout),
        yields=stream_event_type if streams else None,
    )
    return Procedure(work if schema is None else checked(work, handler, schema), wrapping)


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
