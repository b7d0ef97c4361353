"""From what names a model to the model: an adapter is imported when it is named, its SDK when it is asked."""

from typing import Protocol, runtime_checkable

from agentick_core.models.catalog import parse_spec
from agentick_core.models.model import ChatModel


@runtime_checkable
class Preparable(Protocol):
    """A model that has something to import before its first answer."""

    async def prepare(self) -> None:
        """Import it, in a thread."""
        ...


def model_from_spec(spec: str, *, base_url: str | None = None) -> ChatModel:
    """Make the model that the spec names, at another endpoint where one is given.

    Raises NotFoundError that names the nearest specs.
    """
    parsed = parse_spec(spec)
    match parsed.provider:
        case "openai":
            from agentick_core.models.openai import OpenAIModel

            return OpenAIModel(parsed.name, base_url=base_url)
        case "anthropic":
            from agentick_core.models.anthropic import AnthropicModel

            return AnthropicModel(parsed.name, base_url=base_url)
        case _:
            from agentick_core.models.offline import OfflineModel

            return OfflineModel()
