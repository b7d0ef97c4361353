"""The model behind Chat Completions: one client, made when it is first asked."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from agentick_core.errors.redact import redacted
from agentick_core.messages.request import ModelRequest
from agentick_core.models.catalog import DEFAULT_MODELS, model_info, reasons_by_default
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.failures import Endpoint, cut_off, missing_key, not_a_stream
from agentick_core.models.model import ModelInfo
from agentick_core.models.openai.request import chat_request, own_options
from agentick_core.models.prepared import PreparedBodies
from agentick_core.models.reading import understood

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OFFICIAL_URL = "https://api.openai.com/v1"
NO_KEY = "no-key"
CONNECT_TIMEOUT = 10.0


class OpenAIModel:
    """A model of OpenAI, or of any server that speaks Chat Completions.

    The key comes from `api_key` or OPENAI_API_KEY, the address from `base_url` or OPENAI_BASE_URL; a server
    other than OpenAI's own needs no key. `timeout` is in seconds, between two pieces of the answer. Nothing is
    imported, read or opened before the first request.
    """

    def __init__(
        self,
        name: str = DEFAULT_MODELS["openai"],
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        self._name = name
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._client: AsyncOpenAI | None = None
        self._bodies = PreparedBodies(self._body)

    def __repr__(self) -> str:
        return f"openai({self._name!r})"

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return model_info("openai", self._name)

    @property
    def url(self) -> str:
        """Where the requests go."""
        return self._base_url or os.environ.get("OPENAI_BASE_URL") or OFFICIAL_URL

    async def prepare(self) -> None:
        """Import the SDK in a thread, so that the first answer does not wait for it."""
        await asyncio.to_thread(import_module, "openai")

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Ask the model and give its answer as it comes.

        The SDK's `create` would make a pydantic model of each chunk, ten times the cost of reading it; its `post`
        gives the chunks as they came.
        """
        endpoint = self._endpoint()
        client = await self._opened()
        from openai import AsyncStream

        from agentick_core.models.openai.errors import translated
        from agentick_core.models.openai.stream import ChunkReader

        reader, kind = ChunkReader(), ""
        with translated(endpoint):
            stream = await client.post(
                "/chat/completions",
                body=self._bodies.take(request),
                cast_to=object,
                stream=True,
                stream_cls=AsyncStream[object],
            )
            async with stream as chunks:
                kind = chunks.response.headers.get("content-type", "")
                async for chunk in chunks:
                    for delta in understood(endpoint, reader.read, chunk):
                        yield delta
        if reader.finish_reason is not None:
            yield reader.closed()
        elif reader.chunks or "event-stream" in kind:
            raise cut_off(endpoint, "the stream ended without a finish_reason.")
        else:
            raise not_a_stream(endpoint, kind)

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any]:
        """Give the request in the words of Chat Completions; what was shown here is what is sent."""
        return self._bodies.show(request)

    async def aclose(self) -> None:
        """Close the connections; the model can be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body = chat_request(
            request,
            self._name,
            official=self._is_official(),
            reasons=reasons_by_default("openai", self._name),
        )
        return {**body, **own_options(request.options, "openai")}

    def _key(self) -> str:
        return self._api_key or os.environ.get("OPENAI_API_KEY") or ""

    def _is_official(self) -> bool:
        return "api.openai.com" in self.url

    def _endpoint(self) -> Endpoint:
        key = self._key()
        if not key and self._is_official():
            raise missing_key("openai", "OpenAI")
        title = "OpenAI" if self._is_official() else "The model server"
        return Endpoint(
            provider="openai", title=title, model=self._name, url=redacted(self.url), secrets=(key,)
        )

    async def _opened(self) -> "AsyncOpenAI":
        """Give the client; it is made in a thread, since the import and the certificates take long."""
        if self._client is None:
            made = await asyncio.to_thread(self._make_client)
            if self._client is None:
                self._client = made
            else:
                await made.close()
        return self._client

    def _make_client(self) -> "AsyncOpenAI":
        import httpx2
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            api_key=self._key() or NO_KEY,
            base_url=self.url,
            timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, CONNECT_TIMEOUT)),
            max_retries=0,
        )


def openai(
    name: str = DEFAULT_MODELS["openai"],
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = 600.0,
) -> OpenAIModel:
    """Name a model of OpenAI, or of any server that speaks Chat Completions."""
    return OpenAIModel(name, api_key=api_key, base_url=base_url, timeout=timeout)
