"""From a call that waits for approval to what a person is asked, and from their answer to a decision."""

from collections.abc import Sequence
from dataclasses import replace

from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.messages.tool import ToolDefinition
from agentick_core.tools.confirm import AllowRule, Decision
from agentick_tui.confirm.question import Answer, Question, RuleChoice, diff_of, exact_detail
from agentick_tui.engine.project_rules import PROJECT

_ASKED_BY = {
    "tool": "the tool always asks",
    "predicate": "the tool asks for arguments like these",
    "sandbox": "outside the sandbox",
}


def question_of(
    event: ToolConfirmationRequired, definitions: Sequence[ToolDefinition], *, said: str, path: Sequence[str]
) -> Question:
    """Make the question: exactly what would run, who asks, and which rules could answer from now on."""
    tool = next((each for each in definitions if each.name == event.name), None)
    return Question(
        call_id=event.call_id,
        name=event.name,
        arguments=event.input,
        schema=tool.input_schema if tool is not None else {},
        message=event.message,
        said=said,
        asked_by=_ASKED_BY.get(event.rule, event.rule),
        effects=tuple(sorted(tool.effects)) if tool is not None else (),
        path=tuple(path),
        diff=diff_of(event.metadata),
        rules=() if event.rule == "sandbox" else _rules(event),
    )


def decision_of(answer: Answer) -> Decision:
    """Make the decision of an answer."""
    return Decision(answer.approved, reason=answer.reason, input=answer.arguments, always=_stored(answer))


def project_rule(answer: Answer) -> AllowRule | None:
    """Give the rule that the answer stores for the project, if it stores one."""
    rule = _stored(answer)
    return rule if rule is not None and rule.origin == PROJECT else None


def _stored(answer: Answer) -> AllowRule | None:
    """Give the rule that the answer stores; for exactly this call, that is the call as it was edited."""
    rule = answer.rule.rule if answer.rule is not None else None
    if not isinstance(rule, AllowRule):
        return None
    if rule.input is not None and answer.arguments is not None:
        return replace(rule, input=dict(answer.arguments))
    return rule


def _rules(event: ToolConfirmationRequired) -> tuple[RuleChoice, ...]:
    """Offer each rule for the session, then for the project: what is narrow comes first."""
    name, key = event.name, event.approval_key
    kinds = [("This call", exact_detail(name, event.input), AllowRule(name, input=dict(event.input)))]
    if key is not None:
        kinds.append(("Calls like this", f"{name}: {key}", AllowRule(name, key=key)))
    kinds.append(("This tool", f"every call of {name}", AllowRule(name)))
    return tuple(
        RuleChoice(
            label=f"{label}, in this {place}",
            detail=detail,
            rule=replace(rule, origin=place),
            exact=rule.input is not None,
        )
        for place in ("session", PROJECT)
        for label, detail, rule in kinds
    )
