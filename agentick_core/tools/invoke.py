"""Calling a tool's function, of whatever kind it is, and waiting for all that it gives."""

import functools
import inspect
from collections.abc import AsyncIterable, Callable
from typing import Any, cast

from agentick_core.tools.threads import ToolThreads


def is_async(fn: object) -> bool:
    """Tell whether calling this gives at once something to await or to iterate."""
    while isinstance(fn, functools.partial):
        fn = cast("functools.partial[Any]", fn).func
    # An object that can be called is as asynchronous as what its class does with the call.
    call = fn if inspect.isroutine(fn) else type(fn).__call__
    return any(
        test(each)
        for test in (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
        for each in (fn, call)
    )


async def invoke(fn: object, call: Callable[[], Any], threads: ToolThreads) -> Any:
    """Make the call: in a thread where `fn` is synchronous. What it gives is awaited, and drained into a list."""
    value = call() if is_async(fn) else await threads.run(call)
    while inspect.isawaitable(value):
        value = await value
    if isinstance(value, AsyncIterable):
        return [item async for item in cast("AsyncIterable[Any]", value)]
    return value
