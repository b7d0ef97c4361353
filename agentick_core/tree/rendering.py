"""Which body is running right now, and which nodes it has made."""

import sys
from types import CodeType, FrameType
from typing import TYPE_CHECKING, NamedTuple

from agentick_core.procedures.ambient import current

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber
    from agentick_core.tree.node import Node

_OURS = "agentick_core."


class Place(NamedTuple):
    """A place in the source, kept cheaply: the line is looked up only for a message."""

    code: CodeType
    instruction: int

    @property
    def filename(self) -> str:
        """The file."""
        return self.code.co_filename

    @property
    def line(self) -> int:
        """The line, from 1."""
        lines = (
            line for start, end, line in self.code.co_lines() if line and start <= self.instruction < end
        )
        return next(lines, self.code.co_firstlineno)

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}"


class Rendering:
    """The body that a tree is running now: `fiber` is None between bodies, `made` lists the body's nodes.

    `waits` says that the body has asked for data which is not there yet. A tree has one, and puts it into the
    ambient context for the length of a render.
    """

    __slots__ = ("fiber", "made", "waits")

    def __init__(self) -> None:
        self.fiber: Fiber | None = None
        self.made: list[tuple[Node, Place]] = []
        self.waits = False


def rendering_now() -> Rendering | None:
    """Give what renders now, if a body is running."""
    rendering = current().fiber
    if isinstance(rendering, Rendering) and rendering.fiber is not None:
        return rendering
    return None


def frame_above(levels: int) -> FrameType:
    """Give the frame `levels` calls above the function that asks."""
    return sys._getframe(levels + 1)  # pyright: ignore[reportPrivateUsage]  # inspect costs three times as much


def place_outside() -> Place:
    """Give the nearest place above that is not part of the engine."""
    frame = frame_above(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
        frame = frame.f_back
    return Place(frame.f_code, frame.f_lasti)
