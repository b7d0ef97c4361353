"""Content that is shortened until the model opens it: `Expandable`, and the prop `collapsed` of other components."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agentick_core.compile.collect import Collector, Phrase
from agentick_core.compile.markup import collapsed_tag
from agentick_core.hooks.knob import use_knob, use_knob_name
from agentick_core.tree.element import component
from agentick_core.tree.fiber import Item
from agentick_core.tree.node import Child, Node, Nodes

SUMMARY_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse:
    """How content is collapsed: what stands instead of it, and the knob that opens it.

    Without a summary the content's beginning stands there, without a name the knob gets one of its own. The
    knobs of a `group` can be opened together. Unless it is `momentary`, what is open stays open over executions.
    """

    summary: Child = None
    name: str | None = None
    group: str | None = None
    momentary: bool = True


CollapsedLike: TypeAlias = bool | str | Node | Collapse | None


class Collapsed(Phrase):
    """The mark of shortened content, with the name of the knob that opens it."""

    __slots__ = ("group", "name")

    def __init__(self, *children: Child, name: str, group: str | None = None) -> None:
        super().__init__(*children)
        self.name = name
        self.group = group

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the tag around the summary."""
        return collapsed_tag(self.name, self.group, sink.inline(items))


class Beginning(Phrase):
    """The first words of what stands inside."""

    __slots__ = ()

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the beginning, on one line; what the content adds beside its text stays out as long as it is short."""
        words = " ".join(Collector().text(items).split())
        short = words if len(words) <= SUMMARY_LENGTH else words[: SUMMARY_LENGTH - 1].rstrip() + "…"
        return sink.markup.text(short)


@component
def Expandable(
    *children: Child,
    summary: Child = None,
    name: str | None = None,
    group: str | None = None,
    momentary: bool = True,
    kind: str = "content",
) -> Nodes:
    """Show a summary until the model sets the knob named in it to true; `kind` begins a name that is not given."""
    knob = use_knob_name(name, kind)
    is_open, _ = use_knob(knob, False, inline=True, group=group, momentary=momentary)
    if is_open:
        yield children
        return
    yield Collapsed(Beginning(*children) if summary is None else summary, name=knob, group=group)


def collapsible(children: Child, collapsed: CollapsedLike, kind: str) -> Child:
    """Give the children as they are, or collapsed where that is wanted."""
    match collapsed:
        case None | False:
            return children
        case Collapse():
            wanted = collapsed
        case True:
            wanted = Collapse()
        case _:
            wanted = Collapse(summary=collapsed)
    return Expandable(
        children,
        summary=wanted.summary,
        name=wanted.name,
        group=wanted.group,
        momentary=wanted.momentary,
        kind=kind,
    )
