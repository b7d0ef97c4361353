"""Messages, sections, ephemerals and the model, as the tree says them."""

from typing import Any

import pytest

from agentick_core.components import (
    Assistant,
    Code,
    Document,
    Ephemeral,
    Event,
    Grounding,
    Image,
    Json,
    Message,
    Messages,
    MessageTransformation,
    Model,
    ModelOptions,
    Section,
    System,
    Text,
    ToolResult,
    User,
)
from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    CodeBlock,
    DocumentBlock,
    ImageBlock,
    JsonBlock,
    TextBlock,
    ToolResultBlock,
    UrlSource,
)
from agentick_core.messages.message import UserMessage
from agentick_core.testing.compile import compile_agent
from agentick_core.tree.element import Element, component
from agentick_core.tree.node import Child, Node, Nodes


@component
def Root(*children: Child) -> Nodes:
    return children


def of(*children: Child) -> Element:
    return Root(*children)


@pytest.mark.parametrize(
    "given", [User("hi"), User(content="hi"), User(content=[TextBlock("hi")]), User(Text("hi"))]
)
async def test_text_is_text_in_every_form(given: Node) -> None:
    (message,) = (await compile_agent(of(given))).messages
    assert (message.role, message.content) == ("user", (TextBlock("hi"),))


@pytest.mark.parametrize("make", [User, System, Ephemeral, UserMessage])
def test_content_that_is_neither_text_nor_a_block_is_refused_by_whoever_takes_it(make: Any) -> None:
    given = {"content": [{"type": "text", "text": "hi"}]}
    with pytest.raises(ValidationError, match="Content is text, a block, or a list of these"):
        make(**given)


async def test_string_content_works_everywhere() -> None:
    compiled = await compile_agent(
        of(
            System(content="system"),
            Section(id="s", content="section"),
            Assistant(content="assistant"),
            Event(content="event"),
            Ephemeral(content="ephemeral"),
            Message(role="user", content="message"),
            ToolResult(tool_call_id="1", name="t", content="result"),
        )
    )
    assert compiled.system == ("system", "section")
    result = ToolResultBlock("1", "t", (TextBlock("result"),))
    assert [(message.role, message.content) for message in compiled.messages] == [
        ("assistant", (TextBlock("assistant"),)),
        ("event", (TextBlock("event"),)),
        ("user", (TextBlock("message"),)),
        ("tool", (result,)),
        ("user", (TextBlock("[Context]\nephemeral"),)),
    ]


async def test_a_message_keeps_its_id_its_metadata_and_the_kind_of_its_event() -> None:
    compiled = await compile_agent(of(Event("x", event_type="door", id="e", metadata={"a": 1})))
    (message,) = compiled.messages
    assert (message.id, dict(message.metadata)) == ("e", {"a": 1, "event_type": "door"})


async def test_content_becomes_blocks_in_the_tree_and_text_where_a_model_needs_it() -> None:
    url = UrlSource("https://example.org/a.png")
    compiled = await compile_agent(
        of(
            User(
                "look",
                Code("x = 1", "python"),
                Json({"a": 1}),
                Image("https://example.org/a.png", alt_text="A"),
                Document("data:application/pdf;base64,QUJD", title="D"),
            )
        )
    )
    (inside,) = compiled.tree.messages
    assert inside.content == (
        TextBlock("look"),
        CodeBlock("x = 1", "python"),
        JsonBlock({"a": 1}),
        ImageBlock(url, alt_text="A"),
        DocumentBlock(Base64Source("QUJD", "application/pdf"), title="D"),
    )
    (sent,) = compiled.messages
    assert sent.content[1] == TextBlock("```python\nx = 1\n```")
    assert sent.content[2] == TextBlock('```json\n{\n  "a": 1\n}\n```')
    assert sent.content[3:] == inside.content[3:]


