"""The list of completions above the prompt, and the one line that says what is wrong with a command."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from agentick_tui.sanitize import shown

if TYPE_CHECKING:
    from agentick_tui.prompt.completion import Choice, Match

NO_MATCH = "no command matches"
MOST_ROWS = 8


class CompletionList(Widget):
    """Shows a choice, a notice, or nothing; it never takes the focus."""

    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choice: Choice | None = None
        self._notice = Content("")
        self.display = False

    @property
    def rows(self) -> int:
        """How many matches can be in view: eight, fewer on a low screen."""
        return max(2, min(MOST_ROWS, self.screen.size.height // 3))

    def show_choice(self, choice: "Choice") -> None:
        """Show the matches, or that there are none."""
        self._choice = choice
        self._changed()

    def show_usage(self, match: "Match") -> None:
        """Show how the command that is being typed goes on."""
        self._notice = _usage(match)
        self._choice = None
        self._changed()

    def complain(self, message: str) -> None:
        """Show what is wrong with what was entered."""
        self._notice = Content.assemble(("✗ ", "$text-error"), (shown(message), "$foreground"))
        self._choice = None
        self._changed()

    def hide(self) -> None:
        """Show nothing."""
        self.display = False

    def _changed(self) -> None:
        self.display = True
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give a line for each match in view, and for what a notice needs."""
        if self._choice is None:
            return len(self._notice.wrap(max(1, width)))
        return max(1, len(self._choice.visible(self.rows)))

    def render(self) -> Content:
        """Draw the rows; the mark is a glyph as well as a colour."""
        choice = self._choice
        if choice is None:
            return self._notice
        if not choice.matches:
            return Content.styled(NO_MATCH, "$text-muted")
        rows = choice.visible(self.rows)
        heads = [_head(match) for match in rows]
        room = max(1, self.content_size.width)
        column = min(max(head.cell_length for head in heads), room // 2)
        lines = [self._row(choice, head, at, column, room) for at, head in enumerate(heads)]
        return Content("\n").join(lines)

    def _row(self, choice: "Choice", head: Content, at: int, column: int, room: int) -> Content:
        marked = choice.top + at == choice.marked
        rows = choice.visible(self.rows)
        last = at == len(rows) - 1
        more = "…" if (at == 0 and choice.top) or (last and choice.below(self.rows)) else " "
        head = head.truncate(column, ellipsis=True, pad=True)
        line = Content.assemble(
            ("› " if marked else "  ", "bold $text-accent"),
            head.stylize("bold") if marked else head,
            (f"  {_about(rows[at])}", "$text-muted"),
        )
        line = line.truncate(max(0, room - 2), ellipsis=True, pad=True)
        line = Content.assemble(line, (f" {more}", "$text-muted"))
        return line.stylize("on $panel") if marked else line


def _head(match: "Match") -> Content:
    candidate = match.candidate
    name = Content(f"/{shown(candidate.name)}")
    if match.text == candidate.name:
        for letter in match.letters:
            name = name.stylize("bold $text-accent", letter + 1, letter + 2)
    return Content.assemble(name, (f" {shown(candidate.usage)}" if candidate.usage else "", "$text-muted"))


def _about(match: "Match") -> str:
    via = f"({shown(match.text)}) " if match.text != match.candidate.name else ""
    return f"{via}{shown(match.candidate.description)}"


def _usage(match: "Match") -> Content:
    candidate = match.candidate
    return Content.assemble(
        (f"  /{shown(candidate.name)} ", "bold"),
        (f"{shown(candidate.usage)}  ", "$text-accent"),
        (shown(candidate.description), "$text-muted"),
    )
