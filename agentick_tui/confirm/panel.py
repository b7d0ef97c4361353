"""The panel that asks before a tool runs: modal in behaviour, drawn above the prompt, the transcript in view.

It never takes the keys by focus while it asks: the prompt hands it each key first (`key`), so that what was typed
ahead goes on into the prompt.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from agentick_tui.confirm import drawing
from agentick_tui.confirm.check import editable, read_arguments
from agentick_tui.confirm.entry import EntryArea
from agentick_tui.confirm.question import Answer, Question, RuleChoice, exact_detail
from agentick_tui.confirm.queue import GUARD_SECONDS, QuestionQueue
from agentick_tui.keymap import ACTIONS, ScreenState, hints
from agentick_tui.lines import LinesView
from agentick_tui.sanitize import flow

if TYPE_CHECKING:
    from textual.widget import Widget

CANCELLED = "cancelled by user"
REJECTED = "rejected by user"
WHY = Content("Why not? The model reads it; empty is a plain no")
# The application's keys that are heard while a question is open.
PASSING = frozenset(
    key for row in ACTIONS if row.scope == "app" and ScreenState.CONFIRMING in row.states for key in row.keys
)


class Stage(Enum):
    """What the panel is showing."""

    ASKING = "asking"
    REASON = "reason"
    RULES = "rules"
    STORING = "storing"
    EDITING = "editing"
    DIFF = "diff"


_KEYS: Mapping[Stage, tuple[tuple[str, str], ...]] = {
    Stage.REASON: (("Enter", "refuse"), ("Esc", "back")),
    Stage.RULES: (("Enter", "choose"), ("↑↓", "move"), ("Esc", "back")),
    Stage.STORING: (("Enter", "store it and run"), ("Esc", "back")),
    Stage.EDITING: (("Enter", "use these"), ("Ctrl+J", "new line"), ("Esc", "back")),
    Stage.DIFF: (("d", "close"), ("↑↓", "scroll")),
}


class ArgumentsView(LinesView):
    """The arguments: as tall as they need, but five lines of the transcript stay in view from 16 rows up."""

    # What else stands on the screen: the transcript's five lines, the rest of the panel, queue, prompt, status.
    reserved = 11
    whole = False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give as many rows as all lines need, within the room there is."""
        height = self.screen.size.height
        limit = height - 6 if self.whole else max(3, min(height - self.reserved, height // 2))
        return min(super().get_content_height(container, viewport, width), limit)


class ConfirmPanel(Vertical):
    """Asks one question after the other and posts the answers; hidden while nothing is asked."""

    @dataclass
    class Answered(Message):
        """A question was answered."""

        answer: Answer

    @dataclass
    class Changed(Message):
        """The panel opened, closed, or shows something else: `state` is what the screen is doing, None if closed."""

        state: ScreenState | None

    def __init__(
        self,
        *,
        guard: float = GUARD_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = "confirm",
    ) -> None:
        super().__init__(id=id)
        self.display = False
        self._clock = clock
        self._queue = QuestionQueue(guard)
        self._stage = Stage.ASKING
        self._edited: Mapping[str, Any] | None = None
        self._marked = 0
        self._wrong = ""
        self._before: Widget | None = None
        self._head = Static(id="confirm-head", markup=False)
        self._body = ArgumentsView(id="confirm-body")
        self._entry = EntryArea(entered=self._take_entered, left=self._leave_entry, id="confirm-entry")
        self._foot = Static(id="confirm-foot", markup=False)

    def compose(self) -> ComposeResult:
        """Build the head, the arguments, the line that is typed in, and the keys."""
        yield self._head
        yield self._body
        yield self._entry
        yield self._foot

    @property
    def current(self) -> Question | None:
        """The question that is asked now."""
        return self._queue.current

    @property
    def state(self) -> ScreenState | None:
        """What the screen is doing as far as this panel decides it; None while nothing is asked."""
        if self.current is None:
            return None
        match self._stage:
            case Stage.ASKING:
                return ScreenState.CONFIRMING
            case Stage.REASON:
                return ScreenState.REASON
            case Stage.RULES | Stage.STORING | Stage.EDITING | Stage.DIFF:
                return ScreenState.OPEN

    def ask(self, question: Question) -> None:
        """Ask, now or once those before it are answered."""
        if self._queue.add(question, self._clock()):
            self._begin()
        else:
            self._draw()

    def withdraw(self, call_id: str) -> None:
        """Stop asking: the call was answered elsewhere, or is gone."""
        if self._queue.remove(call_id, self._clock()):
            self._begin()
        else:
            self._draw()

    def clear(self) -> None:
        """Stop asking altogether: nobody waits for the answers."""
        if self.current is not None:
            self._queue.clear()
            self._begin()

    def cancel(self) -> None:
        """Refuse as Ctrl+C does; in the form, the rules or the difference only close those."""
        if self._stage in (Stage.ASKING, Stage.REASON):
            self._answer(approved=False, reason=CANCELLED)
        else:
            self._to(Stage.ASKING)

    def heard(self, event: events.Event) -> bool:
        """Hear what the application is about to hand on; True keeps it, a key or a paste that answers.

        Scrolling, the application's keys and what is typed into the reason or the arguments pass.
        """
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            return False
        if self.current is None or self._types or not self.screen.is_current:
            return False
        return self._heard_key(event) if isinstance(event, events.Key) else self._heard_paste(event)

    def _heard_key(self, event: events.Key) -> bool:
        if event.key in PASSING or not self._queue.heard(event.time):
            return False
        if event.key in ("up", "down"):
            self._arrow(-1 if event.key == "up" else 1)
        else:
            self._press(event.key)
        return True

    def _heard_paste(self, event: events.Paste) -> bool:
        """Take a paste as the reason."""
        if not self._queue.heard(event.time):
            return False
        self._to(Stage.REASON)
        self._entry.begin(" ".join(flow(event.text).split()), lines=1)
        return True

    @property
    def _types(self) -> bool:
        """Whether what is typed goes into the panel's own line."""
        return self._stage in (Stage.REASON, Stage.EDITING)

    def _press(self, key: str) -> None:
        match self._stage:
            case Stage.ASKING:
                self._press_asking(key)
            case Stage.RULES if key == "enter":
                self._to(Stage.STORING)
            case Stage.STORING if key == "enter":
                self._answer(approved=True, always=True)
            case Stage.STORING if key == "escape":
                self._to(Stage.RULES)
            case Stage.RULES if key == "escape":
                self._to(Stage.ASKING)
            case Stage.DIFF if key in ("d", "escape"):
                self._to(Stage.ASKING)
            case _:
                pass

    def _press_asking(self, key: str) -> None:
        question = self.current
        if question is None:
            return
        match key.lower():
            case "y" | "shift+y":
                self._answer(approved=True)
            case "n" | "tab" | "shift+n":
                self._to(Stage.REASON)
                self._entry.begin("", lines=1)
            case "escape":
                self._answer(approved=False, reason=REJECTED)
            case "a" | "shift+a" if question.rules:
                self._marked = 0
                self._to(Stage.RULES)
            case "e" | "shift+e":
                self._to(Stage.EDITING)
                self._entry.begin(editable(self._arguments), lines=16)
            case "d" | "shift+d" if question.diff:
                self._to(Stage.DIFF)
            case _:
                pass

    def _arrow(self, step: int) -> None:
        question = self.current
        if self._stage is Stage.RULES and question is not None:
            self._marked = (self._marked + step) % len(question.rules)
            self._draw()
        else:
            self._body.scroll_relative(y=step, animate=False)

    @property
    def _arguments(self) -> Mapping[str, Any]:
        question = self.current
        if self._edited is not None or question is None:
            return self._edited or {}
        return question.arguments

    @property
    def _rules(self) -> Sequence[RuleChoice]:
        """What "always" offers, for the call as it stands now."""
        question = self.current
        if question is None or self._edited is None:
            return question.rules if question is not None else ()
        detail = exact_detail(question.name, self._edited)
        return [replace(each, detail=detail) if each.exact else each for each in question.rules]

    def _take_entered(self, text: str) -> None:
        """Take the reason, or the edited arguments once they fit."""
        question = self.current
        if question is None:
            return
        if self._stage is Stage.REASON:
            self._answer(approved=False, reason=text.strip() or REJECTED)
            return
        arguments, self._wrong = read_arguments(text, question.schema)
        if arguments is None:
            self._draw()
            return
        self._edited = None if editable(arguments) == editable(question.arguments) else arguments
        self._to(Stage.ASKING)

    def _leave_entry(self) -> None:
        """Go back to the question; what was typed is dropped."""
        self._to(Stage.ASKING)

    def _answer(self, *, approved: bool, reason: str | None = None, always: bool = False) -> None:
        question = self.current
        if question is None:
            return
        rule = self._rules[self._marked] if always else None
        edited = self._edited if approved else None
        self.post_message(
            self.Answered(
                Answer(
                    call_id=question.call_id, approved=approved, reason=reason, arguments=edited, rule=rule
                )
            )
        )
        self._queue.remove(question.call_id, self._clock())
        self._begin()

    def _begin(self) -> None:
        self._edited = None
        self._marked = 0
        self.display = self.current is not None
        self._body.scroll_home(animate=False)
        self._to(Stage.ASKING)

    def _to(self, stage: Stage) -> None:
        self._stage = stage
        self._wrong = ""
        self._entry.placeholder = WHY if stage is Stage.REASON else ""
        self._entry.display = self._types
        self._body.display = stage is not Stage.EDITING
        self._body.whole = stage is Stage.DIFF
        self._body.reserved = 12 if stage is Stage.REASON else 11
        # At once: asked to focus itself, a widget waits for its turn, and what is typed meanwhile goes elsewhere.
        if self._types and self._before is None:
            self._before = self.screen.focused
            self.screen.set_focus(self._entry)
        elif not self._types and self._before is not None:
            self.screen.set_focus(self._before)
            self._before = None
        self._draw()
        self.post_message(self.Changed(self.state))

    def on_resize(self) -> None:
        """Draw the keys for the new width."""
        self._draw()

    def _draw(self) -> None:
        question = self.current
        if question is None:
            return
        self.border_title = f" {drawing.title(self._queue.position)} "
        self._head.update(drawing.head(question, edited=self._edited is not None))
        self._body.show(self._lines(question))
        width = max(10, self.content_size.width or self.screen.size.width - 2)
        keys = drawing.keys(self._foot_keys(question), width)
        self._foot.update(Content.assemble(("✗ ", "$text-error"), self._wrong) if self._wrong else keys)

    def _lines(self, question: Question) -> tuple[Content, ...]:
        match self._stage:
            case Stage.RULES:
                return drawing.rule_lines(self._rules, self._marked, chosen=False)
            case Stage.STORING:
                return drawing.rule_lines(self._rules, self._marked, chosen=True)
            case Stage.DIFF:
                return tuple(drawing.diff_lines(question.diff))
            case Stage.ASKING | Stage.REASON | Stage.EDITING:
                return drawing.body(question, self._arguments)

    def _foot_keys(self, question: Question) -> tuple[tuple[str, str], ...]:
        if self._stage is not Stage.ASKING:
            return _KEYS[self._stage]
        missing = {"a": not question.rules, "d": not question.diff}
        pairs = hints(ScreenState.CONFIRMING, scopes=("confirm",))
        return tuple(pair for pair in pairs if not missing.get(pair[0], False))
