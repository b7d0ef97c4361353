"""The chat as a Textual application: it wires the conversation to the widgets, and nothing more."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events, on, work
from textual._path import CSSPathType
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.driver import Driver
from textual.worker import WorkerFailed

from agentick_core.errors import AgentickError
from agentick_tui.chat.chip import Chip
from agentick_tui.chat.view import TranscriptView
from agentick_tui.chat_screen import ChatScreen
from agentick_tui.clipboard import copied_how
from agentick_tui.engine.exit_codes import exit_code_for
from agentick_tui.engine.options import ChatOptions
from agentick_tui.frames import FrameClock
from agentick_tui.keymap import Act, ScreenState, bindings, decide
from agentick_tui.later import BeginConversation, begin_conversation
from agentick_tui.opening import OpensSessions
from agentick_tui.prompt.prompt import Prompt
from agentick_tui.status.bar import StatusBar
from agentick_tui.status.parts import Status
from agentick_tui.theme import Palette, for_terminal, is_colourless, load_theme, theme_names, to_textual
from agentick_tui.too_small import TooSmall

if TYPE_CHECKING:
    from agentick_tui.confirm.panel import ConfirmPanel
    from agentick_tui.port import ScreenPort

ARMED_SECONDS = 2.0
LEAVING_SECONDS = 3.0
NARROW = 80


class ChatApp(OpensSessions):
    """The chat on the screen."""

    CSS_PATH: ClassVar[CSSPathType | None] = [
        f"styles/{name}.tcss" for name in ("app", "prompt", "confirm", "status", "devtools")
    ]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    # Whatever is typed before the screen is there belongs to the prompt.
    AUTO_FOCUS = "PromptEditor"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "agentick"

    def __init__(
        self,
        options: ChatOptions,
        palette: Palette,
        *,
        begin: BeginConversation = begin_conversation,
    ) -> None:
        super().__init__(options, begin, ansi_color=is_colourless() or None)
        self._palette = palette
        self._begin_with_theme()
        self._frames = FrameClock(self, self._follow, self._draw, self._handle_exception)
        self._left = False
        self._armed = False
        self.failure: BaseException | None = None
        self.view = TranscriptView(palette=palette, id="transcript")
        self.chip = Chip()
        self.prompt = Prompt(history=self._history, commands=self.offered_commands, asked=self._asked)
        self.status = StatusBar()
        self.too_small = TooSmall()

    def compose(self) -> ComposeResult:
        """Build the screen from top to bottom; what is hidden at first comes with the conversation."""
        with Horizontal(id="chat"), Vertical(id="column"):
            yield self.view
            yield self.chip
            yield self.prompt
            yield self.status
        yield self.too_small

    def get_default_screen(self) -> ChatScreen:
        """Draw on our own screen."""
        return ChatScreen()

    def _begin_with_theme(self) -> None:
        """Have the style sheets read with the theme's colours: setting it later would have them read twice."""
        self.register_theme(to_textual(self._palette))
        self.set_reactive(App.theme, self._palette.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self._refresh_truecolor_filter(self.ansi_theme)  # pyright: ignore[reportPrivateUsage]  # what setting it does

    def on_mount(self) -> None:
        """Take the keys, and open the session once the screen is there."""
        # At once, before any key is heard: a key that finds nobody comes back behind those after it.
        self.screen.set_focus(self.prompt.editor)
        self._show_status()
        self.open_first()

    def _follow(self) -> None:
        """Take up what the engine has told; keys go by it, also while nothing can be drawn."""
        if self.begun is None:
            return
        self.conversation.follow()
        self._tell_state()

    def _tell_state(self) -> None:
        """Have the prompt know what the next key means."""
        self.prompt.set_state(self._state(), paused=self.begun is not None and self.begun.backlog.paused)

    def _draw(self) -> None:
        """Draw a frame: what was taken up since the last one."""
        if self.begun is None:
            return
        frame = self.conversation.frame()
        self.view.changed()
        for question in frame.asked:
            self.view.leave_cursor()
            self.confirm.ask(question)
        for call_id in frame.answered:
            self.confirm.withdraw(call_id)
        self.refresh_all()

    @property
    def screen_port(self) -> "ScreenPort":
        """What the commands may ask of the screen."""
        return self

    def refresh_all(self) -> None:
        """Show on every part of the screen what is so now."""
        conversation = self.begun
        self._tell_state()
        if conversation is None:
            self._show_status()
            return
        folded = self.confirm.current is not None
        backlog, steered = conversation.backlog, conversation.door.steered
        self.queue_strip.show(backlog.texts, steered=steered, paused=backlog.paused, folded=folded)
        self.chip.display = not folded
        self._show_status()
        if self.devtools_panel is not None and self.devtools_panel.is_open:
            self.devtools_panel.update(conversation.door.scheduler_state, conversation.door.inspection)

    def _state(self) -> ScreenState:
        conversation = self.begun
        if conversation is None:
            return ScreenState.IDLE
        asking = self.confirm.state
        if asking is not None:
            return asking
        if self.view.cursor is not None:
            from agentick_tui.chat.cards import is_openable

            return ScreenState.BLOCK if is_openable(self.view.cursor.block) else ScreenState.WHOLE_BLOCK
        if conversation.stopping:
            return ScreenState.STOPPING
        if conversation.running:
            return ScreenState.RUNNING
        if conversation.door.runs_commands:
            return ScreenState.COMMAND
        return ScreenState.READ_ONLY if conversation.door.read_only else ScreenState.IDLE

    def _show_status(self, notice: str = "") -> None:
        if not notice and self._armed:
            notice = "Press Ctrl+C again to quit"
        state = self._state()
        if self.begun is None:
            self.status.show(Status(state=state, model=self._options.model.spec, notice=notice))
        else:
            self.status.show(self.begun.status(state, notice))

    def cursor_moved(self) -> None:
        """Take over where the block cursor is."""
        self.refresh_all()

    def _asked(self, act: Act, text: str) -> None:
        """Do what a key in the prompt asks for."""
        match act:
            case Act.SEND | Act.QUEUE | Act.STEER:
                self.take(act, text)
            case Act.STEER_FIRST:
                self.conversation.send_first()
            case Act.RESUME_QUEUE:
                self.conversation.resume()
            case Act.INTERRUPT:
                self._interrupt()
            case Act.QUIT:
                self.quit()
            case _:
                self.block_act(act)

    @on(Prompt.Edited)
    def _edited(self) -> None:
        if self.prompt.text:
            # An emptied prompt is what the first Ctrl+C leaves: it says nothing against the second.
            self._disarm()
        if self.begun is not None:
            self.begun.keep_draft(self.prompt.text)

    def on_confirm_panel_answered(self, event: "ConfirmPanel.Answered") -> None:
        """Hand the answer to whoever asked; by name, as is what follows: the panels come after the first picture."""
        self.conversation.answer(event.answer)

    def on_confirm_panel_changed(self) -> None:
        """Show what the question has come to."""
        self.refresh_all()

    @on(TranscriptView.NewBelow)
    def _new_below(self, event: TranscriptView.NewBelow) -> None:
        self.chip.show(event.count, at_end=event.at_end)

    def on_dev_tools_panel_toggled(self) -> None:
        """Feed DevTools, or stop feeding them."""
        self.refresh_all()

    async def on_event(self, event: events.Event) -> None:
        """Let a question hear keys and pastes first: each where the one before it has led to."""
        if self.begun is None or not self.confirm.heard(event):
            await super().on_event(event)
        if isinstance(event, events.Key):
            # What an Enter has begun comes before the next key.
            await asyncio.sleep(0)
            self._tell_state()

    def on_key(self, event: events.Key) -> None:
        """Hand to the prompt what nobody has heard, such as a letter typed while the screen was being built."""
        hidden = len(self.screen_stack) > 1 or self.screen.has_class("-too-small")
        if event.character is not None and event.is_printable and not hidden:
            self.prompt.insert(event.character)

    @on(Driver.SignalResume)
    def _resumed(self) -> None:
        """Draw everything: the terminal has shown something else while the chat was suspended."""
        self.action_redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is too little room, and bring the screen back when it grows."""
        self.too_small.fit(event.size)
        self.screen.set_class(event.size.width < NARROW, "-narrow")

    async def action_stop(self) -> None:
        """Do what Ctrl+C means now."""
        selected = self.screen.get_selected_text()
        if self.prompt.is_completing and not selected:
            self.prompt.close()
            return
        act = decide(
            self._state(),
            "ctrl+c",
            has_text=bool(self.prompt.text.strip()),
            selection=bool(selected),
            armed=self._armed,
        )
        match act:
            case Act.COPY:
                self.screen.clear_selection()
                self._show_status(self.copy_text(selected or self.chosen_text))
            case Act.CLOSE | Act.REFUSE_CANCELLED:
                self.confirm.cancel()
            case Act.INTERRUPT:
                self._interrupt()
            case Act.KEEP_DRAFT:
                self.prompt.keep_draft()
            case Act.ARM_QUIT:
                self._armed = True
                self.set_timer(ARMED_SECONDS, self._disarm)
                self._show_status()
            case Act.QUIT:
                self.quit()
            case _:
                pass

    def _interrupt(self) -> None:
        self.conversation.interrupt()
        self._frames.cut_in(self._draw_controls)

    def _draw_controls(self) -> None:
        self.refresh_all()
        if isinstance(self.screen, ChatScreen):
            self.screen.draw_now(self.queue_strip, self.prompt, self.status)

    def _disarm(self) -> None:
        if self._armed:
            self._armed = False
            self._show_status()

    async def action_quit(self) -> None:
        """Quit."""
        self.quit()

    def switch_to(self, session_id: str | None, title: str) -> None:
        """Open another session when the command has ended."""
        self.switch = (session_id, title)

    def clear_view(self) -> None:
        """Empty the transcript; the session stays."""
        self.conversation.transcript.clear()
        self.view.show(self.conversation.transcript)

    def theme_in_use(self) -> tuple[str, Sequence[str]]:
        """Give the theme, and the names of all."""
        return self._palette.name, theme_names(self._options.themes)

    @work(exclusive=True, group="theme")
    async def use_theme(self, name: str) -> None:
        """Draw with another theme."""
        try:
            palette = await asyncio.to_thread(load_theme, name, self._options.themes)
        except AgentickError as error:
            self.conversation.show_error(error)
            return
        self._palette = for_terminal(palette)
        self.register_theme(to_textual(self._palette))
        self.theme = name
        self.view.set_palette(self._palette)

    def copy_text(self, text: str) -> str:
        """Copy a text to the clipboard; say how."""
        self.copy_to_clipboard(text)
        return copied_how(text)

    def leave(self) -> None:
        """Quit when the command has ended."""
        self.leaving = True

    def quit(self, code: int = 0) -> None:
        """Leave the screen; what runs is interrupted and written as soon as it is left."""
        if not self._left:
            self._left = True
            if self.opened.is_set():
                # Its own draft is in the prompt by now, and the last keys may not have been kept yet.
                self.conversation.keep_draft(self.prompt.text)
            door = self.conversation.door if self.opened.is_set() else None
            if door is None or door.read_only or not door.worth_resuming:
                # Nobody comes back to a session in which nothing was said.
                self.prompt.history.append(self.prompt.text)
            self._frames.stop()
            self.exit(code, return_code=code)

    def wake(self) -> None:
        """Look whether the terminal can be drawn on."""
        self._frames.wake()

    async def on_unmount(self) -> None:
        """Interrupt what runs, let it be written, and close the engine, whichever way the screen was left."""
        for step in (self.keep_waiting, self._close_engine):
            try:
                async with asyncio.timeout(LEAVING_SECONDS):
                    await step()
            # Whatever it is, the screen is left, and it is said afterwards.
            except Exception as error:
                self.failure = self.failure or error

    async def _close_engine(self) -> None:
        if self.begun is not None:
            await self.begun.aclose()

    def panic(self, *renderables: RenderableType) -> None:
        """Leave without the traceback that Textual would print, as when the terminal can be read no more."""
        self._handle_exception(OSError("The terminal cannot be read any more"))

    def _handle_exception(self, error: Exception) -> None:
        """Leave with a line that says what failed; in a test the failure itself is what is wanted."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        self.failure = self.failure or (error.error if isinstance(error, WorkerFailed) else error)
        self.quit(exit_code_for(self.failure))
