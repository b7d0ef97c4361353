"""What a terminal showed, and when: the bytes of a program played again into an emulator."""

import re
from collections.abc import Hashable, Sequence

import pyte

from tests.bench.terminal import HEIGHT, WIDTH, Terminal

UNKNOWN = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]+|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[4:\dm")
"""What the emulator would print instead of obeying; a program that only draws needs none of it."""


def seconds_to_last_picture(
    terminal: Terminal, since: int, began: float, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> float:
    """Give the seconds from `began` until the terminal first showed what it shows now.

    `since` is how many bytes had been written at `began`, when the terminal took the `size`.
    """
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.ByteStream(screen)
    stream.feed(UNKNOWN.sub(b"", bytes(terminal.output[:since])))
    screen.resize(size[1], size[0])
    pictures: list[tuple[float, Hashable]] = [(began, picture(screen))]
    start = since
    for piece in [piece for piece in terminal.pieces if piece.end > since]:
        stream.feed(UNKNOWN.sub(b"", bytes(terminal.output[start : piece.end])))
        start = piece.end
        pictures.append((piece.at, picture(screen)))
    return first_of_the_last(pictures) - began


def first_of_the_last(pictures: Sequence[tuple[float, Hashable]]) -> float:
    """Give the time of the first picture that is like the last one and is followed by no other."""
    last = pictures[-1][1]
    at = pictures[-1][0]
    for time, shown in reversed(pictures):
        if shown != last:
            break
        at = time
    return at


def picture(screen: pyte.Screen) -> Hashable:
    """Give every cell with its colours."""
    return tuple(tuple(screen.buffer[y][x] for x in range(screen.columns)) for y in range(screen.lines))
