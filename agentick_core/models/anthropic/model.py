"""The model behind the Messages protocol: one client, made when it is first asked."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from agentick_core.errors.redact import redacted
from agentick_core.messages.request import ModelRequest
from agentick_core.models.anthropic.request import messages_request, own_options
from agentick_core.models.catalog import DEFAULT_MODELS, model_info, reasons_by_default
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.failures import Endpoint, cut_off, missing_key, not_a_stream
from agentick_core.models.model import ModelInfo
from agentick_core.models.prepared import PreparedBodies
from agentick_core.models.reading import understood

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

OFFICIAL_URL = "https://api.anthropic.com"
NO_KEY = "no-key"
CONNECT_TIMEOUT = 10.0


class AnthropicModel:
    """A model of Anthropic, or of any server that speaks Messages.

    The key comes from `api_key` or ANTHROPIC_API_KEY, the address from `base_url` or ANTHROPIC_BASE_URL; a
    server other than Anthropic's own needs no key. `timeout` is in seconds, between two pieces of the answer.
    Nothing is imported, read or opened before the first request.
    """

    def __init__(
        self,
        name: str = DEFAULT_MODELS["anthropic"],
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        self._name = name
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._client: AsyncAnthropic | None = None
        self._bodies = PreparedBodies(self._body)

    def __repr__(self) -> str:
        return f"anthropic({self._name!r})"

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return model_info("anthropic", self._name)

    @property
    def url(self) -> str:
        """Where the requests go."""
        return self._base_url or os.environ.get("ANTHROPIC_BASE_URL") or OFFICIAL_URL

    async def prepare(self) -> None:
        """Import the SDK in a thread, so that the first answer does not wait for it."""
        await asyncio.to_thread(import_module, "anthropic")

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Ask the model and give its answer as it comes.

        The SDK's `create` would make a pydantic model of each event, far more work than reading it; its `post`
        gives the events as they came.
        """
        endpoint = self._endpoint()
        client = await self._opened()
        from anthropic import AsyncStream

        from agentick_core.models.anthropic.errors import translated
        from agentick_core.models.anthropic.stream import EventReader

        reader, kind = EventReader(self._name), ""
        with translated(endpoint):
            stream = await client.post(
                "/v1/messages",
                body=self._bodies.take(request),
                cast_to=object,
                stream=True,
                stream_cls=AsyncStream[object],
            )
            async with stream as events:
                kind = events.response.headers.get("content-type", "")
                async for event in events:
                    for delta in understood(endpoint, reader.read, event):
                        yield delta
        if reader.stopped:
            yield reader.closed()
        elif reader.events or "event-stream" in kind:
            raise cut_off(endpoint, "the stream ended without message_stop.")
        else:
            raise not_a_stream(endpoint, kind)

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any]:
        """Give the request in the words of Messages; what was shown here is what is sent."""
        return self._bodies.show(request)

    async def aclose(self) -> None:
        """Close the connections; the model can be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body = messages_request(
            request,
            self._name,
            max_output=self.info.max_output_tokens,
            reasons=reasons_by_default("anthropic", self._name),
        )
        return {**body, **own_options(request.options)}

    def _key(self) -> str:
        return self._api_key or os.environ.get("ANTHROPIC_API_KEY") or ""

    def _is_official(self) -> bool:
        return "api.anthropic.com" in self.url

    def _endpoint(self) -> Endpoint:
        key = self._key()
        if not key and self._is_official():
            raise missing_key("anthropic", "Anthropic")
        title = "Anthropic" if self._is_official() else "The model server"
        return Endpoint(
            provider="anthropic", title=title, model=self._name, url=redacted(self.url), secrets=(key,)
        )

    async def _opened(self) -> "AsyncAnthropic":
        """Give the client; it is made in a thread, since the import and the certificates take long."""
        if self._client is None:
            made = await asyncio.to_thread(self._make_client)
            if self._client is None:
                self._client = made
            else:
                await made.close()
        return self._client

    def _make_client(self) -> "AsyncAnthropic":
        import httpx2
        from anthropic import AsyncAnthropic

        key = self._key() or NO_KEY
        return AsyncAnthropic(
            api_key=key,
            base_url=self.url,
            timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, CONNECT_TIMEOUT)),
            max_retries=0,
            # The SDK sends the key as a bearer token; servers that learnt an older protocol look for it here.
            default_headers=None if self._is_official() else {"x-api-key": key},
        )


def anthropic(
    name: str = DEFAULT_MODELS["anthropic"],
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = 600.0,
) -> AnthropicModel:
    """Name a model of Anthropic, or of any server that speaks Messages."""
    return AnthropicModel(name, api_key=api_key, base_url=base_url, timeout=timeout)
