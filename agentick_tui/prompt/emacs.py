"""A text area with the emacs keys: the base of the prompt, of the reason line and of the arguments' editor."""

from collections.abc import Mapping

from textual import events
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widgets import TextArea

from agentick_tui.prompt import words
from agentick_tui.prompt.caret import place_caret, show_caret
from agentick_tui.prompt.kill_ring import KillRing
from agentick_tui.sanitize import flow

# What each editing key does: the name of the action (with "select": while selecting), and its keys.
EDITING_KEYS: Mapping[str, tuple[str, ...]] = {
    "cursor_left": ("left", "ctrl+b"),
    "cursor_right": ("right", "ctrl+f"),
    "cursor_up": ("up",),
    "cursor_down": ("down",),
    "cursor_line_start": ("home", "ctrl+a"),
    "cursor_line_end": ("end", "ctrl+e"),
    "word_left": ("alt+b", "alt+left", "ctrl+left"),
    "word_right": ("alt+f", "alt+right", "ctrl+right"),
    "cursor_left select": ("shift+left",),
    "cursor_right select": ("shift+right",),
    "cursor_up select": ("shift+up",),
    "cursor_down select": ("shift+down",),
    "cursor_line_start select": ("shift+home",),
    "cursor_line_end select": ("shift+end",),
    "delete_left": ("backspace", "ctrl+h"),
    "delete_right": ("delete", "ctrl+d"),
    "kill_line_end": ("ctrl+k",),
    "kill_line_start": ("ctrl+u",),
    "kill_blank_word_back": ("ctrl+w",),
    "kill_word_back": ("alt+backspace", "ctrl+backspace"),
    "kill_word_on": ("alt+d", "alt+delete", "ctrl+delete"),
    "yank": ("ctrl+y",),
    "yank_older": ("alt+y",),
    "transpose": ("ctrl+t",),
    "undo": ("ctrl+underscore", "ctrl+slash", "ctrl+shift+minus"),
    "redo": ("alt+underscore", "alt+shift+minus"),
    "newline": ("ctrl+j", "shift+enter"),
}
_ACTION_OF: Mapping[str, str] = {key: name for name, keys in EDITING_KEYS.items() for key in keys}
_YANKS = frozenset(("yank", "yank_older"))


