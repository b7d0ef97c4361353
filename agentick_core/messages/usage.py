"""How many tokens something took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts. `total_tokens` is input plus output; reasoning tokens are part of the output, cached
    input and cache creation tokens part of the input. `ticks` counts the model calls that were answered."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    reasoning_tokens: int = 0
    cached_input_tokens: int = 0
    cache_creation_tokens: int = 0
    ticks: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.total_tokens + other.total_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.cache_creation_tokens + other.cache_creation_tokens,
            self.ticks + other.ticks,
        )

    def at_least(self, other: "Usage") -> "Usage":
        """Take the larger of both, field by field: how partial reports of one call are merged."""
        return Usage(
            max(self.input_tokens, other.input_tokens),
            max(self.output_tokens, other.output_tokens),
            max(self.total_tokens, other.total_tokens),
            max(self.reasoning_tokens, other.reasoning_tokens),
            max(self.cached_input_tokens, other.cached_input_tokens),
            max(self.cache_creation_tokens, other.cache_creation_tokens),
            max(self.ticks, other.ticks),
        )


NO_USAGE = Usage()
