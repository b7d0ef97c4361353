"""Whether the terminal's background is dark: asked before the screen opens, never while it reads.

A slow terminal answers later; until the screen is there that must not be echoed.
"""

import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

ASK = b"\x1b]11;?\x1b\\\x1b[c"
WAIT_SECONDS = 0.05
_ANSWER = re.compile(rb"\x1b\]11;rgb:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")
_FENCE = re.compile(rb"\x1b\[\?[0-9;]*c")


@dataclass(frozen=True, slots=True)
class Background:
    """Whether the terminal is dark, and what was read while it was asked: keys, and its answers among them."""

    dark: bool
    typed: str = ""


def background() -> Background:
    """Tell whether the background is dark: the terminal's answer, else COLORFGBG, else yes."""
    answer = _exchange(ASK, WAIT_SECONDS)
    dark, typed = luminance_is_dark(answer), _typed_in(answer)
    if dark is not None:
        return Background(dark, typed)
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    light = ground.isdigit() and int(ground) in (7, 9, 10, 11, 12, 13, 14, 15)
    return Background(not light, typed)


@contextmanager
def unechoed() -> Generator[list[Any] | None]:
    """Have the terminal not echo what arrives, and take no key as another or for itself; give its attributes as they
    were, None where it has none.

    Around the whole screen: it leaves the terminal as it has found it, and there must be no moment in between.
    """
    before: list[Any] | None = None
    with ExitStack() as stack:
        if sys.stdin.isatty():
            with suppress(termios.error):
                descriptor = sys.stdin.fileno()
                before = termios.tcgetattr(descriptor)
                stack.callback(_set, descriptor, before)
                input = before[0] & ~(termios.ICRNL | termios.IXON)
                _set(descriptor, [input, *before[1:3], before[3] & ~termios.ECHO, *before[4:]])
        yield before


def _set(descriptor: int, attributes: list[Any]) -> None:
    with suppress(termios.error):
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def typed_ahead() -> str:
    """Give what was typed so far, without asking anything."""
    return _typed_in(_exchange(b"", 0.0))


def _typed_in(answer: bytes) -> str:
    # Until the terminal was told otherwise, it made this of Enter.
    return answer.decode("utf-8", errors="ignore").replace("\n", "\r")


def _exchange(question: bytes, seconds: float) -> bytes:
    """Ask, and give all that was read; nothing where there is no terminal to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return b""
    descriptor = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        return b""
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        os.write(sys.stderr.fileno(), question)
        return _read(descriptor, seconds)
    except OSError:
        return b""
    finally:
        _set(descriptor, before)


def _read(descriptor: int, seconds: float) -> bytes:
    """Read until the fence, an answer that every terminal gives, or until the time is up and nothing is there."""
    answer, until = b"", time.monotonic() + seconds
    while not _FENCE.search(answer):
        left = max(0.0, until - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            break
        answer += os.read(descriptor, 256)
    return answer


def luminance_is_dark(answer: bytes) -> bool | None:
    """Read the colour out of an answer; None where there is none. Weights are those of ITU-R BT.709."""
    found = _ANSWER.search(answer)
    if found is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5
