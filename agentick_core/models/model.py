"""The protocol that every model adapter speaks."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from agentick_core.messages.request import ModelRequest
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.prices import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What is known about a model. `spec` is what names it, such as "openai:gpt-5"; windows are in tokens.

    Without a `price` a limit on the cost cannot be kept, and is an error.
    """

    id: str
    provider: str
    spec: str = ""
    name: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    supports_vision: bool | None = None
    supports_tool_use: bool | None = None
    is_reasoning_model: bool | None = None
    supports_json_schema: bool = False
    token_estimator: Callable[[str], int] | None = None
    price: Price | None = None


@runtime_checkable
class ChatModel(Protocol):
    """A model that can be asked.

    `stream` asks once and yields deltas until `MessageClosed`, which must be the last one: a stream that ends
    without it is an error (`IncompleteStreamError`). Cancelling the task that reads the stream closes the
    connection. Failures are raised as `ProviderError`s; adapters do not retry by themselves.
    """

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        ...

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Ask the model and give its answer as it comes."""
        ...

    def provider_input(self, request: ModelRequest) -> Mapping[str, Any] | None:
        """Give the request in the provider's own words, without any secret; None where there is none."""
        ...

    async def aclose(self) -> None:
        """Close what is open: connections and SDK clients. The model can be used again afterwards."""
        ...
