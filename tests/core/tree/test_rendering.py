"""How bodies run: in one go, before their children, with hooks only inside."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agentick_core.components import Section, System, Text, User
from agentick_core.errors import ComponentError, HookOrderError, HookOutsideRenderError, UnusedNodeWarning
from agentick_core.hooks import use_memo, use_ref, use_state
from agentick_core.procedures.ambient import current
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component
from agentick_core.tree.node import Child, Node, Nodes


async def test_a_body_runs_to_its_end_before_any_child_renders() -> None:
    order: list[str] = []

    @component
    def Inner(name: str) -> Nodes:
        order.append(name)
        yield System(name)

    @component
    def Root() -> Nodes:
        order.append("begin")
        yield Inner("a")
        yield Inner("b")
        order.append("end")

    await compile_agent(Root)
    assert order == ["begin", "end", "a", "b"]


async def test_a_yielded_generator_runs_in_the_component_that_yields_it() -> None:
    def part(setters: list[Callable[[str], None]]) -> Iterator[Child]:
        name, set_name = use_state("old")
        setters.append(set_name)
        yield System(name)

    setters: list[Callable[[str], None]] = []

    @component
    def Root() -> Nodes:
        yield part(setters)
        yield Section(part([]), id="inside")

    async with render_agent(Root) as agent:
        await agent.tick()
        setters[0]("new")
        assert (await agent.tick()).system == ("new", "old")


def test_a_hook_outside_of_a_component_is_an_error() -> None:
    with pytest.raises(HookOutsideRenderError, match=r"use_state was called at .*test_rendering\.py:\d+"):
        use_state(0)


async def test_a_hook_in_a_callback_is_an_error_that_is_reported() -> None:
    from agentick_core.hooks import use_on_mount

    @component
    def Root() -> Nodes:
        use_on_mount(lambda: use_state(0))
        yield System("x")

    compiled = await compile_agent(Root)
    assert [type(error) for error in compiled.errors] == [HookOutsideRenderError]


async def test_no_fiber_is_left_in_the_ambient_context() -> None:
    @component
    def Root() -> Nodes:
        yield System("x")

    await compile_agent(Root)
    assert current().fiber is None


def line_of(text: str) -> int:
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if line.rstrip().endswith(text))


async def hook_order_error(body: Callable[[bool], None]) -> str:
    first = True

    @component
    def Root() -> Nodes:
        body(first)
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        first = False
        with pytest.raises(HookOrderError) as caught:
            await agent.tick()
    return caught.value.message


async def test_another_hook_than_before_is_an_error_that_names_both_lines() -> None:
    def body(first: bool) -> None:
        if first:
            use_state(0)  # one
        else:
            use_ref(0)  # other

    message = await hook_order_error(body)
    assert f"use_state at {__file__}:{line_of('# one')}" in message
    assert f"use_ref at {__file__}:{line_of('# other')}" in message


async def test_the_same_hook_at_another_line_is_an_error() -> None:
    def body(first: bool) -> None:
        if first:
            use_state(0)  # here
        else:
            use_state(0)  # there

    message = await hook_order_error(body)
    assert f":{line_of('# here')}" in message
    assert f":{line_of('# there')}" in message


async def test_a_hook_more_than_before_is_an_error() -> None:
    def body(first: bool) -> None:
        use_ref(0)  # before the first
        if not first:
            use_ref(1)  # too many

    message = await hook_order_error(body)
    assert f":{line_of('# too many')}" in message
    assert f":{line_of('# before the first')}" in message


async def test_a_hook_less_than_before_is_an_error() -> None:
    def body(first: bool) -> None:
        use_ref(0)  # still there
        if first:
            use_ref(1)  # left out

    message = await hook_order_error(body)
    assert f":{line_of('# left out')}" in message
    assert f":{line_of('# still there')}" in message


async def warned(root: Callable[[], Nodes]) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with render_agent(component(root)) as agent:
            await agent.tick()
            await agent.tick()
    return caught


async def test_a_node_that_is_not_yielded_gives_one_warning_with_its_place() -> None:
    def Root() -> Nodes:
        yield System("x")
        Section(Text("lost"), id="lost")  # lost

    caught = await warned(Root)
    assert [warning.category for warning in caught] == [UnusedNodeWarning]
    assert (caught[0].filename, caught[0].lineno) == (__file__, line_of("# lost"))
    assert "Root makes a Section" in str(caught[0].message)


async def test_nodes_that_are_passed_along_are_not_warned_about() -> None:
    @component
    def Card(*children: Child, header: Node) -> Nodes:
        yield Section(header, children, id="card")

    def Root() -> Nodes:
        kept = use_memo(lambda: User("kept"))
        yield kept
        yield Card(Text("a"), [Text("b")], header=Text("h"))

        @tool
        def unused_tool() -> str:
            """Not offered."""
            return ""

    assert not await warned(Root)


async def test_a_component_that_raises_fails_with_its_stack_and_its_cause() -> None:
    @component
    def Broken() -> Nodes:
        yield System("x")
        raise ValueError("no such bees")

    @component
    def Root() -> Nodes:
        yield Section(Broken(), id="s")

    with pytest.raises(
        ComponentError, match=r"Broken failed: ValueError: no such bees \(in Root > Broken\)"
    ) as caught:
        await compile_agent(Root)
    assert caught.value.stack == ("Root", "Broken")
    assert isinstance(caught.value.__cause__, ValueError)


async def test_a_tree_renders_again_after_a_failure_and_keeps_its_state() -> None:
    fails = False

    @component
    def Broken() -> Nodes:
        count = use_ref(0)
        count.current += 1
        if fails:
            raise ValueError("now")
        yield System(str(count.current))

    @component
    def Root() -> Nodes:
        yield Broken()

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("1",)
        fails = True
        with pytest.raises(ComponentError):
            await agent.tick()
        fails = False
        assert (await agent.tick()).system == ("3",)


async def test_a_tool_may_call_hooks_in_use_and_render() -> None:
    def use() -> dict[str, Any]:
        count, set_count = use_state(0)
        return {"count": count, "set_count": set_count}

    def render() -> Nodes:
        calls = use_ref(0)
        calls.current += 1
        yield f"rendered {calls.current} times"

    @tool(use=use, render=render)
    async def counter(count: int, set_count: Any) -> str:
        """Count."""
        set_count(count + 1)
        return str(count)

    @component
    def Root() -> Nodes:
        yield counter

    async with render_agent(Root) as agent:
        first = await agent.tick("hi")
        assert first.tree.tools[0].deps["count"] == 0
        first.tree.tools[0].deps["set_count"](4)
        second = await agent.tick()
        assert second.tree.tools[0].deps["count"] == 4
        assert second.sections == {"counter": "rendered 2 times"}
        assert second.messages[-1].text == "[Context]\nrendered 2 times"


async def test_tools_from_outside_the_tree_keep_their_state_beside_it() -> None:
    def use() -> dict[str, Any]:
        renders = use_ref(0)
        renders.current += 1
        return {"renders": renders.current}

    @tool(use=use)
    def outside(renders: int) -> str:
        """From the app."""
        return str(renders)

    @component
    def Root() -> Nodes:
        yield System("x")

    async with render_agent(Root, tools=[outside]) as agent:
        await agent.tick()
        compiled = await agent.tick()
        assert not compiled.tree.tools
        assert compiled.tree.hidden_tools[0].deps == {"renders": 2}
        assert agent.tree.component_names() == ("Root",)


async def test_names_and_hooks_of_the_mounted_tree_can_be_inspected() -> None:
    @component
    def Inner() -> Nodes:
        use_ref(0)
        yield System("x")

    @component
    def Root() -> Nodes:
        use_state(0)
        use_state(1)
        yield Inner()
        yield Inner()

    async with render_agent(Root) as agent:
        await agent.tick()
        assert agent.tree.component_names() == ("Root", "Inner")
        assert agent.tree.hook_counts() == {"use_state": 2, "use_ref": 2}
