"""Asking a person before a tool runs: the request, the decision, the rules that answer by themselves, the desk."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import NO_METADATA, no_metadata
from agentick_core.tools.context import Origin
from agentick_core.tools.waiting import Waiting
from agentick_core.tree.host import SessionState

ALLOW_KEY: Final = "tools:allow"
SANDBOX: Final = "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationRequest:
    """What a person is asked: may this tool run with exactly this input?

    `rule` names what asked: "tool", "predicate" or "sandbox". `approval_key` is the tool's own word for calls
    that are alike, `metadata` the preview.
    """

    call_id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=no_metadata)
    message: str = ""
    rule: str = "tool"
    approval_key: str | None = None
    metadata: Mapping[str, Any] | None = None
    origin: Origin = "model"


@dataclass(frozen=True, slots=True)
class AllowRule:
    """Calls of a tool that need no person.

    Alone it covers every call of the tool. It is narrowed by `argument` (its value is `exact`, or a text that
    begins with `prefix`), by the tool's own approval `key`, or by the whole `input`; what is given must all
    fit. `origin` says who made the rule, such as "session", "project" or "app".

    A prefix does not know what a text means ("git " also fits "git x; rm -r y"): prefer an approval key.

    Raises:
        ValidationError: it has `exact` or `prefix` without an argument, or both, and so would cover too much.
    """

    tool: str
    argument: str | None = None
    exact: Any = None
    prefix: str | None = None
    key: str | None = None
    input: Mapping[str, Any] | None = None
    origin: str = "session"

    def __post_init__(self) -> None:
        given = self.exact is not None, self.prefix is not None
        if all(given) or (any(given) and self.argument is None):
            raise ValidationError(
                f"A rule for {self.tool} needs an argument and one of exact and prefix",
                hint='Such as AllowRule("read", argument="path", prefix="docs/").',
            )

    def covers(self, request: ConfirmationRequest) -> bool:
        """Tell whether this rule answers the request. No rule answers for the sandbox."""
        return (
            request.rule != SANDBOX
            and request.name == self.tool
            and (self.key is None or self.key == request.approval_key)
            and (self.input is None or _same(self.input, request.input))
            and (self.argument is None or self._fits(self.argument, request.input))
        )

    def _fits(self, argument: str, given: Mapping[str, Any]) -> bool:
        if argument not in given:
            return False
        value = given[argument]
        if self.prefix is not None:
            return isinstance(value, str) and value.startswith(self.prefix)
        return _same(self.exact, value)

    def to_json(self) -> dict[str, Any]:
        """Give the rule as plain JSON."""
        values: dict[str, Any] = {"tool": self.tool, "origin": self.origin}
        if self.argument is not None:
            values["argument"] = self.argument
            values |= {"exact": self.exact} if self.prefix is None else {"prefix": self.prefix}
        if self.key is not None:
            values["key"] = self.key
        if self.input is not None:
            values["input"] = dict(self.input)
        return values

    @classmethod
    def from_json(cls, given: object) -> "AllowRule":
        """Read a rule. Raises ValidationError for anything else: a rule that is not understood allows nothing."""
        data = _mapping(given)
        texts = ("tool", "argument", "prefix", "key", "origin")
        known = {*texts, "exact", "input"}
        wrong = [name for name in data if name not in known]
        wrong += [name for name in texts if not isinstance(data.get(name, ""), str)]
        if wrong or not data.get("tool") or not isinstance(data.get("input", {}), Mapping):
            raise ValidationError(f"This is no rule for a tool: {given!r}")
        if ("prefix" in data or "exact" in data) and "argument" not in data:
            raise ValidationError(f"This rule names no argument: {given!r}")
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's answer.

    `reason` is read by the model where the call is refused. `input` replaces the arguments: exactly that is
    what runs. `always` makes a rule: True allows the tool from now on, a rule what it says.
    """

    approved: bool
    reason: str | None = None
    input: Mapping[str, Any] | None = None
    always: bool | AllowRule | None = None

    @classmethod
    def from_wire(cls, given: object) -> "Decision":
        """Read approved, reason, modifiedArguments and always. Raises ValidationError: only a true is a yes."""
        data = _mapping(given)
        approved = data.get("approved")
        reason, always = data.get("reason"), data.get("always")
        edited: object = data.get("modifiedArguments")
        if not isinstance(approved, bool):
            raise ValidationError(
                "An answer needs approved, true or false",
                hint="submit_tool_result(call_id, approved=True), or Decision(True).",
            )
        if not (reason is None or isinstance(reason, str)):
            raise ValidationError("The reason of an answer must be a text")
        if not (edited is None or isinstance(edited, Mapping)):
            raise ValidationError("The modifiedArguments of an answer must be an object")
        rule = AllowRule.from_json(cast("object", always)) if isinstance(always, Mapping) else always
        if not (rule is None or isinstance(rule, bool | AllowRule)):
            raise ValidationError("The always of an answer must be true, false or a rule")
        return cls(approved, reason, cast("Mapping[str, Any] | None", edited), rule)

    def to_wire(self) -> dict[str, Any]:
        """Write what the answer says, as `from_wire` reads it."""
        always = self.always.to_json() if isinstance(self.always, AllowRule) else self.always
        names = ("approved", "reason", "modifiedArguments", "always")
        values = (self.approved, self.reason, self.input, always)
        return {name: value for name, value in zip(names, values, strict=True) if value is not None}

    def rule_for(self, request: ConfirmationRequest) -> AllowRule | None:
        """Give the rule that this answer makes."""
        if not self.approved or not self.always:
            return None
        return self.always if isinstance(self.always, AllowRule) else AllowRule(request.name)


class AllowRules:
    """The rules in force: those the host gave, and those kept in the session's state, as plain JSON."""

    __slots__ = ("_given", "_state")

    def __init__(self, state: SessionState, given: Sequence[AllowRule] = ()) -> None:
        self._state = state
        self._given = tuple(given)

    @property
    def all(self) -> tuple[AllowRule, ...]:
        """Every rule, the host's first."""
        return (*self._given, *_understood(self._stored))

    def add(self, rule: AllowRule) -> None:
        """Keep a rule with the session."""
        if rule not in self.all:
            self._state.set(ALLOW_KEY, [*self._stored, rule.to_json()])

    @property
    def _stored(self) -> Sequence[object]:
        stored = self._state.get(ALLOW_KEY)
        return cast("list[object]", stored) if isinstance(stored, list) else ()

    def covering(self, request: ConfirmationRequest) -> AllowRule | None:
        """Give the first rule that answers the request."""
        return next((rule for rule in self.all if rule.covers(request)), None)


class ConfirmationDesk(Waiting[ConfirmationRequest, Decision]):
    """The requests that wait for a person: `answer(call_id, Decision(True))`."""

    __slots__ = ()

    def apply(self, rule: AllowRule) -> None:
        """Approve what already waits and is covered by a new rule."""
        for request in self.pending:
            if rule.covers(request):
                self.answer(request.call_id, Decision(True))


def _understood(stored: Iterable[object]) -> Iterator[AllowRule]:
    for rule in stored:
        try:
            yield AllowRule.from_json(rule)
        except ValidationError:
            # A rule of another version is not understood, so it allows nothing.
            continue


def _mapping(given: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else NO_METADATA


def _same(one: Any, other: Any) -> bool:
    # As JSON, since Python holds 1, 1.0 and True for equal, and an approval of one is none of the others.
    return json.dumps(one, sort_keys=True, default=repr) == json.dumps(other, sort_keys=True, default=repr)
