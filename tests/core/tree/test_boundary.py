"""Error boundaries, and values provided to those below."""

import pytest

from agentick_core.components import Complete, ErrorBoundary, Section, System
from agentick_core.errors import ComponentError
from agentick_core.hooks import use_context, use_on_unmount, use_ref, use_session_state
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tree.context import create_context
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


@component
def Fragile(broken: bool, left: list[str]) -> Nodes:
    count = use_ref(0)
    count.current += 1
    use_session_state("shared", 0)
    use_on_unmount(lambda: left.append("gone"))
    if broken:
        raise ValueError("broken")
    yield System(f"fine {count.current}")


async def test_a_boundary_shows_its_fallback_and_forgets_the_state_of_what_failed() -> None:
    left: list[str] = []
    broken = False

    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Fragile(broken, left), fallback=lambda error: System(error.message))
        yield System("beside")

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("fine 1", "beside")
        broken = True
        assert (await agent.tick()).system == (
            "Fragile failed: ValueError: broken (in Root > Fragile)",
            "beside",
        )
        assert left == ["gone"]
        broken = False
        assert (await agent.tick()).system == ("fine 1", "beside")


async def test_the_fallback_keeps_its_own_state_as_long_as_it_is_shown() -> None:
    left: list[str] = []

    @component
    def Instead() -> Nodes:
        count = use_ref(0)
        count.current += 1
        yield System(f"instead {count.current}")

    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Fragile(True, left), fallback=Instead())

    async with render_agent(Root) as agent:
        await agent.tick()
        assert (await agent.tick()).system == ("instead 2",)


async def test_a_boundary_without_a_fallback_shows_nothing() -> None:
    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Fragile(True, []))

    assert (await compile_agent(Root)).system == ()


async def test_the_end_that_replaced_children_asked_for_is_not_theirs_to_ask() -> None:
    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Complete("done"), Fragile(True, []), fallback=System("careful"))

    compiled = (await compile_agent(Root)).tree
    assert (compiled.system, compiled.stop_reason) == (("careful",), None)


async def test_the_nearest_boundary_catches_and_a_failing_fallback_goes_on_to_the_next() -> None:
    @component
    def Root() -> Nodes:
        inner = ErrorBoundary(Fragile(True, []), fallback=Fragile(True, []))
        yield ErrorBoundary(Section(inner, id="s"), fallback=System("outer"))

    assert (await compile_agent(Root)).system == ("outer",)


async def test_a_fallback_function_that_raises_is_a_component_error() -> None:
    def raise_again(error: ComponentError) -> None:
        raise KeyError("again")

    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Fragile(True, []), fallback=raise_again)

    with pytest.raises(ComponentError, match="ErrorBoundary failed: KeyError"):
        await compile_agent(Root)


async def test_what_left_in_a_render_that_failed_is_still_cleaned_up() -> None:
    left: list[str] = []
    turn = 1

    @component
    def Leaving() -> Nodes:
        use_on_unmount(lambda: left.append("left"))
        yield System("x")

    @component
    def Stays() -> Nodes:
        if turn == 1:
            yield Leaving()

    @component
    def Root() -> Nodes:
        yield Stays()
        yield Fragile(turn == 2, [])

    async with render_agent(Root) as agent:
        await agent.tick()
        turn = 2
        with pytest.raises(ComponentError):
            await agent.tick()
        turn = 3
        await agent.tick()
        assert left == ["left"]


async def test_a_context_gives_the_nearest_value_above_or_its_default() -> None:
    theme = create_context("light")

    @component
    def Show() -> Nodes:
        yield System(use_context(theme))

    @component
    def Root() -> Nodes:
        yield Show()
        yield theme.provide("dark", Show(), theme.provide("darker", Section(Show(), id="s")), Show())

    assert (await compile_agent(Root)).system == ("light", "dark", "darker", "dark")


async def test_a_provided_value_that_changes_is_seen_in_the_same_render() -> None:
    number = create_context(0)
    value = 1

    @component
    def Show() -> Nodes:
        yield System(str(use_context(number)))

    @component
    def Root() -> Nodes:
        yield number.provide(value, Show())

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("1",)
        value = 2
        assert (await agent.tick()).system == ("2",)
