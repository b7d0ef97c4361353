"""A model behind a server, asked through its provider's SDK: where it is, its key, and one client."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Final, Protocol

from agentick_core.errors.redact import redacted
from agentick_core.messages.request import ModelRequest
from agentick_core.models.catalog import BASE_URL_VARIABLES, KEY_VARIABLES, model_info
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.failures import Endpoint, cut_off, missing_key, not_a_stream
from agentick_core.models.model import ModelInfo
from agentick_core.models.prepared import PreparedBodies
from agentick_core.models.reading import understood

CONNECT_TIMEOUT: Final = 10.0
NO_KEY: Final = "no-key"
"""What an SDK that insists on a key is given for a server that wants none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider: its name, which is that of its SDK too, its title for people, the official address, and where
    there it is asked; `last` is what a complete answer ends with."""

    name: str
    title: str
    url: str
    path: str
    last: str

    @property
    def domain(self) -> str:
        """The name of the official server."""
        return self.url.split("/")[2]


class StreamReader(Protocol):
    """Turns what a server sends for one answer into deltas."""

    @property
    def begun(self) -> bool:
        """Whether anything has come."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the server has said that it is done."""
        ...

    def read(self, event: Any, /) -> Iterable[ModelDelta]:
        """Give what an event says."""
        ...

    def closed(self) -> ModelDelta:
        """Give the last delta."""
        ...


class HostedModel(ABC):
    """A model of a provider, or of any server that speaks its protocol.

    The key comes from `api_key` or the provider's variable, such as OPENAI_API_KEY, the address from `base_url` or
    the variable for that, such as OPENAI_BASE_URL; a server other than the provider's own needs no key. `timeout`
    is in seconds, between two pieces of the answer. Nothing is imported, read or opened before the first request.
    """

    provider: ClassVar[Provider]

    def __init__(
        self,
        name: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        self._name = name
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._client: Any = None
        self._bodies = PreparedBodies(self._body)

    def __repr__(self) -> str:
        return f"{self.provider.name}({self._name!r})"

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return model_info(self.provider.name, self._name)

    @property
    def url(self) -> str:
        """Where the requests go."""
        named = os.environ.get(BASE_URL_VARIABLES[self.provider.name])
        return self._base_url or named or self.provider.url

    async def prepare(self) -> None:
        """Import the SDK in a thread, so that the first answer does not wait for it."""
        await asyncio.to_thread(import_module, self.provider.name)

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Ask the model and give its answer as it comes.

        The SDK's `create` would make a pydantic model of each event, ten times the cost of reading it; its `post`
        gives the events as they came.
        """
        endpoint = self._endpoint()
        client = await self._opened()
        from agentick_core.models.hosted.errors import translated

        sdk: Any = import_module(self.provider.name)
        reader, kind = self._reader(), ""
        with translated(sdk, endpoint):
            stream = await client.post(
                self.provider.path,
                body=self._bodies.take(request),
                cast_to=object,
                stream=True,
                stream_cls=sdk.AsyncStream[object],
            )
            async with stream as events:
                kind = events.response.headers.get("content-type", "")
                async for event in events:
                    for delta in understood(endpoint, reader.read, event):
                        yield delta
        if reader.complete:
            yield reader.closed()
        elif reader.begun or "event-stream" in kind:
            raise cut_off(endpoint, f"the stream ended without {self.provider.last}.")
        else:
            raise not_a_stream(endpoint, kind)

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any]:
        """Give the request in the provider's words; what was shown here is what is sent."""
        return self._bodies.show(request)

    async def aclose(self) -> None:
        """Close the connections; the model can be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    @abstractmethod
    def _body(self, request: ModelRequest) -> dict[str, Any]:
        """Write the request in the provider's words."""

    @abstractmethod
    def _reader(self) -> StreamReader:
        """Give what reads an answer."""

    @abstractmethod
    def _make_client(self, **options: Any) -> Any:
        """Make the SDK's client; runs in a thread."""

    def _is_official(self) -> bool:
        _, _, place = self.url.partition("://")
        return self.provider.domain in place.partition("/")[0]

    def _key(self) -> str:
        return self._api_key or os.environ.get(KEY_VARIABLES[self.provider.name]) or ""

    def _endpoint(self) -> Endpoint:
        key, provider = self._key(), self.provider
        if not key and self._is_official():
            raise missing_key(provider.name, provider.title)
        title = provider.title if self._is_official() else "The model server"
        return Endpoint(
            provider=provider.name, title=title, model=self._name, url=redacted(self.url), secrets=(key,)
        )

    async def _opened(self) -> Any:
        """Give the client; it is made in a thread, since the import and the certificates take long."""
        if self._client is None:
            made = await asyncio.to_thread(self._make)
            if self._client is None:
                self._client = made
            else:
                await made.close()
        return self._client

    def _make(self) -> Any:
        import httpx2

        return self._make_client(
            api_key=self._key() or NO_KEY,
            base_url=self.url,
            timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, CONNECT_TIMEOUT)),
            max_retries=0,
        )
