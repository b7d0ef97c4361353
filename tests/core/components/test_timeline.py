"""The conversation as the model is shown it."""

from agentick_core.components import Messages, System, Timeline, User
from agentick_core.components.timeline import shown
from agentick_core.messages.blocks import Block, TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import (
    AssistantMessage,
    EventMessage,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.testing.compile import compile_agent
from agentick_core.tree.element import Element, component
from agentick_core.tree.node import Nodes

CALL = ToolUseBlock("1", "search", {"query": "bees"})
RESULT = ToolResultBlock("1", "search", (TextBlock("found"),))
HISTORY = (
    UserMessage("find bees"),
    AssistantMessage(["looking", CALL]),
    ToolMessage(RESULT),
    AssistantMessage("here"),
)


@component
def Root(timeline: Element) -> Nodes:
    yield timeline


async def texts(timeline: Element, *history: Message | TimelineEntry) -> list[str]:
    compiled = await compile_agent(Root(timeline), ["now"], history=history)
    return [message.text for message in compiled.messages]


async def test_the_history_comes_first_and_the_new_messages_after_it() -> None:
    compiled = await compile_agent(Root(Timeline()), ["now"], history=[*HISTORY, EventMessage("door")])
    assert [(message.role, message.text) for message in compiled.messages] == [
        ("user", "find bees"),
        ("assistant", "looking"),
        ("tool", ""),
        ("assistant", "here"),
        ("event", "door"),
        ("user", "now"),
    ]


async def test_a_system_message_that_was_sent_appears_at_its_place_as_an_event() -> None:
    compiled = await compile_agent(Root(Timeline()), [SystemMessage("new")], history=[SystemMessage("old")])
    assert [(message.role, message.text) for message in compiled.messages] == [
        ("event", "old"),
        ("event", "new"),
    ]
    assert compiled.system == ()


async def test_a_partial_answer_is_marked_for_the_model() -> None:
    entry = TimelineEntry("1", AssistantMessage("half an ans"), tags=("model_output", "interrupted"))
    assert await texts(Timeline(), entry) == ["half an ans\n\n[interrupted]", "now"]


async def test_roles_filter_and_limit_choose_among_the_history_only() -> None:
    history = [UserMessage("a"), AssistantMessage("b"), UserMessage("c")]
    assert await texts(Timeline(roles=["assistant"]), *history) == ["b", "now"]
    assert await texts(Timeline(filter=lambda entry: entry.message.text != "a"), *history) == [
        "b",
        "c",
        "now",
    ]
    assert await texts(Timeline(limit=1), *history) == ["c", "now"]
    assert await texts(Timeline(limit=0), *history) == ["now"]


def blocks_of(messages: tuple[Message, ...]) -> list[Block]:
    return [block for message in messages for block in message.content]


async def test_a_tool_call_is_shown_only_together_with_its_result() -> None:
    for timeline in (
        Timeline(limit=2),
        Timeline(roles=["user", "assistant"]),
        Timeline(limit=3, roles=["tool"]),
    ):
        blocks = blocks_of((await compile_agent(Root(timeline), history=HISTORY)).messages)
        assert not any(isinstance(block, ToolUseBlock | ToolResultBlock) for block in blocks)
    blocks = blocks_of((await compile_agent(Root(Timeline(limit=3)), history=HISTORY)).messages)
    assert [block for block in blocks if isinstance(block, ToolUseBlock | ToolResultBlock)] == [CALL, RESULT]


async def test_a_function_may_say_what_is_shown() -> None:
    def render(
        history: tuple[TimelineEntry, ...], pending: tuple[Message, ...], budget: object | None
    ) -> Nodes:
        yield System(f"{len(history)} before, budget {budget}")
        yield Messages(*shown(history[-1:]))
        yield from (User(f"> {message.text}") for message in pending)

    compiled = await compile_agent(Root(Timeline(render=render)), ["now"], history=["a", "b"])
    assert compiled.system == ("2 before, budget None",)
    assert [message.text for message in compiled.messages] == ["b", "> now"]
