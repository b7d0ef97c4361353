"""Finds calls of ours that block a running event loop: sleep, open, a database, a process."""

import asyncio
import builtins
import io
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).parent.parent
OURS = tuple(f"{ROOT / package}/" for package in ("agentick_core", "agentick_tui"))
TESTS = f"{ROOT / 'tests'}/"
TARGETS: tuple[tuple[Any, str], ...] = (
    (time, "sleep"),
    (builtins, "open"),
    (io, "open"),
    (sqlite3, "connect"),
    (subprocess.Popen, "__init__"),
)


class EventLoopWatch:
    """While it is entered, collects the blocking calls that our code made on a running event loop's thread."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._patches = ExitStack()

    def __enter__(self) -> "EventLoopWatch":
        for owner, name in TARGETS:
            label = f"{getattr(owner, '__name__', owner)}.{name}"
            self._patches.enter_context(patch.object(owner, name, self._watched(label, getattr(owner, name))))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patches.close()

    def _watched(self, label: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if asyncio._get_running_loop() is not None:  # pyright: ignore[reportPrivateUsage]  # the public one raises
                self._note(label, sys._getframe(1))  # pyright: ignore[reportPrivateUsage]  # a stack walk costs too much
            return original(*args, **options)

        return call

    def _note(self, label: str, frame: FrameType | None) -> None:
        """Blame the nearest frame of ours, unless a test, an import or asyncio itself lies before it."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(OURS):
                self.calls.append(f"  {label} at {file}:{frame.f_lineno}")
                return
            if file.startswith((TESTS, "<frozen importlib")) or "/asyncio/" in file:
                return
            frame = frame.f_back
