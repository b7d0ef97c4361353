"""What the events of a running session make of the transcript."""

import pytest

from agentick_core.events.model import (
    ContentDelta,
    ErrorEvent,
    MessageStart,
    ReasoningDelta,
    ReasoningEnd,
    ToolCallEvent,
)
from agentick_core.events.orchestration import (
    EntryCommitted,
    EventError,
    ExecutionEnd,
    ExecutionStart,
    MessageQueuedEvent,
    MessageUnqueuedEvent,
    ModelRetry,
    PersistFailed,
    SpawnEnd,
    SpawnStart,
    TickStart,
    ToolConfirmationRequired,
    ToolConfirmationResult,
    ToolProgress,
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import AssistantMessage, UserMessage
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import Usage
from agentick_tui.transcript.blocks import (
    AgentBlock,
    AnswerBlock,
    CommandBlock,
    ErrorBlock,
    InterruptedBlock,
    NoticeBlock,
    ReasoningBlock,
    ToolBlock,
    ToolState,
    UserBlock,
)
from agentick_tui.transcript.transcript import Transcript

CALL = ToolCallEvent(call_id="c", name="find", input={"query": "bees"})
START = ToolResultStart(call_id="c", name="find", time=5.0)


def told(*events: StreamEvent) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def finish(text: str, *, error: str | None = None, is_error: bool = False) -> ToolResultEvent:
    return ToolResultEvent(
        call_id="c", name="find", result=(TextBlock(text),), is_error=is_error or error is not None, error_type=error,
        started_at=5.0, completed_at=6.5,
    )  # fmt: skip


def tool_of(transcript: Transcript) -> ToolBlock:
    return next(item.block for item in transcript.items if isinstance(item.block, ToolBlock))


def test_deltas_grow_one_answer_and_each_change_has_a_revision() -> None:
    transcript = told(MessageStart(), ContentDelta(delta="Hel"), ContentDelta(delta="lo"))
    (item,) = transcript.items
    assert isinstance(item.block, AnswerBlock)
    assert item.block.text.text == "Hello"
    assert item.block.open
    assert item.revision == 2
    assert transcript.take_changes().changed == {item}
    assert not transcript.take_changes().changed


def test_reasoning_says_how_long_it_took() -> None:
    transcript = told(ReasoningDelta(delta="hm", time=2.0), ReasoningEnd(block_index=0, time=5.5))
    (item,) = transcript.items
    assert isinstance(item.block, ReasoningBlock)
    assert (item.block.seconds, item.block.open) == (3.5, False)


def test_a_call_goes_through_its_states() -> None:
    transcript = told(CALL)
    seen = [tool_of(transcript).state]
    for event in (
        START,
        ToolConfirmationRequired(call_id="c", name="find", input={}, message=""),
        ToolConfirmationResult(call_id="c", confirmed=True),
        ToolProgress(call_id="c", content=(TextBlock("half"),)),
        finish("all"),
    ):
        transcript.apply(event)
        seen.append(tool_of(transcript).state)
    running, waiting = ToolState.RUNNING, ToolState.WAITING
    assert seen == [ToolState.QUEUED, running, waiting, running, running, ToolState.DONE]
    block = tool_of(transcript)
    assert (block.name, block.summary, block.output.text, block.seconds) == ("find", "bees", "all", 1.5)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (finish("no such thing", is_error=True), ToolState.FAILED),
        (finish('{"error": "not my bees", "error_type": "TOOL_DENIED"}', is_error=True), ToolState.DENIED),
        (finish("stopped", error="ABORT_CANCELLED"), ToolState.CANCELLED),
        (finish("cancelled, outcome unknown", error="ABORT_CANCELLED"), ToolState.UNKNOWN),
        (ExecutionEnd(aborted=True), ToolState.CANCELLED),
        (ExecutionEnd(), ToolState.UNKNOWN),
    ],
)
def test_a_call_that_did_not_work_says_how(event: StreamEvent, state: ToolState) -> None:
    assert tool_of(told(CALL, START, event)).state is state


def test_the_text_of_a_failure_is_shown_without_its_wrapping() -> None:
    block = tool_of(
        told(CALL, finish('{"error": "not my bees", "error_type": "TOOL_DENIED"}', is_error=True))
    )
    assert block.output.text == "not my bees"


def test_names_and_arguments_of_a_call_hide_nothing() -> None:
    block = tool_of(told(ToolCallEvent(call_id="c", name="f\x1b[2J", input={"path": "a\u202eb"})))
    assert (block.name, block.summary) == ("f␛[2J", "a<U+202E>b")


def test_a_command_of_the_user_is_no_call_of_the_model() -> None:
    transcript = told(
        ToolResultStart(call_id="u", name="help", origin="user", input={"name": "new"}),
        ToolResultEvent(call_id="u", name="help", origin="user", result=(TextBlock("starts anew"),)),
    )
    (item,) = transcript.items
    assert isinstance(item.block, CommandBlock)
    assert (item.block.name, item.block.summary, item.block.output.text) == ("help", "new", "starts anew")


