"""Which state belongs to whom, from render to render."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.components import Section, System
from agentick_core.errors import ComponentError
from agentick_core.hooks import use_on_unmount, use_ref, use_state
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tree.element import Component, Element, component
from agentick_core.tree.node import Nodes


class Births:
    """Numbers the lives of components."""

    def __init__(self) -> None:
        self.count = 0
        self.ended: list[int] = []

    def begin(self) -> int:
        self.count += 1
        return self.count


@component
def Leaf(kind: str, births: Births) -> Nodes:
    number, _ = use_state(factory=births.begin)
    use_on_unmount(lambda: births.ended.append(number))
    yield System(f"{kind}{number}")


@component
def A(births: Births, *children: Element) -> Nodes:
    number, _ = use_state(factory=births.begin)
    use_on_unmount(lambda: births.ended.append(number))
    yield System(f"A{number}")
    yield children


@component
def B(births: Births, *children: Element) -> Nodes:
    number, _ = use_state(factory=births.begin)
    use_on_unmount(lambda: births.ended.append(number))
    yield System(f"B{number}")
    yield children


@dataclass(frozen=True)
class Plan:
    """A tree to render: a kind, a key, and children."""

    kind: str
    key: str | None
    children: tuple["Plan", ...] = ()


KINDS: dict[str, Component[...]] = {"A": A, "B": B}


def plans() -> st.SearchStrategy[tuple[Plan, ...]]:
    def siblings(children: st.SearchStrategy[tuple[Plan, ...]]) -> st.SearchStrategy[tuple[Plan, ...]]:
        plan = st.builds(Plan, st.sampled_from("AB"), st.none() | st.sampled_from("xyz"), children)
        return st.lists(plan, max_size=4).map(without_duplicates)

    return st.recursive(st.just(()), siblings, max_leaves=6)


def without_duplicates(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    seen: set[tuple[str, str]] = set()
    kept: list[Plan] = []
    for plan in plans:
        if plan.key is not None and (plan.kind, plan.key) in seen:
            continue
        if plan.key is not None:
            seen.add((plan.kind, plan.key))
        kept.append(plan)
    return tuple(kept)


def elements(plans: Sequence[Plan], births: Births) -> list[Element]:
    made: list[Element] = []
    for plan in plans:
        element = KINDS[plan.kind](births, *elements(plan.children, births))
        made.append(element if plan.key is None else element.key(plan.key))
    return made


def paths(plans: Sequence[Plan], above: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Say who everybody is: the way from the root, in the words of the rule."""
    found: list[tuple[object, ...]] = []
    counts: dict[str, int] = {}
    for plan in plans:
        if plan.key is None:
            identity: tuple[object, ...] = (plan.kind, counts.get(plan.kind, 0))
            counts[plan.kind] = counts.get(plan.kind, 0) + 1
        else:
            identity = (plan.kind, f"key {plan.key}")
        found.append((*above, identity))
        found += paths(plan.children, (*above, identity))
    return found


@settings(deadline=None, max_examples=100)
@given(st.lists(plans(), min_size=1, max_size=5))
async def test_any_sequence_of_trees_keeps_state_exactly_where_keys_and_positions_say(
    sequence: list[tuple[Plan, ...]],
) -> None:
    births = Births()
    shown: tuple[Plan, ...] = ()

    @component
    def Root() -> Nodes:
        return elements(shown, births)

    alive: dict[tuple[object, ...], int] = {}
    async with render_agent(Root) as agent:
        for shown in sequence:
            compiled = await agent.tick()
            numbers = [int(text[1:]) for text in compiled.system]
            ways = paths(shown)
            assert len(numbers) == len(ways)
            now = dict(zip(ways, numbers, strict=True))
            kept = {way: number for way, number in alive.items() if way in now}
            assert {way: now[way] for way in kept} == kept
            assert not {now[way] for way in now if way not in kept} & set(alive.values())
            assert set(births.ended) == set(range(1, births.count + 1)) - set(now.values())
            alive = now
    assert sorted(births.ended) == list(range(1, births.count + 1))


async def test_a_sibling_that_comes_and_goes_disturbs_no_other() -> None:
    births = Births()
    shown = False

    @component
    def Root() -> Nodes:
        if shown:
            yield A(births)
        yield B(births)

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("B1",)
        shown = True
        assert (await agent.tick()).system == ("A2", "B1")


async def test_keyed_siblings_keep_their_state_when_they_change_places() -> None:
    births = Births()
    order = "xyz"

    @component
    def Root() -> Nodes:
        return [A(births).key(key) for key in order]

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("A1", "A2", "A3")
        order = "zx"
        assert (await agent.tick()).system == ("A3", "A1")


async def test_two_siblings_of_one_component_with_one_key_are_an_error() -> None:
    births = Births()

    @component
    def Root() -> Nodes:
        yield A(births).key("x")
        yield B(births).key("x")
        yield A(births).key("x")

    with pytest.raises(ComponentError, match='Root yields two A with the key "x"'):
        await compile_agent(Root)


async def test_components_inside_sections_keep_their_state() -> None:
    births = Births()

    @component
    def Root() -> Nodes:
        yield Section("fixed", id="a")
        yield Section(Leaf("n", births), id="b")

    async with render_agent(Root) as agent:
        await agent.tick()
        assert (await agent.tick()).system == ("n1", "fixed")


async def test_another_root_component_starts_anew_and_new_props_do_not() -> None:
    births = Births()
    async with render_agent(Leaf("a", births)) as agent:
        assert (await agent.tick()).system == ("a1",)
        agent.set_props(kind="b")
        assert (await agent.tick()).system == ("b1",)
        agent.set_root(A(births))
        assert (await agent.tick()).system == ("A2",)
        assert births.ended == [1]


async def test_every_tick_renders_every_component_again() -> None:
    outside = 1

    @component
    def Child() -> Nodes:
        renders = use_ref(0)
        renders.current += 1
        yield System(f"{outside} {renders.current}")

    @component
    def Root() -> Nodes:
        yield Child()

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("1 1",)
        outside = 2
        assert (await agent.tick()).system == ("2 2",)
