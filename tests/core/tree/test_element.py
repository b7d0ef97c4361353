"""Components, elements and their props."""

import re
from typing import TYPE_CHECKING, Any, cast

import pytest

from agentick_core.components import System
from agentick_core.errors import ComponentError, PropsError
from agentick_core.testing.compile import compile_agent
from agentick_core.tree.element import as_element, component
from agentick_core.tree.node import Child, Nodes

if TYPE_CHECKING:
    from collections.abc import Callable


@component
def Researcher(topic: str = "anything", *, budget: int = 10) -> Nodes:
    """Research something."""
    yield System(f"{topic} for {budget}")


@component
def Needy(topic: str, *children: Child) -> Nodes:
    yield System(topic, *children)


async def test_an_element_shows_its_props() -> None:
    assert (await compile_agent(Researcher("bees", budget=3))).system == ("bees for 3",)


async def test_a_component_may_return_a_node_a_list_text_or_nothing() -> None:
    @component
    def One() -> Nodes:
        return System("one")

    @component
    def Many() -> Nodes:
        return [System("a"), None, [System("b"), One()]]

    @component
    def Nothing() -> Nodes:
        return None

    assert (await compile_agent(Many)).system == ("a", "b", "one")
    assert (await compile_agent(Nothing)).system == ()


def test_a_component_keeps_the_name_and_the_docstring_of_its_function() -> None:
    assert (Researcher.name, Researcher.__doc__) == ("Researcher", "Research something.")
    assert repr(Researcher("bees")) == "Researcher('bees')"


def test_an_async_component_is_refused_where_it_is_decorated() -> None:
    async def Late() -> Nodes:
        return None

    with pytest.raises(TypeError, match=r"Late is `async def`.*use_effect"):
        component(cast("Callable[[], Nodes]", Late))


def test_a_call_with_a_wrong_prop_is_refused_where_it_is_made() -> None:
    loose = cast("Any", Researcher)
    with pytest.raises(PropsError, match=re.escape("Researcher: got an unexpected keyword argument 'topik'")):
        loose(topik="bees")


def test_a_bare_component_needs_defaults_for_all_props() -> None:
    assert as_element(Researcher).name == "Researcher"
    with pytest.raises(PropsError, match='Needy needs the prop "topic"'):
        as_element(Needy)


def test_something_that_is_no_agent_is_refused_with_the_remedy() -> None:
    with pytest.raises(TypeError, match="@component"):
        as_element(cast("Any", lambda: None))


async def test_props_of_a_mapping_are_laid_over_those_of_the_element() -> None:
    element = Researcher("bees", budget=3).key("x").replace_props({"topic": "ants"})
    assert (await compile_agent(element)).system == ("ants for 3",)
    assert element.node_key == "x"


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"topik": "ants"}, 'Researcher has no prop "topik"'),
        ({"topic": 3}, 'The prop "topic" of Researcher must be str, not int'),
        ({"budget": "3"}, 'The prop "budget" of Researcher must be int, not str'),
        ({"budget": True}, 'The prop "budget" of Researcher must be int, not bool'),
    ],
)
def test_a_wrong_prop_in_a_mapping_is_named(props: dict[str, Any], message: str) -> None:
    with pytest.raises(PropsError, match=re.escape(message)):
        Researcher("bees").replace_props(props)


async def test_a_prop_without_a_type_takes_any_value_of_a_mapping() -> None:
    def Guide(town: str = "Bonn") -> Nodes:
        yield System(f"{town}!")

    del Guide.__annotations__["town"]
    guide = component(Guide)
    assert (await compile_agent(guide().replace_props({"town": "Ulm"}))).system == ("Ulm!",)
    assert (await compile_agent(guide().replace_props({"town": 3}))).system == ("3!",)


def test_an_element_without_its_required_props_can_be_completed_by_nobody() -> None:
    with pytest.raises(PropsError, match="topic"):
        cast("Any", Needy)()


@pytest.mark.parametrize(
    ("child", "remedy"), [(3, "int cannot be"), (Researcher, "call it"), ({"a": 1}, "dict")]
)
async def test_what_cannot_be_part_of_a_tree_is_refused_with_the_remedy(child: Any, remedy: str) -> None:
    @component
    def Agent() -> Nodes:
        yield child

    with pytest.raises(ComponentError, match=remedy) as caught:
        await compile_agent(Agent)
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_required_keyword_prop_is_not_made_up_for_by_others() -> None:
    @component
    def Strict(a: int = 1, b: int = 2, *, c: int) -> Nodes:
        yield System(f"{a}{b}{c}")

    with pytest.raises(PropsError, match=r"missing a required.*'c'"):
        cast("Any", Strict)(5)


async def test_children_are_passed_on() -> None:
    assert (await compile_agent(Needy("a", "b", None, ["c"]))).system == ("a\n\nb\n\nc",)
