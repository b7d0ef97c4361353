"""Recordings of sessions, and models that answer from them."""

from agentick_core.recording.recording import (
    RecordedInput,
    Recording,
    RecordingConfig,
    RecordingMode,
    RecordingSummary,
)
from agentick_core.recording.replay import ReplayModel
from agentick_core.recording.snapshot import FiberNode, TickSnapshot
from agentick_core.recording.tape import RecordedCall

__all__ = [
    "FiberNode",
    "RecordedCall",
    "RecordedInput",
    "Recording",
    "RecordingConfig",
    "RecordingMode",
    "RecordingSummary",
    "ReplayModel",
    "TickSnapshot",
]
