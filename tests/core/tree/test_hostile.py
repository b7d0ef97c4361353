"""Components gone wrong: whatever they raise, nest or leave behind ends in an error that says where."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from agentick_core.components import Code, ErrorBoundary, Json, Section, System
from agentick_core.errors import ComponentError, PropsError, StateError
from agentick_core.hooks import use_effect, use_on_mount, use_state
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tools.tool import tool
from agentick_core.tree import effects
from agentick_core.tree.element import component
from agentick_core.tree.node import Child, Nodes

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "raised", [asyncio.CancelledError(), GeneratorExit(), SystemExit(3), BaseException()]
)
async def test_whatever_a_body_raises_says_which_component_raised_it(raised: BaseException) -> None:
    @component
    def Inner() -> Nodes:
        raise raised

    @component
    def Root() -> Nodes:
        yield Inner()

    with pytest.raises(ComponentError, match=r"Inner failed: .*\(in Root > Inner\)") as failed:
        await compile_agent(Root)
    assert failed.value.__cause__ is raised


async def test_a_component_that_yields_itself_for_ever_gives_an_error_of_readable_length() -> None:
    @component
    def Mirror() -> Nodes:
        yield Mirror()

    with pytest.raises(ComponentError, match="Mirror > Mirror > … > Mirror") as failed:
        await compile_agent(Mirror)
    assert len(str(failed.value)) < 400


async def test_what_cannot_be_written_names_the_component() -> None:
    number: Any = 5

    @component
    def Wrong() -> Nodes:
        yield System(Code(number))

    @component
    def Deep() -> Nodes:
        nested: Child = "x"
        for _ in range(1000):
            nested = Section(nested, id="s")
        yield nested

    with pytest.raises(ComponentError, match="What Wrong yields cannot be written: TypeError"):
        await compile_agent(Wrong)
    with pytest.raises(ComponentError, match="What Deep yields cannot be written: RecursionError"):
        await compile_agent(Deep)


async def test_data_without_a_form_in_json_is_shown_as_text() -> None:
    circle: list[object] = []
    circle.append(circle)

    @component
    def Root() -> Nodes:
        yield System(Json({(1, 2): 3}), Json(circle))

    assert (await compile_agent(Root)).system == ("```json\n{(1, 2): 3}\n```\n\n```json\n[[...]]\n```",)


async def test_a_prop_that_holds_itself_does_no_harm() -> None:
    circle: list[object] = []
    circle.append(circle)

    @component
    def Inner(data: list[object], *children: Child) -> Nodes:
        yield from children

    @component
    def Root() -> Nodes:
        yield Inner(circle, System("x"))

    assert (await compile_agent(Root)).system == ("x",)


async def test_a_tool_may_stand_in_for_what_failed() -> None:
    @tool
    def ask() -> str:
        """Ask."""
        return "?"

    @component
    def Broken() -> Nodes:
        raise ValueError

    @component
    def Root() -> Nodes:
        yield ErrorBoundary(Broken(), fallback=ask)

    assert (await compile_agent(Root)).tools == ("ask",)


async def test_a_prop_may_be_named_like_the_parameter_that_takes_all_others() -> None:
    @component
    def Root(**rest: int) -> Nodes:
        yield System(str(rest))

    assert repr(Root(a=1).replace_props({"rest": 5})) == "Root(a=1, rest=5)"


async def test_state_set_for_days_between_two_ticks_leaves_only_the_last_reasons() -> None:
    setters: list[Callable[[int], None]] = []

    @component
    def Root() -> Nodes:
        number, set_number = use_state(0)
        setters.append(set_number)
        use_effect(lambda: setters[0](number + 1))
        yield System(str(number))

    async with render_agent(Root) as agent:
        compiled = await agent.tick(limit=3)
        for number in range(1000):
            setters[0](1000 + number)
        assert compiled.tree.forced_stable
        assert len(compiled.tree.reasons) == 2
        assert len((await agent.tick(limit=3)).tree.reasons) == 2


async def test_a_callback_that_is_cancelled_from_inside_is_shown_and_the_run_goes_on() -> None:
    @component
    def Root() -> Nodes:
        @use_on_mount
        async def wait() -> None:
            lost = asyncio.ensure_future(asyncio.sleep(10))
            lost.cancel()
            await lost

        yield System("x")

    [error] = (await compile_agent(Root)).errors
    assert isinstance(error, StateError)


async def test_an_effect_that_does_not_end_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(effects, "GRACE", 0.01)
    done = asyncio.Event()
    seen = SimpleNamespace(started=False, cancelled=0)

    @component
    def Root() -> Nodes:
        @use_effect(deps=())
        async def stay() -> None:
            seen.started = True
            while not done.is_set():
                try:
                    await done.wait()
                except asyncio.CancelledError:
                    seen.cancelled += 1

        yield System("x")

    agent = render_agent(Root)
    async with agent:
        await agent.tick()
        await asyncio.sleep(0)
        assert seen.started
    [(error, source)] = agent.host.errors
    assert isinstance(error, StateError)
    assert source.startswith("use_effect in Root")
    assert seen.cancelled == 1
    done.set()


def test_a_prop_of_another_type_is_refused_by_its_name() -> None:
    @component
    def Root(count: int) -> Nodes:
        yield System(str(count))

    with pytest.raises(PropsError, match='"count" of Root must be int, not str'):
        Root(1).replace_props({"count": "many"})
