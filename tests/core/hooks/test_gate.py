"""Gates: what comes up, keeps the run going, is put off, and lets it end."""

from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import Knobs, Nodes, TickResult, Timeline, component, tool
from agentick_core.hooks import Gate, GateState, gate, use_gate
from agentick_core.testing import ScriptedModel, call, render_agent
from tests.core.session.talk import talking

if TYPE_CHECKING:
    from agentick_core.messages.request import ModelRequest


@tool
async def edit_file(path: str) -> str:
    """Edit a file."""
    return f"edited {path}"


def edited(result: TickResult) -> bool:
    return any(call.name == "edit_file" for call in result.tool_calls)


VERIFY = gate(description="Verify", instructions="Run the tests before you finish.", activate_when=edited)
REVIEW = gate(description="Review", instructions="Review what you did.", activate_when=edited)


@component
def Editor(names: tuple[str, ...] = ("verify",)) -> Nodes:
    yield edit_file
    yield Timeline()
    for name in names:
        yield Gated(name).key(name)
    yield Knobs()


@component
def Gated(name: str) -> Nodes:
    state = use_gate(name, VERIFY if name == "verify" else REVIEW)
    yield state.element


def told(
    requests: "list[ModelRequest] | tuple[ModelRequest, ...]", words: str = "Run the tests"
) -> list[bool]:
    return [any(words in message.text for message in request.messages) for request in requests]


def set_gate(value: str, name: str = "verify") -> Any:
    return call("set_knob", name=name, value=value)


async def test_k8_a_gate_keeps_the_run_going_past_its_end_until_it_is_cleared() -> None:
    with ScriptedModel(call("edit_file", path="a"), "done", set_gate("inactive"), "really done") as model:
        async with talking(model, Editor) as session:
            result = await session.send("edit").result
            assert (result.response, result.tick) == ("really done", 4)
            assert told(model.requests) == [False, True, True, False]
            assert (
                "verify [select]: inactive — Verify (options: inactive | active | deferred)"
                in (model.requests[0].sections["knobs"])
            )


async def test_k8_a_deferred_gate_is_silent_until_the_run_would_end() -> None:
    with ScriptedModel(
        call("edit_file", path="a"),
        set_gate("deferred"),
        call("edit_file", path="b"),
        "done",
        set_gate("inactive"),
        "really done",
    ) as model:
        async with talking(model, Editor) as session:
            result = await session.send("edit").result
            assert (result.response, result.tick) == ("really done", 6)
            assert told(model.requests) == [False, True, False, False, True, False]


async def test_k8_the_limit_of_ticks_holds_for_a_gate_too() -> None:
    model = ScriptedModel(call("edit_file", path="a"), *["done"] * 3)
    async with talking(model, Editor) as session:
        result = await session.send("edit", max_ticks=4).result
        assert (result.tick, result.stop_reason) == (4, "max_ticks")


async def test_k8_two_gates_keep_the_run_going_each_for_itself() -> None:
    with ScriptedModel(
        call("edit_file", path="a"),
        set_gate("inactive"),
        "done",
        set_gate("inactive", "review"),
        "really done",
    ) as model:
        async with talking(model, Editor(("verify", "review"))) as session:
            result = await session.send("edit").result
            assert result.response == "really done"
            assert told(model.requests) == [False, True, False, False, False]
            assert told(model.requests, "Review what") == [False, True, True, True, False]


async def test_k8_without_its_occasion_a_gate_is_not_there() -> None:
    with ScriptedModel("done") as model:
        async with talking(model, Editor) as session:
            assert (await session.send("hi").result).tick == 1


@pytest.mark.parametrize(("step", "goes_on"), [("clear", False), ("defer", True)])
async def test_the_program_clears_and_defers_a_gate(step: str, goes_on: bool) -> None:
    states: list[GateState] = []

    async def always(result: TickResult) -> bool:
        return result.tick == 1

    described = Gate(description="d", instructions="i", activate_when=always)

    @component
    def Root() -> Nodes:
        state = use_gate("gate", described)
        states.append(state)
        yield state.element

    async with render_agent(Root) as agent:
        await agent.tick()
        assert not states[-1].engaged
        assert (await agent.answer("a")).should_continue
        assert "i" in (await agent.tick()).text
        assert (states[-1].active, states[-1].deferred, states[-1].engaged) == (True, False, True)
        getattr(states[-1], step)()
        await agent.tick()
        assert (states[-1].deferred, states[-1].element) == (goes_on, None)
        assert (await agent.answer("b")).should_continue is goes_on