class EmacsArea(TextArea, inherit_bindings=False):
    """An editor that wraps, keeps a kill ring, and shows the terminal's own cursor.

    Its keys are heard where they arrive, not as bindings or in its own queue: those run later, behind the next
    letters and behind the keys of the application.
    `max_lines` is how tall it grows.
    """

    max_lines = 8

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, id=id, classes=classes, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.kill_ring = KillRing()
        self._last = ""
        self._yanked = 0

    @property
    def _draw_cursor(self) -> bool:
        # The terminal's own cursor stands there instead.
        return False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give as many lines as there are, within the limits."""
        return max(1, min(self.wrapped_document.height, self.max_lines, self.line_limit()))

    def line_limit(self) -> int:
        """How many lines the screen has room for: a quarter of it."""
        return max(1, self.screen.size.height // 4)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render, and set the cursor down where it is after the layout that led here."""
        if self.has_focus:
            place_caret(self, self.cursor_screen_offset)
        return super().render_lines(crop)

    def edit(self, edit: Edit) -> EditResult:
        """Edit, and scroll to the cursor: the area did so too, but before it had its new height."""
        result = super().edit(edit)
        self.scroll_cursor_visible()
        return result

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self.scroll_cursor_visible()

    def on_focus(self) -> None:
        """Show the terminal's cursor."""
        show_caret(self)

    def _forward_event(self, event: events.Event) -> None:
        match event:
            case events.Key() if self.hear_key(event):
                pass
            case events.Paste():
                self.hear_paste(event)
            case _:
                super()._forward_event(event)

    def hear_key(self, event: events.Key) -> bool:
        """Do what the key means; False where it means nothing here."""
        name = _ACTION_OF.get(event.key)
        if name is not None:
            self._edit(name)
            return True
        if not event.is_printable or event.character is None:
            return False
        self._last = ""
        self.type_text(event.character)
        return True

    def hear_paste(self, event: events.Paste) -> None:
        """Put in what was pasted."""
        self._last = ""
        self.type_text(flow(event.text.replace("\r\n", "\n").replace("\r", "\n")))

    def type_text(self, text: str) -> None:
        """Put text where the cursor is, in place of what is selected."""
        if not self.read_only:
            self.replace(text, *self.selection, maintain_selection_offset=False)

    @property
    def cursor_index(self) -> int:
        """Where the cursor is, counted in characters from the beginning."""
        return self.index_of(self.cursor_location)

    def index_of(self, location: tuple[int, int]) -> int:
        """Count the characters before a location."""
        row, column = location
        return sum(len(self.document[line]) + 1 for line in range(row)) + column

    def location_of(self, index: int) -> tuple[int, int]:
        """Give the row and column of the character of that index."""
        before = self.text[:index]
        return before.count("\n"), index - (before.rfind("\n") + 1)

    def to_index(self, index: int) -> None:
        """Move the cursor before the character of that index."""
        self.move_cursor(self.location_of(index))

    def to_end(self) -> None:
        """Move the cursor behind everything."""
        self.move_cursor(self.document.end)

    def _edit(self, name: str) -> None:
        action, _, select = name.partition(" ")
        method = getattr(self, f"action_{action}")
        if select:
            method(select=True)
        else:
            method()
        self._last = name

    def action_word_left(self) -> None:
        """Move to the beginning of the word."""
        self.to_index(words.word_start(self.text, self.cursor_index))

    def action_word_right(self) -> None:
        """Move behind the word."""
        self.to_index(words.word_end(self.text, self.cursor_index))

    def action_kill_line_end(self) -> None:
        """Kill to the end of the line, there the line break."""
        line = self.document[self.cursor_location[0]]
        left = len(line) - self.cursor_location[1]
        self._kill_to(self.cursor_index + max(left, 1))

    def action_kill_line_start(self) -> None:
        """Kill to the beginning of the line, there the line break before."""
        self._kill_to(self.cursor_index - max(self.cursor_location[1], 1))

    def action_kill_blank_word_back(self) -> None:
        """Kill back to the last blank."""
        self._kill_to(words.blank_word_start(self.text, self.cursor_index))

    def action_kill_word_back(self) -> None:
        """Kill back to the beginning of the word."""
        self._kill_to(words.word_start(self.text, self.cursor_index))

    def action_kill_word_on(self) -> None:
        """Kill to the end of the word."""
        self._kill_to(words.word_end(self.text, self.cursor_index))

    def action_yank(self) -> None:
        """Put back what was killed last."""
        self._yanked = len(self.kill_ring.newest)
        self.type_text(self.kill_ring.newest)

    def action_yank_older(self) -> None:
        """Right after a yank: put back what was killed before that instead."""
        if self._last not in _YANKS:
            return
        end = self.cursor_index
        piece = self.kill_ring.rotate()
        self._replace_span(end - self._yanked, end, piece)
        self._yanked = len(piece)

    def action_transpose(self) -> None:
        """Swap the characters around the cursor."""
        swapped = words.transposed(self.text, self.cursor_index)
        if swapped is None:
            return
        start, pair, cursor = swapped
        self._replace_span(start, start + 2, pair)
        self.to_index(cursor)

    def action_newline(self) -> None:
        """Begin a new line."""
        self.type_text("\n")

    def _kill_to(self, index: int) -> None:
        here, index = self.cursor_index, min(max(index, 0), len(self.text))
        if not self.selection.is_empty:
            here, index = sorted(map(self.index_of, self.selection))
        start, end = sorted((here, index))
        self.kill_ring.kill(self.text[start:end], grow=self._last.startswith("kill_"), before=index < here)
        self._replace_span(start, end, "")

    def _replace_span(self, start: int, end: int, text: str) -> None:
        self.replace(text, self.location_of(start), self.location_of(end), maintain_selection_offset=False)
