"""Limits on what an execution may use, and the budget that keeps account of it for parents and children."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from agentick_core.errors import LimitError, ValidationError
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.model import ChatModel

LimitReason: TypeAlias = Literal["max_ticks", "token_limit", "cost_limit", "time_limit"]
LIMIT_REASONS: Final = frozenset(("max_ticks", "token_limit", "cost_limit", "time_limit"))
"""The stop reasons of an execution that a limit has ended."""

_UNITS: Final = {"ticks": "ticks", "tokens": "tokens", "cost_usd": "US dollars", "seconds": "seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one execution and all its children may use together; None is no limit.

    `ticks` counts model calls, `tokens` input and output, `cost_usd` US dollars, `seconds` the time from its start.
    The first three stop it before a model call that could pass what is left: what it may take is the estimate of
    its request and the model's longest answer (`Model(..., max_tokens=n)` makes that shorter).
    """

    ticks: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for name, unit in _UNITS.items():
            value = getattr(self, name)
            if value is not None and not _is_limit(value):
                raise ValidationError(
                    f"{value!r} {unit} is not a limit", hint=f"{name} is a number above 0, or None."
                )

    def over(self, base: "Limits") -> "Limits":
        """Lay these limits over others: what is None here is as it is there."""
        return Limits(
            ticks=base.ticks if self.ticks is None else self.ticks,
            tokens=base.tokens if self.tokens is None else self.tokens,
            cost_usd=base.cost_usd if self.cost_usd is None else self.cost_usd,
            seconds=base.seconds if self.seconds is None else self.seconds,
        )


def _is_limit(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


NO_LIMITS: Final = Limits()


def fewest_ticks(max_ticks: int | None, limits: Limits | None) -> int | None:
    """Give the number of ticks that both allow; None where neither says one."""
    given = [each for each in (max_ticks, limits.ticks if limits else None) if each is not None]
    return min(given, default=None)


@dataclass(frozen=True, slots=True)
class Claim:
    """The most that one model call may take; one beside the conversation is no tick."""

    tokens: int
    dollars: float = 0.0
    ticks: int = 1


class Budget:
    """What an execution has used of its limits, with what its children use; and what they use counts further up.

    While a call runs, the most that it may take counts as used, so that parallel children keep the limits too.
    """

    def __init__(self, limits: Limits, parent: "Budget | None" = None) -> None:
        self.limits = limits
        self._parent = parent
        self._ticks = 0
        self._tokens = 0
        self._dollars = 0.0

    def used_up(self) -> LimitReason | None:
        """Say which limit leaves nothing at all for another model call."""
        return next((reason for each in self._chain() if (reason := each._passed(Claim(1)))), None)

    def claim(
        self, models: Sequence[ChatModel], request: ModelRequest, input_tokens: int, *, ticks: int = 1
    ) -> "Claim | LimitReason":
        """Count the most that a call may take as used; or say which limit it could pass, and count nothing.

        `input_tokens` is what the request is believed to take; a call beside the conversation is 0 `ticks`.

        Raises:
            LimitError: there is a limit on the cost, and the price of a model is not known.
        """
        dollars = 0.0
        most_output = max(_most_output(model, request) for model in models)
        if self.has_cost_limit:
            check_prices(models)
            prices = [model.info.price for model in models]
            dollars = max(price.most(input_tokens, most_output) for price in prices if price)
        claim = Claim(input_tokens + most_output, dollars, ticks)
        for each in self._chain():
            if reason := each._passed(claim):
                return reason
        self._count(claim.ticks, claim.tokens, claim.dollars)
        return claim

    def settle(self, claim: Claim, model: ChatModel, usage: Usage) -> None:
        """Count what a call has really taken, in place of what it might have."""
        price = model.info.price
        dollars = price.cost(usage) if price is not None else 0.0
        self._count(0, usage.total_tokens - claim.tokens, dollars - claim.dollars)

    @property
    def has_cost_limit(self) -> bool:
        """Whether the price of a call must be known, here or further up."""
        return any(each.limits.cost_usd is not None for each in self._chain())

    def _count(self, ticks: int, tokens: int, dollars: float) -> None:
        for each in self._chain():
            each._ticks += ticks
            each._tokens += tokens
            each._dollars += dollars

    def _passed(self, claim: Claim) -> LimitReason | None:
        limits = self.limits
        if limits.ticks is not None and self._ticks + claim.ticks > limits.ticks:
            return "max_ticks"
        if limits.tokens is not None and self._tokens + claim.tokens > limits.tokens:
            return "token_limit"
        left = None if limits.cost_usd is None else limits.cost_usd - self._dollars
        if left is not None and (left <= 0 or claim.dollars > left):
            return "cost_limit"
        return None

    def _chain(self) -> "Iterator[Budget]":
        budget: Budget | None = self
        while budget is not None:
            yield budget
            budget = budget._parent


def check_prices(models: Sequence[ChatModel]) -> None:
    """Make sure that a limit on the cost can be kept.

    Raises:
        LimitError: the price of a model is not known.
    """
    for model in models:
        if model.info.price is None:
            raise LimitError(
                f"A limit on the cost cannot be kept: the price of {model.info.spec or model.info.id} is not known",
                hint="Limit the tokens instead, or use a model whose `info.price` is known.",
                details={"limit": "cost_limit"},
            )


def reached(reason: str, misfit: str = "") -> LimitError:
    """Make the error of an execution that a limit has ended before anything was answered, or anything that fits:
    then `misfit` says why the last answer did not."""
    remedy = {
        "max_ticks": "Allow more ticks.",
        "time_limit": "Allow more seconds.",
    }
    return LimitError(
        f"A limit was reached before {'an answer fitted' if misfit else 'anything was answered'}: {reason}"
        + (f"; {misfit}" if misfit else ""),
        hint=remedy.get(reason, "Allow more, or let answers be shorter: Model(..., max_tokens=n)."),
        details={"limit": reason},
    )


def _most_output(model: ChatModel, request: ModelRequest) -> int:
    # A model of which no maximum is known is only kept to what it says of its answers afterwards.
    return request.options.max_tokens or model.info.max_output_tokens or 0
