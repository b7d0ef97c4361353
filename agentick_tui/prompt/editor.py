"""The editor of the prompt: what Enter, Esc and the arrows mean here; it tells its owner, and sends nothing."""

from typing import Protocol

from textual import events
from textual.content import Content
from textual.geometry import Size

from agentick_tui.keymap import BLOCKS, Act, ScreenState, decide
from agentick_tui.prompt.emacs import EDITING_KEYS, EmacsArea
from agentick_tui.prompt.history import PromptHistory

EDITED_KEYS = frozenset(key for keys in EDITING_KEYS.values() for key in keys)
DECIDED_KEYS = frozenset(("enter", "alt+enter", "escape", "tab"))

PLACEHOLDERS = {
    ScreenState.IDLE: "Type a message, or / for commands",
    ScreenState.COMMAND: "Type a message, or / for commands",
    ScreenState.RUNNING: "Your next message",
    ScreenState.STOPPING: "Your next message",
    ScreenState.CONFIRMING: "The question above comes first",
    ScreenState.REASON: "",
    ScreenState.OPEN: "",
    ScreenState.READ_ONLY: "/fork goes on in a copy",
    ScreenState.BLOCK: "Type to come back here",
    ScreenState.WHOLE_BLOCK: "Type to come back here",
}
PAUSED_PLACEHOLDER = "The queue is paused: Enter sends its first message"
# While something else is answered, the editor is one line and its Enter and Esc mean nothing.
ASKED = frozenset((ScreenState.CONFIRMING, ScreenState.REASON, ScreenState.OPEN))
_TAKEN = frozenset((Act.SEND, Act.QUEUE, Act.STEER))


class Owner(Protocol):
    """What completes the text, and is asked. It is called at once, not by message: the next key may wait already."""

    def asked(self, act: Act, text: str, /) -> None:
        """A key asks for something that the state of the screen decides; `text` is what was in the editor."""
        ...

    def edited(self) -> None:
        """The text has changed."""
        ...

    def step(self, step: int) -> None:
        """Move the mark in the open list."""
        ...

    def accept(self) -> bool:
        """Take what is marked; False where the text is what it should be, and the key means what it always does."""
        ...

    def close(self) -> None:
        """Close the list."""
        ...


class PromptEditor(EmacsArea):
    """The text that is typed."""

    def __init__(self, history: PromptHistory, owner: Owner, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sent = history
        self.owner = owner
        self.state = ScreenState.IDLE
        self.paused = False
        self.list_open = False
        self.set_placeholder()

    def set_state(self, state: ScreenState, *, paused: bool = False) -> None:
        """Take over what the screen is doing."""
        if (state, paused) == (self.state, self.paused):
            return
        self.state, self.paused = state, paused
        self.set_placeholder()
        self.refresh(layout=True)

    def set_placeholder(self) -> None:
        """Say in the empty editor what can be done now."""
        idle_paused = self.paused and self.state is ScreenState.IDLE
        text = PAUSED_PLACEHOLDER if idle_paused else PLACEHOLDERS[self.state]
        self.placeholder = Content(text)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give one line while a tool waits for an answer: the question needs the room."""
        if self.state in ASKED:
            return 1
        return super().get_content_height(container, viewport, width)

    def hear_key(self, event: events.Key) -> bool:
        """Do what the key means in this state of the screen, and what it means everywhere."""
        if self._hear(event.key):
            return True
        if self.state in BLOCKS and (event.is_printable or event.key in EDITED_KEYS):
            self._ask(Act.BACK_TO_PROMPT)
        before = self.text
        heard = super().hear_key(event)
        if self.text != before:
            self.sent.leave()
            self.owner.edited()
        return heard

    def hear_paste(self, event: events.Paste) -> None:
        """Put in what was pasted, and follow the text."""
        super().hear_paste(event)
        self.sent.leave()
        self.owner.edited()

    def _hear(self, key: str) -> bool:
        """Do what is this editor's own; False leaves the key to the editing keys."""
        if key in DECIDED_KEYS or (key == "ctrl+d" and not self.text):
            self._decide(key)
            return True
        return key in ("up", "down") and self._walk(-1 if key == "up" else 1)

    def _decide(self, key: str) -> None:
        if self.state in ASKED:
            # The question hears these keys; what comes here was typed ahead of it, and must answer nothing.
            return
        if self.list_open:
            act = decide(ScreenState.OPEN, key, has_text=True)
            if act is Act.CLOSE:
                self.owner.close()
            if act is not Act.ACCEPT or self.owner.accept():
                return
        act = decide(self.state, key, has_text=bool(self.text.strip()), paused=self.paused)
        if act is Act.NEWLINE:
            self.action_newline()
        elif act is not Act.NOTHING:
            self._ask(act)

    def _ask(self, act: Act) -> None:
        text = self.text
        if act in _TAKEN:
            self.sent.append(text)
            self.load_text("")
            self.owner.edited()
        self.owner.asked(act, text)

    def _walk(self, step: int) -> bool:
        """Move through the open list, or at the text's edge through the history; False leaves the key alone."""
        if self.list_open:
            self.owner.step(step)
            return True
        at_edge = self.navigator.is_first_wrapped_line if step < 0 else self.navigator.is_last_wrapped_line
        if not at_edge(self.cursor_location):
            return False
        text = self.sent.back(self.text) if step < 0 else self.sent.on()
        if text is None:
            return False
        self.load_text(text)
        if step < 0:
            self.move_cursor((0, len(self.document[0])))
        else:
            self.to_end()
        return True
