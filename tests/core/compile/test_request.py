"""How a request is laid out: what stands where."""

from typing import Any

import pytest

from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.request import build_request
from agentick_core.compile.structural import Structural
from agentick_core.components import Ephemeral, Event, Grounding, Knobs, Section, System, Timeline, User
from agentick_core.errors import ValidationError
from agentick_core.hooks import use_knob
from agentick_core.messages.blocks import (
    Block,
    CodeBlock,
    CsvBlock,
    JsonBlock,
    StateChangeBlock,
    SystemEventBlock,
    TextBlock,
    ToolResultBlock,
    UserActionBlock,
)
from agentick_core.messages.compiled import CompiledEphemeral, CompiledSection
from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.tool import ToolDefinition
from agentick_core.testing.compile import compile_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


def texts(messages: tuple[Message, ...]) -> list[str]:
    return [message.text for message in messages]


async def test_l1_sections_alone_are_one_system_text() -> None:
    @component
    def Root() -> Nodes:
        yield Section("one", id="a", title="First")
        yield Timeline()
        yield Section("two", id="b")
        yield Section("not for you", id="c", audience="user")

    compiled = await compile_agent(Root, ["hi"])
    assert compiled.system == ("First: one\n\ntwo",)
    assert texts(compiled.messages) == ["hi"]


async def test_l4_sections_of_one_id_are_joined_in_order() -> None:
    @component
    def Root() -> Nodes:
        yield Section("one", id="a", title="First")
        yield Section("between", id="b")
        yield Section("two", id="a", title="Ignored")

    compiled = await compile_agent(Root)
    assert compiled.system == ("First: one\n\ntwo\n\nbetween",)
    assert compiled.sections["a"] == "one\n\ntwo"


async def test_beat_38_sections_for_all_and_knobs_are_sent_beside_system_texts_in_a_stable_order() -> None:
    @component
    def Root() -> Nodes:
        use_knob("depth", 3, description="How deep")
        yield Knobs()
        yield Section("for all", id="b", audience="all")
        yield System("You are")
        yield Section("for the model", id="a")
        yield Timeline()

    compiled = await compile_agent(Root, ["hi"])
    assert compiled.system == ("You are", "for all\n\nfor the model")
    assert texts(compiled.messages)[0] == "hi"
    assert "depth" in texts(compiled.messages)[-1]


async def test_system_texts_come_before_sections_and_what_changes_comes_last() -> None:
    @component
    def Root() -> Nodes:
        yield Section("one", id="a", title="First")
        yield Section("late", id="z", position="end", title="Last")
        yield System("You are")
        yield Timeline()
        yield Section("two", id="b")
        yield System("And")

    compiled = await compile_agent(Root, ["hi"])
    assert compiled.system == ("You are", "And", "First: one\n\ntwo")
    assert texts(compiled.messages) == ["hi", "[Context]\nLast: late"]
    assert compiled.messages[-1].role == "user"
    assert dict(compiled.sections) == {"a": "one", "z": "late", "b": "two"}


async def test_l2_ephemerals_stand_at_their_positions_sorted_by_order() -> None:
    @component
    def Root() -> Nodes:
        yield Ephemeral("end 2", order=2)
        yield Ephemeral("end 1", order=1)
        yield Ephemeral("default end")
        yield Ephemeral("flow", position="flow")
        yield Ephemeral("before user", position="before-user")
        yield Grounding("grounding")
        yield Ephemeral("after system", position="after-system")
        yield Ephemeral("start", position="start")
        yield System("system")
        yield User("static user")
        yield Timeline()
        yield Event("event")

    compiled = await compile_agent(Root, ["hi"])
    assert [text.removeprefix("[Context]\n") for text in texts(compiled.messages)] == [
        "after system",
        "grounding",
        "start",
        "static user",
        "before user",
        "hi",
        "event",
        "flow",
        "default end",
        "end 1",
        "end 2",
    ]
    marked = [message.text.startswith("[Context]\n") for message in compiled.messages]
    assert marked == [True, True, True, False, True, False, False, True, True, True, True]


def test_tools_are_sorted_by_name_and_those_of_the_user_are_left_out() -> None:
    tools = [
        ToolDefinition(name="b"),
        ToolDefinition(name="u", audience="user"),
        ToolDefinition(name="a", audience="all"),
    ]
    assert [tool.name for tool in build_request(CompiledTree(), tools).tools] == ["a", "b"]


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (CodeBlock("x", "py"), "```py\nx\n```"),
        (JsonBlock({"a": 1}), '```json\n{\n  "a": 1\n}\n```'),
        (CsvBlock("a,b"), "a,b"),
        (UserActionBlock("clicked", "Save"), "User clicked on Save"),
        (SystemEventBlock("restarted", "host"), "restarted (host)"),
        (StateChangeBlock("door", "state", "a", "b"), 'door.state: "a" → "b"'),
    ],
)
def test_what_a_model_cannot_take_becomes_text_also_inside_results(block: Block, text: str) -> None:
    messages = (Message("user", (block,)), Message("tool", (ToolResultBlock("1", "t", (block,)),)))
    direct, inside = build_request(CompiledTree(messages=messages), ()).messages
    assert direct.content == (TextBlock(text),)
    assert inside.tool_results[0].content == (TextBlock(text),)


def test_what_a_send_adds_follows_the_tree_and_a_section_of_the_tree_wins() -> None:
    compiled = CompiledTree(
        system=("tree",),
        sections=(CompiledSection(id="a", text="of the tree"),),
        messages=(UserMessage("hi"),),
        ephemeral=(CompiledEphemeral(UserMessage("tree end")),),
    )
    extra = Structural(
        system=("sent",),
        sections=(
            {"id": "a", "text": "sent"},
            {"id": "b", "content": ["sent b", TextBlock("too")], "title": "B", "position": "end"},
        ),
        grounding=("known",),
        ephemeral=({"content": "early", "position": "start"}, UserMessage("sent end")),
    )
    request = build_request(compiled, (), extra)
    assert request.system == ("tree", "sent", "of the tree")
    assert texts(request.messages) == [
        "[Context]\nknown",
        "[Context]\nearly",
        "hi",
        "[Context]\ntree end",
        "[Context]\nsent end",
        "[Context]\nB: sent b\n\ntoo",
    ]
    assert dict(request.sections) == {"a": "of the tree", "b": "sent b\n\ntoo"}


@pytest.mark.parametrize(
    "extra",
    [
        {"sections": ({"text": "x"},)},
        {"sections": ({"id": "a", "position": "top"},)},
        {"sections": ({"id": "a", "audience": "everybody"},)},
        {"ephemeral": ({"position": "x"},)},
    ],
)
def test_what_a_send_adds_must_be_readable(extra: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        build_request(CompiledTree(), (), Structural(**extra))
