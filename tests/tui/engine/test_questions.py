"""From a call that waits for approval to a question, and from the answer to a decision."""

from dataclasses import replace

from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.messages.tool import ToolDefinition
from agentick_core.tools.confirm import AllowRule
from agentick_tui.confirm.question import Answer
from agentick_tui.engine.questions import decision_of, question_of

SCHEMA = {"type": "object", "properties": {"amount": {"type": "integer"}}}
TOOL = ToolDefinition(name="pay", description="Pay.", input_schema=SCHEMA, effects=frozenset({"write"}))


def event(rule: str = "tool", key: str | None = None) -> ToolConfirmationRequired:
    """Make the event of a call that waits."""
    return ToolConfirmationRequired(
        call_id="one", name="pay", input={"amount": 5}, message="Really?", rule=rule, approval_key=key
    )


def test_a_question_says_what_would_run_and_who_asks():
    question = question_of(event(), [TOOL], said="I pay.", path=["helper"])
    assert (question.arguments, question.schema) == ({"amount": 5}, SCHEMA)
    assert (question.message, question.said) == ("Really?", "I pay.")
    assert (question.effects, question.path) == (("write",), ("helper",))
    assert question.asked_by == "the tool always asks"
    assert question_of(event("a rule of the house"), [], said="", path=()).asked_by == "a rule of the house"


def test_always_offers_what_is_narrow_first_for_the_session_and_for_the_project():
    rules = [choice.rule for choice in question_of(event(key="pay small"), [TOOL], said="", path=()).rules]
    narrow_first = [
        AllowRule("pay", input={"amount": 5}),
        AllowRule("pay", key="pay small"),
        AllowRule("pay"),
    ]
    assert rules[:3] == narrow_first
    assert rules[3:] == [replace(rule, origin="project") for rule in narrow_first]
    assert len(question_of(event(), [TOOL], said="", path=()).rules) == 4


def test_what_leaves_the_sandbox_cannot_be_allowed_for_good():
    assert question_of(event("sandbox"), [TOOL], said="", path=()).rules == ()


def test_an_answer_becomes_a_decision():
    rule = question_of(event(), [TOOL], said="", path=()).rules[0]
    decision = decision_of(Answer(call_id="one", approved=True, arguments={"amount": 7}, rule=rule))
    assert (decision.approved, decision.input) == (True, {"amount": 7})
    # For exactly this call: that is what was edited.
    assert decision.always == AllowRule("pay", input={"amount": 7})
    refused = decision_of(Answer(call_id="one", approved=False, reason="too much"))
    assert (refused.approved, refused.reason, refused.input) == (False, "too much", None)
