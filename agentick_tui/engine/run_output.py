"""What `agentick run` prints: the answer or the events on stdout, the progress on stderr.

Model and tool text never reaches a stream unfiltered, whether or not a terminal is at its other end: what is
captured today is shown by `cat` tomorrow.
"""

import json
from typing import Protocol

from agentick_core.errors import AgentickError
from agentick_core.events.model import ContentDelta, ContentStart, ErrorEvent, MessageStart, ToolCallEvent
from agentick_core.events.orchestration import (
    ModelRetry,
    PersistFailed,
    SpawnStart,
    ToolResultEvent,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import Block, TextBlock
from agentick_tui.sanitize import StreamFilter, shown
from agentick_tui.streams import say, write_out

SUMMARY_LENGTH = 100


class RunOutput(Protocol):
    """Where the events of a run go."""

    def show(self, event: StreamEvent) -> None:
        """Take the next event."""
        ...

    def finish(self, response: str | None) -> None:
        """End the output; `response` is the whole answer, None where there is none."""
        ...


class EventLines:
    """One event per line, as JSON; all that is not ASCII is escaped, so that no control character leaves."""

    def __init__(self) -> None:
        from agentick_core.wire.events import stream_start_line, to_wire

        self._to_wire = to_wire
        write_out(stream_start_line() + "\n")

    def show(self, event: StreamEvent) -> None:
        """Print the event."""
        self._write(self._to_wire(event))

    def fail(self, error: AgentickError) -> None:
        """Print an error that no event tells."""
        self._write({"type": "error", "error": error.to_json()})

    def finish(self, response: str | None) -> None:
        """Do nothing: the last event has been printed."""

    def _write(self, value: object) -> None:
        write_out(json.dumps(value, separators=(",", ":")) + "\n")


class AnswerText:
    """The last answer, once it is whole."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def show(self, event: StreamEvent) -> None:
        """Collect the text of the answer, so that a broken one can be shown too."""
        if event.spawn_path:
            return
        match event:
            case MessageStart():
                self._parts.clear()
            case ContentStart(block_type="text") if self._parts:
                self._parts.append("\n\n")
            case ContentDelta(block_type="text"):
                self._parts.append(event.delta)
            case _:
                pass

    def finish(self, response: str | None) -> None:
        """Print the answer, or what there is of it."""
        text = StreamFilter().feed("".join(self._parts) if response is None else response)
        if text:
            write_out(text if text.endswith("\n") else text + "\n")


class LiveText:
    """Every answer as it comes, for a person who watches."""

    def __init__(self) -> None:
        self._filter = StreamFilter()
        self._open = False
        self._begun = False

    def show(self, event: StreamEvent) -> None:
        """Print what the event adds."""
        if event.spawn_path:
            return
        match event:
            case ContentStart(block_type="text"):
                self._close()
                if self._begun:
                    write_out("\n")
            case ContentDelta(block_type="text"):
                self._print(self._filter.feed(event.delta))
            case ToolCallEvent() | ToolResultEvent():
                self._close()
            case _:
                pass

    def finish(self, response: str | None) -> None:
        """End the last line, and print an answer that did not stream."""
        if response and not self._begun:
            self._print(StreamFilter().feed(response))
        self._close()

    def _print(self, text: str) -> None:
        if text:
            write_out(text)
            self._begun = True
            self._open = not text.endswith("\n")

    def _close(self) -> None:
        self._filter = StreamFilter()
        if self._open:
            write_out("\n")
            self._open = False


class Progress:
    """Tells on stderr what happens besides the answer, one line each."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}

    def show(self, event: StreamEvent) -> None:
        """Tell of the event, where it is worth a line."""
        match event:
            case ToolCallEvent():
                self._calls[event.call_id] = event.summary or json.dumps(dict(event.input), default=str)
            case ToolResultEvent():
                _tell(event.name, self._outcome(event))
            case SpawnStart():
                _tell(event.label or event.component_name, "begins")
            case ModelRetry():
                _tell("retry", f"{event.attempt} in {event.delay_ms / 1000:.1f} s: {event.reason}")
            case ErrorEvent():
                _tell("error", event.message)
            case PersistFailed():
                _tell("not stored", event.error.message)
            case _:
                pass

    def _outcome(self, event: ToolResultEvent) -> str:
        called_with = self._calls.pop(event.call_id, "")
        if event.is_error:
            return f"{called_with}: failed: {_first_line(event.result)}"
        return f"{called_with}: done in {max(0.0, event.completed_at - event.started_at):.1f} s"


def failed_before_start(error: AgentickError) -> None:
    """Print the stream of a run that never began: its start, and one line that says why."""
    EventLines().fail(error)


def _first_line(blocks: tuple[Block, ...]) -> str:
    for block in blocks:
        if isinstance(block, TextBlock):
            return next((line for line in block.text.splitlines() if line.strip()), "")
    return ""


def _tell(what: str, more: str) -> None:
    line = shown(more)
    say(
        f"· {shown(what)} {line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1] + '…'}".rstrip()
    )
