"""What the application's own keys do; the table of keys is in keymap.py."""

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App

from agentick_tui.chat.view import TranscriptView
from agentick_tui.keymap import ACTIONS, Act, key_name

if TYPE_CHECKING:
    from agentick_tui.devtools.panel import DevToolsPanel


class KeyActions(App[int]):
    """The actions that the keys of the whole screen stand for; `devtools_panel` is there once it was wanted.

    `terminal_found` are the terminal's attributes from before the start, None where it has none.
    """

    view: TranscriptView
    devtools_panel: "DevToolsPanel | None" = None
    terminal_found: list[Any] | None = None

    def run_line(self, line: str) -> None:
        """Run a command, as if it had been typed."""
        raise NotImplementedError

    def cursor_moved(self) -> None:
        """Take over where the block cursor is: other keys mean other things."""
        raise NotImplementedError

    def action_help(self) -> None:
        """List the commands and the keys."""
        self.run_line("/help")

    def action_new(self) -> None:
        """Begin a new session."""
        self.run_line("/new")

    def action_sessions(self) -> None:
        """List the sessions."""
        self.run_line("/sessions")

    async def action_devtools(self) -> None:
        """Open or close DevTools."""
        if self.devtools_panel is None:
            # Most who chat never open it.
            from agentick_tui.devtools.panel import DevToolsPanel

            self.devtools_panel = DevToolsPanel()
            await self.query_one("#chat").mount(self.devtools_panel)
        self.devtools_panel.toggle()

    def action_devtools_tab(self) -> None:
        """Show the next tab of DevTools."""
        if self.devtools_panel is not None:
            self.devtools_panel.next_tab()

    def action_devtools_up(self) -> None:
        """Scroll DevTools up."""
        if self.devtools_panel is not None:
            self.devtools_panel.scroll_page(-1)

    def action_devtools_down(self) -> None:
        """Scroll DevTools down."""
        if self.devtools_panel is not None:
            self.devtools_panel.scroll_page(1)

    def action_scroll_up(self) -> None:
        """Scroll a page up."""
        self.view.scroll_page_up()

    def action_scroll_down(self) -> None:
        """Scroll a page down."""
        self.view.scroll_page_down()

    def action_scroll_home(self) -> None:
        """Go to the beginning."""
        self.view.scroll_home()

    def action_scroll_end(self) -> None:
        """Go to the end, and stay there."""
        self.view.jump_to_end()

    def action_block_up(self) -> None:
        """Move the block cursor up; it begins at the last block in view."""
        self.view.move_cursor(-1)
        self.cursor_moved()

    def action_block_down(self) -> None:
        """Move the block cursor down, and below the last block back to the prompt."""
        self.view.move_cursor(1)
        self.cursor_moved()

    def block_act(self, act: Act) -> None:
        """Do what a key means for the block under the cursor."""
        block = self.view.cursor
        if act is Act.OPEN_BLOCK and block is not None:
            self.view.toggle(block)
        elif act is Act.BACK_TO_PROMPT:
            self.view.leave_cursor()
        self.cursor_moved()

    @property
    def chosen_text(self) -> str:
        """The source of the block under the cursor."""
        block = self.view.cursor
        if block is None:
            return ""
        from agentick_tui.transcript.blocks import source

        return source(block.block).strip("\n")

    def action_fold_all(self) -> None:
        """Fold every block, or open them all."""
        self.view.fold_all()

    def action_palette(self) -> None:
        """Choose among everything there is to do."""
        from agentick_tui.commands.table import OWN_COMMANDS

        commands = [
            (f"/{each.name}  {each.summary}", partial(self.run_line, f"/{each.name}"))
            for each in OWN_COMMANDS
        ]
        keys = [
            (f"{each.label}  ({key_name(each.keys[0])})", partial(self.call_later, self.run_action, each.id))
            for each in ACTIONS
            if each.scope == "app" and not each.command and each.id != "palette"
        ]
        self.search_commands([*commands, *keys], placeholder="Search for a command or a key")

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        self.refresh(repaint=True, layout=True)

    def action_suspend(self) -> None:
        """Suspend to the shell, which gets the terminal as it was found: not every shell makes it right by itself."""
        if self.terminal_found is not None:
            # Textual's driver restores these, and takes them anew when the chat goes on.
            setattr(self._driver, "attrs_before", self.terminal_found)  # noqa: B010  # only its driver for Linux has them
        self.action_suspend_process()
