"""The prompt as the screen mounts it: the completion list, and the editor under it."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from agentick_tui.keymap import Act, ScreenState
from agentick_tui.prompt.completion_list import CompletionList
from agentick_tui.prompt.editor import ASKED, PromptEditor
from agentick_tui.prompt.history import PromptHistory

if TYPE_CHECKING:
    from agentick_tui.prompt.completion import Candidate, Choice, Match


class Prompt(Vertical):
    """Where a person types. `commands` is asked for what can be completed when a "/" begins a text.

    `asked` is called when Enter, Alt+Enter, Esc or Ctrl+D asks for something, at once: the next key may mean
    something else for it. What was sent, queued or steered has left the editor.
    """

    class Edited(Message):
        """The text has changed: there is a draft to keep."""

    def __init__(
        self,
        *,
        history: PromptHistory | None = None,
        commands: "Callable[[], Sequence[Candidate]]" = tuple,
        asked: Callable[[Act, str], None],
        id: str | None = "prompt",
    ) -> None:
        super().__init__(id=id)
        self.history = history if history is not None else PromptHistory()
        self.commands = commands
        self.asked = asked
        self.editor = PromptEditor(self.history, self)
        self._list = CompletionList()
        self._choice: Choice | None = None
        self._known: tuple[Candidate, ...] = ()
        self._dismissed = False
        self._complained_of: str | None = None
        self._seen = ""
        self._query = ""

    def compose(self) -> ComposeResult:
        """Build the list and the line of the editor."""
        yield self._list
        with Horizontal(id="prompt-line"):
            yield Static("›", id="prompt-mark", markup=False)
            yield self.editor

    @property
    def text(self) -> str:
        """What is typed."""
        return self.editor.text

    @property
    def is_completing(self) -> bool:
        """Whether the completion list is open: Esc and Ctrl+C close it first."""
        return self.editor.list_open

    def set_state(self, state: ScreenState, *, paused: bool = False) -> None:
        """Take over what the screen is doing; `paused` says that a queue waits to be resumed."""
        was = self.editor.state
        self.editor.set_state(state, paused=paused)
        if state is was:
            return
        self.set_class(state is ScreenState.RUNNING, "-running")
        self.set_class(state in ASKED, "-asked")
        if state in ASKED:
            self._hide()
        else:
            self.edited()

    def set_text(self, text: str) -> None:
        """Replace what is typed, as a restored draft does."""
        self.editor.load_text(text)
        self.editor.to_end()
        self.edited()

    def put_back(self, text: str) -> None:
        """Put a text that was taken but not accepted in front of what was typed since."""
        since = self.editor.text
        self.set_text(f"{text}\n{since}" if since else text)

    def complain(self, message: str) -> None:
        """Say above the prompt what is wrong with a command, until something is typed."""
        self._complained_of = self.editor.text
        self._hide()
        self._list.complain(message)

    def keep_draft(self) -> None:
        """Put the draft into the history and empty the editor."""
        self.history.append(self.editor.text)
        self.set_text("")

    def insert(self, text: str) -> None:
        """Put a text, such as a quotation, where the cursor is."""
        self.editor.type_text(text)

    def close(self) -> None:
        """Close the list, until the text begins anew."""
        self._dismissed = True
        self._hide()

    def step(self, step: int) -> None:
        """Move the mark in the open list."""
        if self._choice is not None:
            self._choice = self._choice.moved(step, self._list.rows)
            self._list.show_choice(self._choice)

    def accept(self) -> bool:
        """Put the marked command in; False where its whole name stands there already."""
        current = self._marked
        if current is None or self.editor.text[1:].lower() == current.text.lower():
            self._hide()
            return False
        self.set_text(f"/{current.candidate.name} ")
        return True

    def edited(self) -> None:
        """Follow the text: open, narrow or close the list; for the same text again the commands are asked anew."""
        text = self.editor.text
        if text == self._complained_of:
            return
        if text == self._seen:
            self._known = ()
        self._complained_of, self._seen = None, text
        if not text.startswith("/") or text.startswith("//"):
            self._dismissed, self._known = False, ()
            self._hide()
            return
        # Most of what is typed is no command.
        from agentick_tui.prompt.completion import command_query

        if not self._known:
            self._known = tuple(self.commands())
        query = command_query(text, self.editor.cursor_index)
        if query is None:
            self._show_usage(text)
        elif not self._dismissed:
            self._open(query)

    @property
    def _marked(self) -> "Match | None":
        return self._choice.current if self._choice is not None else None

    @on(PromptEditor.Changed)
    def _text_changed(self, event: PromptEditor.Changed) -> None:
        event.stop()
        self.post_message(self.Edited())

    @on(PromptEditor.SelectionChanged)
    def _cursor_moved(self, event: PromptEditor.SelectionChanged) -> None:
        event.stop()

    def _open(self, query: str) -> None:
        from agentick_tui.prompt.completion import Choice, rank

        before = self._marked if query == self._query else None
        self._query = query
        choice = Choice(rank(query, self._known))
        names = [match.candidate.name for match in choice.matches]
        if before is not None and before.candidate.name in names:
            # The same text again, such as when more commands are known: the mark stays where it was.
            choice = choice.moved(names.index(before.candidate.name), self._list.rows)
        self._choice = choice
        self.editor.list_open = bool(choice.matches)
        self._list.show_choice(choice)

    def _show_usage(self, text: str) -> None:
        self.editor.list_open = False
        match = _named(text[1:].split(maxsplit=1)[0] if len(text) > 1 else "", self._known)
        if match is None or not text[1:].strip():
            self._list.hide()
        else:
            self._list.show_usage(match)

    def _hide(self) -> None:
        self._choice = None
        self.editor.list_open = False
        self._list.hide()


def _named(name: str, candidates: "Iterable[Candidate]") -> "Match | None":
    from agentick_tui.prompt.completion import Match

    for candidate in candidates:
        if name == candidate.name or name in candidate.aliases:
            return Match(candidate, name)
    return None
