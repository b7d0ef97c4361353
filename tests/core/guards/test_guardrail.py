"""Guardrails: which tools may run, for a model and for a person."""

import json
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, component, create_app, tool
from agentick_core.errors import ValidationError
from agentick_core.guards import GuardError, allow, create_guard, deny, guardrail, require_roles
from agentick_core.messages.tool import ToolCall
from agentick_core.procedures.procedure import create_procedure
from agentick_core.testing import ScriptedModel, call
from tests.core.session.talk import mock

ran: list[str] = []


@tool(aliases=["run"])
async def exec_run(command: str = "ls") -> str:
    """Run a command."""
    ran.append("exec_run")
    return "ran"


@tool
async def search(query: str = "bees") -> str:
    """Search."""
    ran.append("search")
    return "found"


@component
def Agent() -> Nodes:
    yield exec_run
    yield search
    yield Timeline()


@pytest.fixture(autouse=True)
def nothing_has_run() -> None:
    ran.clear()


async def results(*calls: Any, guard: Any, **options: Any) -> list[tuple[str, str]]:
    """Let a model make these calls; give the text and the kind of error of each result."""
    model = ScriptedModel(*calls, "done")
    async with create_app(Agent, model=model, middleware=[guard], **options) as app:
        session = await app.session("s")
        result = await session.send("go").result
        assert result.response == "done", "the model reads the refusal and goes on"
        found = [block for entry in session.timeline for block in entry.message.tool_results]
    told: list[tuple[str, str]] = []
    for block in found:
        text = getattr(block.content[0], "text", "")
        failure: dict[str, Any] = json.loads(text) if block.is_error else {}
        told.append((failure.get("error", text), failure.get("error_type", "")))
    return told


async def test_d25_the_first_rule_that_fits_decides() -> None:
    guard = guardrail(rules=[deny("exec_*"), allow("*")])
    assert await results([call("exec_run"), call("search")], guard=guard) == [
        ('Tool "exec_run" denied: it matches "exec_*"', "GUARD_DENIED"),
        ("found", ""),
    ]
    assert ran == ["search"]
    other = guardrail(rules=[allow("exec_run"), deny("*", reason="nothing else today")])
    assert await results([call("exec_run"), call("search")], guard=other) == [
        ("ran", ""),
        ('Tool "search" denied: nothing else today', "GUARD_DENIED"),
    ]


async def test_d25_the_classifier_is_asked_only_where_no_rule_fits() -> None:
    asked: list[str] = []
    denied: list[tuple[str, str]] = []

    async def classify(given: ToolCall) -> str | None:
        asked.append(given.name)
        return "it looks odd" if given.input.get("query") == "wasps" else None

    async def note(given: ToolCall, reason: str) -> None:
        denied.append((given.name, reason))

    guard = guardrail([allow("exec_*")], classify=classify, on_deny=note)
    calls = [call("exec_run"), call("search"), call("search", query="wasps")]
    assert await results(calls, guard=guard) == [
        ("ran", ""),
        ("found", ""),
        ('Tool "search" denied: it looks odd', "GUARD_DENIED"),
    ]
    assert asked == ["search", "search"]
    assert denied == [("search", "it looks odd")]
    assert ran == ["exec_run", "search"]


@pytest.mark.parametrize(("judgement", "runs"), [(True, True), (None, True), (False, False), ("", False)])
async def test_a_classifier_may_be_a_plain_function_that_says_yes_or_no(judgement: Any, runs: bool) -> None:
    await results(call("search"), guard=guardrail(classify=lambda _: judgement))
    assert ran == (["search"] if runs else [])


async def test_a_classifier_that_fails_lets_nothing_pass() -> None:
    def fail(given: ToolCall) -> bool:
        raise RuntimeError("out of order")

    assert await results(call("search"), guard=guardrail(classify=fail)) == [
        ("out of order", "APPLICATION_ERROR")
    ]
    assert ran == []


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("search", True), ("sea*", True), ("*arch", True), ("s*r*h", True), ("SEARCH", False), ("sear", False),
     ("s?arch", False), ("[s]earch", False), ("*", True), ("", False)],
)  # fmt: skip
async def test_only_a_star_is_special_in_a_pattern_and_the_whole_name_has_to_fit(
    pattern: str, fits: bool
) -> None:
    await results(call("search"), guard=guardrail([deny(pattern)]))
    assert ran == ([] if fits else ["search"])


async def test_e10_a_command_is_guarded_too_also_by_its_alias() -> None:
    guard = guardrail(rules=[deny("exec_*", reason="no shells")])
    async with create_app(Agent, model=mock(), middleware=[guard]) as app:
        session = await app.session("s")
        for name in ("exec_run", "run"):
            with pytest.raises(GuardError, match='Tool "exec_run" denied: no shells') as caught:
                await session.dispatch(name, {})
            assert (caught.value.code, caught.value.reason) == ("GUARD_DENIED", "no shells")
        assert await session.dispatch("search", {})
    assert ran == ["search"]


async def test_a_guardrail_leaves_everything_but_tools_alone() -> None:
    async with create_app(Agent, model=mock()) as app:
        remove = app.use("*", guardrail([deny("*")]))
        session = await app.session("s")
        assert (await session.send("hi").result).response == "Mock response"
        with pytest.raises(GuardError):
            await session.dispatch("search", {})
        remove()
        assert await session.dispatch("search", {})


async def double(number: int) -> int:
    return number * 2


async def test_a_guard_refuses_the_calls_of_a_procedure_that_its_predicate_does_not_like() -> None:
    async def small(invocation: Any) -> bool:
        return invocation.args[0] < 10

    guarded = create_procedure(double, name="double").use(create_guard(small, reason="too large"))
    assert await guarded(4) == 8
    with pytest.raises(GuardError, match="double denied: too large") as caught:
        await guarded(40)
    assert (caught.value.guard_type, caught.value.code) == ("custom", "GUARD_DENIED")


async def test_a_predicate_may_raise_its_own_error() -> None:
    def never(invocation: Any) -> bool:
        raise PermissionError("mine")

    with pytest.raises(PermissionError, match="mine"):
        await create_procedure(double).use(create_guard(never))(1)


@pytest.mark.parametrize("user", [{"id": "ann", "roles": ["admin"]}, type("U", (), {"roles": ("admin",)})()])
async def test_a_guard_of_roles_looks_at_who_asks(user: object) -> None:
    guarded = create_procedure(double).use(require_roles("admin", "owner"))
    assert await guarded.with_context(user=user)(2) == 4
    for other in (None, {"roles": ["guest"]}, "ann"):
        with pytest.raises(GuardError, match="admin, owner") as caught:
            await guarded.with_context(user=other)(2)
        assert caught.value.guard_type == "role"


@pytest.mark.parametrize("wrong", [deny("x"), ["x"], "x"], ids=str)
def test_a_guardrail_of_something_else_than_rules_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="made of a list of rules") as refused:
        guardrail(wrong)
    assert "deny(" in refused.value.hint
