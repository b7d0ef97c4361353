"""What asyncio's futures failed with: looked at, given, made."""

import asyncio
from typing import Any


def look_at(future: asyncio.Future[Any]) -> None:
    """Take note of the failure, so that asyncio does not report it as never retrieved."""
    if not future.cancelled():
        future.exception()


def failure(future: asyncio.Future[Any]) -> BaseException | None:
    """Give what a future that has ended failed with, a cancellation too; None where it has a value."""
    return asyncio.CancelledError() if future.cancelled() else future.exception()


def failed(error: BaseException) -> asyncio.Future[Any]:
    """Give a future that has failed already."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    look_at(future)
    return future
