"""The terminal for the screen alone: whatever else reads stdin or writes to stdout and stderr gets nothing of it."""

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from typing import Literal, TextIO

IN, OUT, ERR = 0, 1, 2


@contextmanager
def terminal_to_itself() -> Generator[None]:
    """Let the screen read and draw over descriptors of its own, and the process's lead nowhere meanwhile.

    A tool that asks on stdin reads its end, and takes no key away; what it or a program of its own prints is
    dropped, unless stdout leads somewhere else than to the terminal.
    """
    with ExitStack() as stack:
        keys = stack.enter_context(_copy(IN, "r"))
        screen = stack.enter_context(_copy(ERR, "w"))
        stack.callback(
            sys.__dict__.update, __stdin__=sys.__stdin__, __stdout__=sys.__stdout__, __stderr__=sys.__stderr__
        )
        # Textual reads, draws on and measures these.
        sys.__dict__.update(__stdin__=keys, __stdout__=screen, __stderr__=screen)
        nowhere = os.open(os.devnull, os.O_RDWR)
        stack.callback(os.close, nowhere)
        for descriptor in (IN, OUT, ERR):
            _lead(descriptor, nowhere, stack)
        yield


def _copy(descriptor: int, mode: Literal["r", "w"]) -> TextIO:
    return open(os.dup(descriptor), mode, encoding="utf-8", errors="replace")


def _lead(descriptor: int, elsewhere: int, stack: ExitStack) -> None:
    """Let a descriptor lead elsewhere until the end, where it is the terminal's."""
    # It may be closed.
    with suppress(OSError):
        if os.isatty(descriptor):
            before = os.dup(descriptor)
            stack.callback(os.close, before)
            stack.callback(os.dup2, before, descriptor)
            os.dup2(elsewhere, descriptor)
