"""Which knobs are listed, and in which order."""

import pytest

from agentick_core.components import ErrorBoundary, Knobs
from agentick_core.hooks import use_knob
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


@pytest.mark.parametrize("first", [True, False])
async def test_knobs_are_listed_in_the_order_of_the_tree_also_when_that_changes(*, first: bool) -> None:
    @component
    def Turning(name: str) -> Nodes:
        use_knob(name, 1)
        yield None

    @component
    def Host(names: str) -> Nodes:
        if first:
            yield Knobs()
        for name in names:
            yield Turning(name).key(name)
        if not first:
            yield Knobs()

    async with render_agent(Host("abc")) as agent:
        await agent.tick()
        agent.set_props(names="cab")
        lines = (await agent.tick()).sections["knobs"].splitlines()[1:]
        assert [line[0] for line in lines] == ["c", "a", "b"]


async def test_the_knobs_of_what_a_boundary_has_replaced_are_not_listed() -> None:
    @component
    def Turning(name: str) -> Nodes:
        use_knob(name, 1)
        yield None

    @component
    def Failing() -> Nodes:
        use_knob("failed", 1)
        raise ValueError("broken")

    @component
    def Host() -> Nodes:
        use_knob("mine", 1)
        yield ErrorBoundary(Turning("beside"), Failing(), fallback=Turning("instead"))
        yield Knobs()

    listed = (await compile_agent(Host)).sections["knobs"].splitlines()[1:]
    assert listed == ["mine [number]: 1", "instead [number]: 1"]
