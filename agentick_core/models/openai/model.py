"""The model behind Chat Completions."""

from typing import TYPE_CHECKING, Any

from agentick_core.messages.request import ModelRequest
from agentick_core.models.catalog import DEFAULT_MODELS, reasons_by_default
from agentick_core.models.hosted.model import HostedModel, Provider, StreamReader
from agentick_core.models.openai.request import chat_request, own_options

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI = Provider(
    name="openai",
    title="OpenAI",
    url="https://api.openai.com/v1",
    path="/chat/completions",
    last="a finish_reason",
)


class OpenAIModel(HostedModel):
    """A model of OpenAI, or of any server that speaks Chat Completions."""

    provider = OPENAI

    def __init__(
        self,
        name: str = DEFAULT_MODELS["openai"],
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        super().__init__(name, api_key=api_key, base_url=base_url, timeout=timeout)

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body = chat_request(
            request,
            self._name,
            official=self._is_official(),
            reasons=reasons_by_default("openai", self._name),
        )
        return {**body, **own_options(request.options, "openai")}

    def _reader(self) -> StreamReader:
        from agentick_core.models.openai.stream import ChunkReader

        return ChunkReader()

    def _make_client(self, **options: Any) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        return AsyncOpenAI(**options)


def openai(
    name: str = DEFAULT_MODELS["openai"],
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = 600.0,
) -> OpenAIModel:
    """Name a model of OpenAI, or of any server that speaks Chat Completions."""
    return OpenAIModel(name, api_key=api_key, base_url=base_url, timeout=timeout)
