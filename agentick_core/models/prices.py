"""What the tokens of a model cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from agentick_core.messages.usage import Usage

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens of each kind; a kind that is None costs what other input costs.

    A request of more than `longer_than` input tokens is charged at the price `longer` as a whole.
    """

    input: float
    output: float
    cached_input: float | None = None
    cache_creation: float | None = None
    longer_than: int | None = None
    longer: "Price | None" = None

    def cost(self, usage: Usage) -> float:
        """Give what one model call of this usage costs, in US dollars."""
        rate = self._rate(usage.input_tokens)
        plain = max(0, usage.input_tokens - usage.cached_input_tokens - usage.cache_creation_tokens)
        dollars = (
            plain * rate.input
            + usage.cached_input_tokens * rate._cached
            + usage.cache_creation_tokens * rate._creation
            + usage.output_tokens * rate.output
        )
        return dollars / _MILLION

    def most(self, input_tokens: int, output_tokens: int) -> float:
        """Give the most that one model call can cost, in US dollars: all its input is written to the cache."""
        rate = self._rate(input_tokens)
        return (input_tokens * max(rate.input, rate._creation) + output_tokens * rate.output) / _MILLION

    def _rate(self, input_tokens: int) -> "Price":
        if self.longer is None or self.longer_than is None or input_tokens <= self.longer_than:
            return self
        return self.longer

    @property
    def _cached(self) -> float:
        return self.input if self.cached_input is None else self.cached_input

    @property
    def _creation(self) -> float:
        return self.input if self.cache_creation is None else self.cache_creation


FREE = Price(input=0.0, output=0.0)
_OPENAI_LONG = 272_000
_HAIKU_LONG = 100_000


def _claude(input: float, output: float, cached: float) -> Price:
    return Price(input=input, output=output, cached_input=cached, cache_creation=input * 1.25)


def _gpt(input: float, output: float, cached: float, creation: float | None = None) -> Price:
    return Price(input=input, output=output, cached_input=cached, cache_creation=creation)


def _long_gpt(input: float, output: float, cached: float, creation: float | None = None) -> Price:
    return Price(
        input=input,
        output=output,
        cached_input=cached,
        cache_creation=creation,
        longer_than=_OPENAI_LONG,
        longer=_gpt(input * 2, output * 1.5, cached * 2, None if creation is None else creation * 2),
    )


_OPUS = _claude(5, 25, 0.5)
_FABLE = _claude(10, 50, 1)
_FABLE_1 = _claude(10, 50, 0.25)
_SONNET_4 = _claude(3, 15, 0.3)
_GPT_5 = _gpt(1.25, 10, 0.125)

# From the price lists of the providers, October 2026: standard service, without regional surcharges.
PRICES: Mapping[str, Mapping[str, Price]] = {
    "anthropic": {
        "claude-fable-5-2": _claude(8, 40, 0.2),
        "claude-haiku-5-5": Price(
            input=0.1,
            output=0.5,
            cached_input=0.01,
            cache_creation=0.125,
            longer_than=_HAIKU_LONG,
            longer=_claude(0.5, 2.5, 0.05),
        ),
        "claude-sonnet-5-5": _claude(2, 10, 0.1),
        "claude-fable-5-1": _FABLE_1,
        "claude-opus-5-5": _claude(4, 20, 0.2),
        "claude-mythos-5-1": _FABLE_1,
        "claude-sonnet-5": _claude(2, 10, 0.2),
        "claude-fable-5": _FABLE,
        "claude-mythos-5": _FABLE,
        "claude-opus-5": _OPUS,
        "claude-opus-4-8": _OPUS,
        "claude-opus-4-7": _OPUS,
        "claude-opus-4-6": _OPUS,
        "claude-sonnet-4-6": _SONNET_4,
        "claude-haiku-4-5": _claude(1, 5, 0.1),
        "claude-opus-4-5": _OPUS,
        "claude-sonnet-4-5": _SONNET_4,
    },
    "openai": {
        "gpt-6-astra": _long_gpt(10, 50, 1, 12.5),
        "gpt-6.1-sol": _long_gpt(2, 10, 0.1, 2.5),
        "gpt-6.1-terra": _long_gpt(1, 5, 0.05, 1.25),
        "gpt-6-sol": _long_gpt(2, 10, 0.2, 2.5),
        "gpt-6-luna": _long_gpt(0.1, 0.5, 0.01, 0.125),
        "gpt-5.6-terra": _long_gpt(2, 12, 0.2),
        "gpt-5.6-luna": _long_gpt(0.2, 1.2, 0.02),
        "gpt-5.5": _long_gpt(5, 30, 0.5),
        "gpt-5.4": _long_gpt(2.5, 15, 0.25),
        "gpt-5.4-mini": _gpt(0.75, 4.5, 0.075),
        "gpt-5.4-nano": _gpt(0.2, 1.25, 0.02),
        "gpt-5.2": _gpt(1.75, 14, 0.175),
        "gpt-5.1": _GPT_5,
        "gpt-5": _GPT_5,
        "gpt-5-mini": _gpt(0.25, 2, 0.025),
        "gpt-5-nano": _gpt(0.05, 0.4, 0.005),
        "gpt-4.1": _gpt(2, 8, 0.5),
        "gpt-4.1-mini": _gpt(0.4, 1.6, 0.1),
        "gpt-4.1-nano": _gpt(0.1, 0.4, 0.025),
        "gpt-4o": _gpt(2.5, 10, 1.25),
        "gpt-4o-mini": _gpt(0.15, 0.6, 0.075),
        "o4-mini": _gpt(1.1, 4.4, 0.275),
        "o3": _gpt(2, 8, 0.5),
        "o3-mini": _gpt(1.1, 4.4, 0.55),
        "o1": _gpt(15, 60, 7.5),
    },
}
"""The price of each model, by its provider and its name in the catalog; a model that is missing has none known."""
