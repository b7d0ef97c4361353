"""How full the model's context was at the end of a tick."""

from dataclasses import dataclass

from agentick_core.messages.usage import NO_USAGE, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextInfo:
    """The numbers of the last tick, in tokens.

    `utilization` is in percent, None where the window is unknown. `estimated` says that the provider reported no
    usage, so that the counts are estimates; `estimated_context_tokens` always is one, of the request without its
    tools.
    """

    model_id: str
    model_name: str | None = None
    provider: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    utilization: float | None = None
    estimated: bool = False
    supports_vision: bool | None = None
    supports_tool_use: bool | None = None
    is_reasoning_model: bool | None = None
    cumulative_usage: Usage = NO_USAGE
    estimated_context_tokens: int = 0
