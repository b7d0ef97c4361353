"""The guardrail of tools: rules on their names, and whoever decides where no rule fits."""

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias, cast

from agentick_core.errors import GuardError, ValidationError
from agentick_core.messages.tool import ToolCall
from agentick_core.procedures.middleware import Invocation, Middleware, Next

Judgement: TypeAlias = bool | str | None
Classifier: TypeAlias = Callable[[ToolCall], Judgement | Awaitable[Judgement]]
OnDeny: TypeAlias = Callable[[ToolCall, str], object]

REFUSED = "the classifier refused it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of the tools whose names fit one of the patterns; `*` stands for any characters."""

    effect: Literal["allow", "deny"]
    patterns: tuple[str, ...]
    reason: str | None = None

    def matching(self, name: str) -> str | None:
        """Give the first pattern that the whole name fits, or None."""
        return next((pattern for pattern in self.patterns if _regex(pattern).fullmatch(name)), None)


def deny(*patterns: str, reason: str | None = None) -> Rule:
    """Refuse the tools of these names; the model reads the reason."""
    return Rule(effect="deny", patterns=patterns, reason=reason)


def allow(*patterns: str) -> Rule:
    """Let the tools of these names run, whatever stands further down."""
    return Rule(effect="allow", patterns=patterns)


def _checked(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    given = cast("object", rules)
    if not isinstance(given, Sequence) or not all(
        isinstance(each, Rule) for each in cast("Sequence[Any]", given)
    ):
        raise ValidationError(
            f"A guardrail is made of a list of rules, not of {given!r}",
            hint='Write guardrail([deny("delete_*", reason="..."), allow("read_*")]).',
        )
    return tuple(rules)


def guardrail(
    rules: Sequence[Rule] = (),
    *,
    classify: Classifier | None = None,
    on_deny: OnDeny | None = None,
) -> Middleware:
    """Make middleware that refuses calls of tools, by a model and by a person alike; it lets all else pass.

    The first rule that fits a tool's name decides. Where none does, `classify(call)` is asked, which may be
    async: False refuses, a text refuses for that reason, True and None allow. Without it the call runs.
    `on_deny(call, reason)` is told of every refusal. A refused call raises GuardError 'Tool "name" denied: reason',
    which the model reads as an error of the type GUARD_DENIED.
    """
    ordered = _checked(rules)

    async def guard(invocation: Invocation, next: Next) -> Any:
        if invocation.name != "tool:run":
            return await next(invocation)
        call: ToolCall = invocation.args[0]
        reason = await _reason(call, ordered, classify)
        if reason is None:
            return await next(invocation)
        if on_deny is not None and inspect.isawaitable(told := on_deny(call, reason)):
            await told
        raise GuardError(f'Tool "{call.name}" denied: {reason}', reason=reason, guard_type="tool")

    return guard


async def _reason(call: ToolCall, rules: Sequence[Rule], classify: Classifier | None) -> str | None:
    """Give the reason for which the call is refused, or None."""
    for rule in rules:
        pattern = rule.matching(call.name)
        if pattern is not None:
            return (rule.reason or f'it matches "{pattern}"') if rule.effect == "deny" else None
    if classify is None:
        return None
    judged = classify(call)
    judgement = await judged if inspect.isawaitable(judged) else judged
    if isinstance(judgement, str):
        return judgement or REFUSED
    return REFUSED if judgement is False else None


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
