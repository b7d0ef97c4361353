"""A recording: what a session was asked, what each of its ticks did, and every answer of its models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.usage import NO_USAGE, Usage
from agentick_core.recording.snapshot import TickSnapshot
from agentick_core.recording.tape import RecordedCall

if TYPE_CHECKING:
    from agentick_core.recording.replay import ReplayModel

RecordingMode: TypeAlias = Literal["full", "lightweight", "none"]
RecordingStatus: TypeAlias = Literal["running", "completed", "failed", "aborted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingConfig:
    """What was recorded, and how: "full" keeps the tree of each tick, "lightweight" only counts it."""

    component_name: str
    mode: RecordingMode
    max_ticks: int
    initial_props: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInput:
    """What came from outside: a message, or props for the next ticks. `timestamp` is in seconds since 1970."""

    timestamp: float
    message: Message | None = None
    props: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSummary:
    """The ticks that were recorded: how many, how long they took together in milliseconds, what they used, and how
    the last execution ended."""

    tick_count: int = 0
    total_duration: float = 0.0
    total_usage: Usage = NO_USAGE
    final_status: RecordingStatus = "running"
    final_stop_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording as it stands, made by `session.start_recording()`.

    Times are in seconds since 1970; `ended_at` is None until it was stopped. `calls` are the model calls of the
    session and of its sub-agents, those for summaries too, in the order in which they began: what a replay answers
    with.
    """

    session_id: str
    started_at: float
    config: RecordingConfig
    ended_at: float | None = None
    inputs: tuple[RecordedInput, ...] = ()
    snapshots: tuple[TickSnapshot, ...] = ()
    calls: tuple[RecordedCall, ...] = ()
    summary: RecordingSummary = field(default_factory=RecordingSummary)

    def save(self, path: str | Path) -> None:
        """Write it into a file that only its owner can read, in place of what was there.

        Raises:
            StorageError: it cannot be written.
            WireError: it holds something that is not JSON; the error names where.
        """
        from agentick_core.recording.file import write

        write(self, Path(path))

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON by the names of the protocol, for other programs; a file from `save` is far smaller.

        Raises:
            WireError: it holds something that is not JSON; the error names where.
        """
        from agentick_core.recording.file import as_json

        return as_json(self)

    @classmethod
    def load(cls, path: str | Path) -> "Recording":
        """Read it from a file.

        Raises:
            NotFoundError: there is no such file.
            StoreDamagedError: the file is not a recording, or not whole.
            StoreVersionError: it was written by another version.
            StorageError: it cannot be read.
        """
        from agentick_core.recording.file import read

        return read(Path(path))

    def as_model(self) -> "ReplayModel":
        """Give a model that answers as the recorded ones did, without a network."""
        from agentick_core.recording.replay import ReplayModel

        return ReplayModel(self.calls)
