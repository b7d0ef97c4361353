"""The model behind the Messages protocol."""

from typing import TYPE_CHECKING, Any

from agentick_core.messages.request import ModelRequest
from agentick_core.models.anthropic.request import messages_request, own_options
from agentick_core.models.catalog import DEFAULT_MODELS, reasons_by_default
from agentick_core.models.hosted.model import HostedModel, Provider, StreamReader

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

ANTHROPIC = Provider(
    name="anthropic",
    title="Anthropic",
    url="https://api.anthropic.com",
    path="/v1/messages",
    last="message_stop",
)


class AnthropicModel(HostedModel):
    """A model of Anthropic, or of any server that speaks Messages."""

    provider = ANTHROPIC

    def __init__(
        self,
        name: str = DEFAULT_MODELS["anthropic"],
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        super().__init__(name, api_key=api_key, base_url=base_url, timeout=timeout)

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body = messages_request(
            request,
            self._name,
            max_output=self.info.max_output_tokens,
            reasons=reasons_by_default("anthropic", self._name),
        )
        return {**body, **own_options(request.options)}

    def _reader(self) -> StreamReader:
        from agentick_core.models.anthropic.stream import EventReader

        return EventReader(self._name)

    def _make_client(self, **options: Any) -> "AsyncAnthropic":
        from anthropic import AsyncAnthropic

        # The SDK sends the key as a bearer token; servers that learnt an older protocol look for it here.
        headers = None if self._is_official() else {"x-api-key": options["api_key"]}
        return AsyncAnthropic(**options, default_headers=headers)


def anthropic(
    name: str = DEFAULT_MODELS["anthropic"],
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = 600.0,
) -> AnthropicModel:
    """Name a model of Anthropic, or of any server that speaks Messages."""
    return AnthropicModel(name, api_key=api_key, base_url=base_url, timeout=timeout)