async def test_empty_messages_and_loose_text_are_left_out() -> None:
    compiled = await compile_agent(of("loose", User(), System(""), Section(id="empty"), User(None, [])))
    assert (compiled.system, compiled.messages) == ((), ())


async def test_sections_of_one_id_are_joined_in_order() -> None:
    compiled = await compile_agent(
        of(Section("a", id="s", title="T"), Section("b", id="t"), Section("c", id="s"))
    )
    assert dict(compiled.sections) == {"s": "a\n\nc", "t": "b"}
    assert compiled.system == ("T: a\n\nc\n\nb",)


async def test_a_section_for_the_user_is_not_for_the_model() -> None:
    compiled = await compile_agent(
        of(Section("a", id="u", audience="user"), Section("b", id="all", audience="all"))
    )
    assert compiled.system == ("b",)
    assert [section.id for section in compiled.tree.sections] == ["u", "all"]


async def test_a_part_inside_another_stands_for_itself() -> None:
    compiled = await compile_agent(of(System("before", Section("inside", id="s"), "after")))
    assert compiled.system == ("before\n\nafter", "inside")


async def test_grounding_stands_at_the_start_under_its_title() -> None:
    compiled = await compile_agent(
        of(User("hi"), Grounding("facts", title="Known"), Grounding("secret", audience="user"))
    )
    assert [message.text for message in compiled.messages] == ["[Context]\nKnown: facts", "hi"]


async def test_messages_stand_as_they_are() -> None:
    message = UserMessage("hi", id="m")
    assert (await compile_agent(of(Messages(message)))).messages == (message,)


async def test_the_later_model_wins_and_options_add_up() -> None:
    model = object()
    compiled = await compile_agent(
        of(Model("first", temperature=0.5), Model(model, max_tokens=10), Model(temperature=0.1, stop="END"))
    )
    assert compiled.tree.model is model
    options = compiled.request.options
    assert (options.temperature, options.max_tokens, options.stop) == (0.1, 10, ("END",))


@pytest.mark.parametrize(
    ("part", "named"),
    [
        (Message, {"role": "middle"}),
        (Section, {"id": "x", "audience": "middle"}),
        (Section, {"id": "x", "position": "middle"}),
        (Ephemeral, {"position": "middle"}),
        (Grounding, {"audience": "middle"}),
    ],
)
def test_a_place_or_a_reader_that_there_is_not_is_refused_and_those_there_are_are_named(
    part: Any, named: dict[str, str]
) -> None:
    with pytest.raises(ValidationError, match=r"is one of .*, not 'middle'"):
        part("x", **named)


async def test_an_agent_may_say_how_its_messages_are_written_for_the_model() -> None:
    def shouted(block: Block) -> str | None:
        return block.text.upper() if isinstance(block, TextBlock) else None

    compiled = await compile_agent(
        of(
            Model(message_transformation=MessageTransformation(event_mark="<event> ", format_block=shouted)),
            User("hi", Image("https://example.org/a.png")),
            Event("the door opened"),
            Event(Image("https://example.org/b.png")),
            ToolResult("kept", tool_call_id="c", name="look"),
        )
    )
    user, said, pictured, result = compiled.messages
    assert [message.role for message in compiled.messages] == ["user", "user", "user", "tool"]
    assert (user.text, user.content[1].type) == ("HI", "image")
    assert (said.text, pictured.text, pictured.content[1].type) == (
        "<event> THE DOOR OPENED",
        "<event>",
        "image",
    )
    assert result.tool_results[0].content == (TextBlock("kept"),)


async def test_events_may_be_told_by_another_role_and_without_a_mark() -> None:
    wanted = MessageTransformation(event_role="assistant", event_mark="")
    compiled = await compile_agent(of(ModelOptions(message_transformation=wanted), Event("it rains")))
    assert [(message.role, message.text) for message in compiled.messages] == [("assistant", "it rains")]
    plain = await compile_agent(of(Event("it rains")))
    assert [(message.role, message.text) for message in plain.messages] == [("event", "it rains")]
