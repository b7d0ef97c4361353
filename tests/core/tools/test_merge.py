"""Which tool a name finds when several places offer one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentick_core.tools.merge import ToolRegistry
from agentick_core.tools.tool import Tool, create_tool
from agentick_core.tree.node import ToolNode


@dataclass
class InTree:
    tool: ToolNode
    deps: Mapping[str, Any] = field(default_factory=dict[str, Any])


def made(name: str, says: str = "", **options: Any) -> Tool[..., Any]:
    return create_tool(name=name, description=says, handler=lambda: says, **options)


def says(registry: ToolRegistry, name: str) -> str | None:
    bound = registry.find(name)
    return bound.tool.description if bound else None


def test_the_tree_hides_the_send_that_hides_the_session_that_hides_the_app() -> None:
    registry = ToolRegistry.merged(
        app=[made(name, "app") for name in "abcd"],
        session=[made(name, "session") for name in "abc"],
        send=[made(name, "send") for name in "ab"],
        tree=[InTree(made("a", "tree"))],
    )
    assert {name: says(registry, name) for name in "abcde"} == {
        "a": "tree", "b": "send", "c": "session", "d": "app", "e": None,
    }  # fmt: skip
    assert registry.names == ("a", "b", "c", "d")
    assert registry.warnings == ()


def test_a_tool_that_the_tree_mounted_for_its_hooks_keeps_its_place_and_has_its_dependencies() -> None:
    of_app, of_tree = made("x", "app"), made("x", "tree")
    other = made("y", "app")
    registry = ToolRegistry.merged(
        app=[of_app, other],
        tree=[InTree(of_tree)],
        beside=[InTree(of_app, {"a": 1}), InTree(other, {"b": 2})],
    )
    assert says(registry, "x") == "tree"
    bound = registry.find("y")
    assert bound is not None
    assert (bound.source, bound.deps) == ("app", {"b": 2})
    assert registry.warnings == ()


def test_the_later_of_two_in_the_tree_is_used_with_a_warning() -> None:
    registry = ToolRegistry.merged(tree=[InTree(made("x", "first")), InTree(made("x", "second"))])
    assert says(registry, "x") == "second"
    assert registry.warnings == ('The tree has several tools named "x": the last one is used',)


def test_a_name_is_found_before_an_alias_and_the_first_alias_stays() -> None:
    registry = ToolRegistry.merged(
        session=[made("a", "a", aliases=["b", "c"]), made("b", "b"), made("d", "d", aliases=["c"])],
        tree=[InTree(made("t", "t", aliases=["d", "u"]))],
    )
    found = {name: says(registry, name) for name in "abcdu"}
    assert found == {"a": "a", "b": "b", "c": "a", "d": "d", "u": "t"}
    assert registry.warnings == ('The alias "c" of the tool "d" belongs to "a" already',)


def test_a_hidden_tool_takes_its_aliases_with_it() -> None:
    registry = ToolRegistry.merged(app=[made("x", "app", aliases=["y"])], send=[made("x", "send")])
    assert says(registry, "y") is None


def test_each_reader_gets_what_it_may_call_sorted_by_name() -> None:
    registry = ToolRegistry.merged(session=[made("c"), made("b", audience="user"), made("a", audience="all")])
    names = {
        reader: [each.name for each in registry.definitions(reader)] for reader in (None, "model", "user")
    }
    assert names == {None: ["a", "b", "c"], "model": ["a", "c"], "user": ["a", "b"]}


def test_the_summary_of_a_call_is_the_tools_own() -> None:
    def summary(input: Mapping[str, Any]) -> str:
        return f"n={input['n']}"

    registry = ToolRegistry.merged(app=[made("a", display_summary=summary)])
    assert registry.summary("a", {"n": 1}) == "n=1"
    assert registry.summary("b", {}) is None