def test_a_message_shows_at_once_when_nothing_runs_and_when_it_is_taken_otherwise() -> None:
    transcript = told(MessageQueuedEvent(message=UserMessage("first", id="1")))
    assert len(transcript.items) == 1
    for event in (ExecutionStart(), TickStart(), MessageQueuedEvent(message=UserMessage("second", id="2"))):
        transcript.apply(event)
    assert len(transcript.items) == 1
    transcript.apply(TickStart())
    last = transcript.items[-1].block
    assert isinstance(last, UserBlock)
    assert last.text.text == "second"
    transcript.apply(MessageQueuedEvent(message=UserMessage("third", id="3")))
    transcript.apply(MessageUnqueuedEvent(message_id="3"))
    transcript.apply(TickStart())
    assert len(transcript.items) == 2


def test_a_sub_agent_holds_its_own_work_and_folds_when_it_is_done() -> None:
    transcript = told(
        CALL,
        START,
        SpawnStart(spawn_id="s", parent_execution_id="", child_execution_id="", child_session_id="", component_name="Scout", origin_call_id="c", time=5.0),
        ToolCallEvent(call_id="c", name="look", input={}, spawn_path=("s",)),
        ToolResultStart(call_id="c", name="look", spawn_path=("s",)),
        ContentDelta(delta="own answer"),
        ContentDelta(delta="child's answer", spawn_path=("s",)),
    )  # fmt: skip
    kinds = [(type(item.block), item.depth) for item in transcript.items]
    assert kinds == [(ToolBlock, 0), (AgentBlock, 1), (ToolBlock, 2), (AnswerBlock, 2), (AnswerBlock, 0)]
    assert not any(item.hidden for item in transcript.items)
    transcript.apply(
        SpawnEnd(spawn_id="s", parent_execution_id="", child_execution_id="", child_session_id="", output="well", usage=Usage(total_tokens=7), time=8.0)
    )  # fmt: skip
    agent = transcript.items[1].block
    assert isinstance(agent, AgentBlock)
    assert (agent.name, agent.state, agent.tools, agent.tokens, agent.seconds) == (
        "Scout",
        ToolState.DONE,
        1,
        7,
        3.0,
    )
    assert [item.hidden for item in transcript.items] == [False, False, True, True, False]
    assert transcript.take_changes().moved


def test_a_sub_agent_that_was_never_announced_gets_its_block() -> None:
    transcript = told(ContentDelta(delta="hello", spawn_path=("a", "b")))
    assert [item.depth for item in transcript.items] == [0, 1, 2]


def test_an_abort_leaves_a_mark_and_no_sub_agent_running() -> None:
    transcript = told(
        ExecutionStart(),
        SpawnStart(spawn_id="s", parent_execution_id="", child_execution_id="", child_session_id="", component_name="Scout"),
        ExecutionEnd(aborted=True, abort_reason="enough"),
    )  # fmt: skip
    agent, mark = (item.block for item in transcript.items)
    assert isinstance(agent, AgentBlock)
    assert agent.state is ToolState.CANCELLED
    assert mark == InterruptedBlock("enough")


def test_an_error_is_a_card_with_cause_and_hint() -> None:
    error = EventError("401", "AuthenticationError", hint="Set the key.")
    transcript = told(
        ExecutionEnd(error=error),
        PersistFailed(error=EventError("full", "StoreFullError")),
        ErrorEvent(message="odd"),
    )
    assert [item.block for item in transcript.items] == [
        ErrorBlock("No valid key", "401", "Set the key."),
        ErrorBlock("The conversation could not be saved", "full"),
        ErrorBlock("Something went wrong", "odd"),
    ]


def test_an_answer_that_an_error_cut_off_says_so_once() -> None:
    cut = TimelineEntry("a", AssistantMessage("so f"), ("interrupted",), metadata={"reason": "lost"})
    failure = EventError(message="lost", name="ConnectionFailedError", hint="Try again.")
    transcript = told(
        ExecutionStart(), EntryCommitted(entry=cut, timeline_index=0), ExecutionEnd(error=failure)
    )
    assert [type(item.block) for item in transcript.items] == [AnswerBlock, ErrorBlock]


RETRIES = (
    ModelRetry(attempt=1, delay_ms=500, reason="529"),
    ModelRetry(attempt=2, delay_ms=1920, reason="529"),
)


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ((), "trying again in 1.9 s (attempt 3): 529"),
        ((MessageStart(role="assistant"),), "answered at attempt 3: 529"),
        ((ExecutionEnd(aborted=True),), "stopped after attempt 2: 529"),
        ((ExecutionEnd(error=EventError(message="529", name="ProviderError")),), "gave up after 3 attempts"),
    ],
)
def test_retries_share_one_line_that_tells_how_it_stands(after: tuple[StreamEvent, ...], line: str) -> None:
    transcript = told(ExecutionStart(), *RETRIES, *after)
    assert transcript.items[0].block == NoticeBlock(line, "warning")
    assert sum(isinstance(item.block, NoticeBlock) for item in transcript.items) == 1


def test_each_call_that_is_tried_again_has_a_line_of_its_own() -> None:
    transcript = told(
        ExecutionStart(), *RETRIES, MessageStart(role="assistant"), ContentDelta(delta="Hi"), *RETRIES
    )
    lines = [item.block.text for item in transcript.items if isinstance(item.block, NoticeBlock)]
    assert lines == ["answered at attempt 3: 529", "trying again in 1.9 s (attempt 3): 529"]


def test_clearing_empties_the_view_and_the_engine_goes_on() -> None:
    transcript = told(CALL, START)
    transcript.clear()
    transcript.apply(finish("all"))
    assert tool_of(transcript).state is ToolState.DONE
