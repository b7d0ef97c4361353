"""A stored conversation looks like the one that was watched."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    CodeBlock,
    ImageBlock,
    JsonBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from agentick_core.messages.message import AssistantMessage, EventMessage, ToolMessage, UserMessage
from agentick_core.messages.timeline import TimelineEntry
from agentick_tui.transcript.blocks import (
    AnswerBlock,
    InterruptedBlock,
    NoticeBlock,
    OtherBlock,
    ToolBlock,
    ToolState,
    TranscriptBlock,
    UserBlock,
    source,
)
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.transcript import Transcript, load_entries
from tests.tui.transcript.stories import entry, result, turn

texts = st.text("ab \n`*#-\x1b[1m\r漢é", min_size=1, max_size=40)


@st.composite
def conversations(draw: st.DrawFn) -> list[TimelineEntry]:
    """A user's message, answers with calls and their results, a last answer."""
    entries = [entry("u", UserMessage(draw(texts), id="u"))]
    for tick in range(draw(st.integers(0, 2))):
        calls = [f"{tick}-{number}" for number in range(draw(st.integers(1, 3)))]
        said: list[Block] = [ReasoningBlock(draw(texts))] if draw(st.booleans()) else []
        said += [TextBlock(draw(texts))] if draw(st.booleans()) else []
        said += [ToolUseBlock(call, "find", {"query": draw(texts)}) for call in calls]
        results = [result(call, "find", draw(texts), is_error=draw(st.booleans())) for call in calls]
        entries.append(entry(f"a{tick}", AssistantMessage(said)))
        entries.append(entry(f"t{tick}", ToolMessage(results)))
    entries.append(entry("last", AssistantMessage(draw(texts))))
    return entries


def blocks(transcript: Transcript) -> list[TranscriptBlock]:
    return [item.block for item in transcript.items]


@given(conversations(), st.integers(1, 9), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=100)
def test_loading_gives_the_blocks_that_the_events_gave(
    entries: list[TimelineEntry], size: int, whole: bool, queued: bool
) -> None:
    live = Transcript()
    for event in turn(entries, size, whole=whole, queued=queued):
        live.apply(event)
    assert blocks(live) == blocks(load_entries(entries))


def test_content_of_every_kind_is_readable() -> None:
    transcript = load_entries(
        [
            entry("u", UserMessage(["look", ImageBlock(Base64Source("A" * 8192), "image/png", "a bee")])),
            entry("a", AssistantMessage([CodeBlock("x = 1", "python"), JsonBlock({"a": 1})])),
            entry("b", AssistantMessage(ImageBlock(Base64Source("A" * 8192), "image/png"))),
            entry("e", EventMessage("the clock struck")),
        ]
    )
    user, answer, image, notice = blocks(transcript)
    assert isinstance(user, UserBlock)
    assert user.attachments == ("image · a bee · image/png · 6 KB",)
    assert isinstance(answer, AnswerBlock)
    assert answer.text.text == '```python\nx = 1\n```\n\n```json\n{\n  "a": 1\n}\n```'
    assert image == OtherBlock("image · image/png · 6 KB")
    assert notice == NoticeBlock("the clock struck")


def test_a_call_without_a_result_has_an_unknown_outcome() -> None:
    transcript = load_entries([entry("a", AssistantMessage(ToolUseBlock("c", "pay", {"sum": 3})))])
    (block,) = blocks(transcript)
    assert isinstance(block, ToolBlock)
    assert block.state is ToolState.UNKNOWN


def test_an_interrupted_answer_keeps_its_mark() -> None:
    stored = TimelineEntry(
        "a", AssistantMessage("so f"), ("interrupted",), metadata={"reason": "by the user"}
    )
    assert blocks(load_entries([stored]))[1] == InterruptedBlock("by the user")


def test_a_refused_call_is_denied_and_keeps_the_reason_and_the_seconds() -> None:
    refused = ToolResultBlock(
        "c",
        "pay",
        (TextBlock("Tool execution was denied by user. Reason: too much"),),
        True,
        metadata={"seconds": 2.5},
    )
    call = ToolUseBlock("c", "pay", {"sum": 3}, metadata={"summary": "3 coins"})
    (block,) = blocks(load_entries([entry("a", AssistantMessage(call)), entry("t", ToolMessage([refused]))]))
    assert block == ToolBlock("c", "pay", "3 coins", ToolState.DENIED, FlowText("Reason: too much"), 2.5)


def test_a_block_gives_its_source_to_copy() -> None:
    answer, call = blocks(
        load_entries(
            [
                entry(
                    "a",
                    AssistantMessage(
                        [TextBlock("**bold**\n\tindented"), ToolUseBlock("c", "find", {"q": "x"})]
                    ),
                ),
                entry("t", ToolMessage(result("c", "find", "one\ntwo"))),
            ]
        )
    )
    assert source(answer) == "**bold**\n\tindented"
    assert source(call) == "find x\none\ntwo"
