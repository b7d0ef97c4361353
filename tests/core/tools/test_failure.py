"""What a failure is called where the model reads it."""

import http.client
import urllib.error
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from agentick_core.errors import (
    AuthenticationError,
    ConnectionFailedError,
    PermissionDeniedError,
    ProviderTimeoutError,
    RateLimitError,
    ToolError,
)
from agentick_core.messages.blocks import TextBlock
from agentick_core.tools.execute import run_tool_call
from agentick_core.tools.failure import classify
from agentick_core.tools.tool import create_tool, tool
from tests.core.tools.fake_host import FakeHost, call, failure, soon, text


def answered(status: int) -> httpx2.HTTPStatusError:
    request = httpx2.Request("GET", "http://127.0.0.1/")
    return httpx2.HTTPStatusError("no", request=request, response=httpx2.Response(status, request=request))


def opened(status: int) -> urllib.error.HTTPError:
    return urllib.error.HTTPError("http://127.0.0.1/", status, "no", http.client.HTTPMessage(), None)


class Closed(BaseException):
    """Is no exception that anybody catches."""


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (RateLimitError("slow down"), "RATE_LIMIT_ERROR"),
        (AuthenticationError("who?"), "AUTH_ERROR"),
        (PermissionDeniedError("not you"), "AUTH_ERROR"),
        (ProviderTimeoutError("late"), "TIMEOUT_ERROR"),
        (ConnectionFailedError("gone"), "NETWORK_ERROR"),
        (answered(401), "AUTH_ERROR"),
        (answered(403), "AUTH_ERROR"),
        (answered(429), "RATE_LIMIT_ERROR"),
        (answered(504), "TIMEOUT_ERROR"),
        (answered(500), "APPLICATION_ERROR"),
        (httpx2.ConnectError("gone"), "NETWORK_ERROR"),
        (httpx2.ConnectTimeout("late"), "TIMEOUT_ERROR"),
        (opened(429), "RATE_LIMIT_ERROR"),
        (opened(404), "APPLICATION_ERROR"),
        (urllib.error.URLError("gone"), "NETWORK_ERROR"),
        (PermissionError("not this file"), "APPLICATION_ERROR"),
        (ToolError("no", code="MINE"), "MINE"),
        (ToolError("no"), "APPLICATION_ERROR"),
        (Closed(), "UNKNOWN_ERROR"),
    ],
    ids=repr,
)
async def test_an_error_is_told_by_what_the_model_may_do_about_it(raised: BaseException, kind: str) -> None:
    async def fail() -> None:
        raise raised

    assert (
        failure(await soon(run_tool_call(call("fail"), FakeHost(create_tool(name="fail", handler=fail)))))
        == kind
    )


def test_an_error_whose_status_is_no_number_is_an_error_of_the_application() -> None:
    class Odd(Exception):
        status = "429"

    class Broken(Exception):
        @property
        def response(self) -> object:
            raise RuntimeError("no answer")

    assert classify(Odd()) == classify(Broken()) == "APPLICATION_ERROR"


async def test_a_tool_without_a_handler_is_told_as_such_to_the_model_and_to_a_person() -> None:
    host = FakeHost(create_tool(name="ask", type="client").replace(type="server"))
    result = await run_tool_call(call("ask"), host)
    assert failure(result) == "TOOL_NO_HANDLER"
    assert 'Tool \\"ask\\" has no handler' in text(result)
    with pytest.raises(ToolError, match='Command "ask" has no handler'):
        await run_tool_call(call("ask"), host, origin="user")


async def test_a_list_of_blocks_with_something_else_in_it_is_told_as_such() -> None:
    @tool
    async def mixed() -> AsyncIterator[Any]:
        """Mix."""
        yield TextBlock("fine")
        yield {"type": "text"}

    result = await run_tool_call(call("mixed"), FakeHost(mixed))
    assert failure(result) == "INVALID_CONTENT_BLOCK"
    assert "dict in a list of blocks" in text(result)
