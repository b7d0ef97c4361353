"""From a request to events: the protocol of models, the adapters, and how an answer is built from deltas.

Names are loaded when first used.
"""

from typing import TYPE_CHECKING

from agentick_core.lazy import loaded_when_used

if TYPE_CHECKING:
    from agentick_core.models.deltas import BlockDelta as BlockDelta
    from agentick_core.models.deltas import ContentMetadata as ContentMetadata
    from agentick_core.models.deltas import MessageClosed as MessageClosed
    from agentick_core.models.deltas import MessageOpened as MessageOpened
    from agentick_core.models.deltas import ModelDelta as ModelDelta
    from agentick_core.models.deltas import ReasoningClosed as ReasoningClosed
    from agentick_core.models.deltas import ReasoningTextDelta as ReasoningTextDelta
    from agentick_core.models.deltas import TextDelta as TextDelta
    from agentick_core.models.deltas import ToolCallClosed as ToolCallClosed
    from agentick_core.models.deltas import ToolCallInput as ToolCallInput
    from agentick_core.models.deltas import ToolCallOpened as ToolCallOpened
    from agentick_core.models.deltas import UsageDelta as UsageDelta
    from agentick_core.models.model import ChatModel as ChatModel
    from agentick_core.models.model import ModelInfo as ModelInfo
    from agentick_core.models.prices import Price as Price
    from agentick_core.models.resolve import model_from_spec as model_from_spec
    from agentick_core.models.retry import RetryPolicy as RetryPolicy

_HOMES = {
    "BlockDelta": "agentick_core.models.deltas",
    "ChatModel": "agentick_core.models.model",
    "ContentMetadata": "agentick_core.models.deltas",
    "MessageClosed": "agentick_core.models.deltas",
    "MessageOpened": "agentick_core.models.deltas",
    "ModelDelta": "agentick_core.models.deltas",
    "ModelInfo": "agentick_core.models.model",
    "Price": "agentick_core.models.prices",
    "ReasoningClosed": "agentick_core.models.deltas",
    "ReasoningTextDelta": "agentick_core.models.deltas",
    "RetryPolicy": "agentick_core.models.retry",
    "TextDelta": "agentick_core.models.deltas",
    "ToolCallClosed": "agentick_core.models.deltas",
    "ToolCallInput": "agentick_core.models.deltas",
    "ToolCallOpened": "agentick_core.models.deltas",
    "UsageDelta": "agentick_core.models.deltas",
    "model_from_spec": "agentick_core.models.resolve",
}

__all__ = [
    "BlockDelta",
    "ChatModel",
    "ContentMetadata",
    "MessageClosed",
    "MessageOpened",
    "ModelDelta",
    "ModelInfo",
    "Price",
    "ReasoningClosed",
    "ReasoningTextDelta",
    "RetryPolicy",
    "TextDelta",
    "ToolCallClosed",
    "ToolCallInput",
    "ToolCallOpened",
    "UsageDelta",
    "model_from_spec",
]

__getattr__ = loaded_when_used(__name__, _HOMES)
