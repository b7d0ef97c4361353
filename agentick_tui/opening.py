"""How a session comes onto the screen: the engine is imported when the first is opened, keys are heard meanwhile."""

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import work

from agentick_core.errors import AgentickError
from agentick_tui.engine.options import ChatOptions
from agentick_tui.frames import FrameClock
from agentick_tui.garbage import settle
from agentick_tui.later import BeginConversation
from agentick_tui.prompt.history import PromptHistory
from agentick_tui.typed_lines import TypedLines, Wanted
from agentick_tui.welcome import first_welcome, welcome_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentick_core.tools.tool import Tool
    from agentick_tui.confirm.panel import ConfirmPanel
    from agentick_tui.engine.door import Opened
    from agentick_tui.port import ScreenPort
    from agentick_tui.prompt.queue_strip import QueueStrip

# How often the view of a session follows the process that writes it.
WATCH_SECONDS = 1.0
# A long session is read less often: at most one part in so many of the time.
WATCH_SHARE = 20


class OpensSessions(TypedLines):
    """The part of the application that opens sessions; `begin` makes the conversation, once. With it comes what only
    a conversation has on the screen: `queue_strip`, and the panel that asks, `confirm`."""

    queue_strip: "QueueStrip"
    confirm: "ConfirmPanel"
    _frames: FrameClock

    def __init__(self, options: ChatOptions, begin: BeginConversation, *, ansi_color: bool | None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._options = options
        self._begin = begin
        self._own_tools: Sequence[Tool[..., Any]] = ()
        self._history = PromptHistory(on_append=self._remember)
        self._history_read = False
        self._coming: Wanted = (options.session_id, "")

    @property
    def screen_port(self) -> "ScreenPort":
        """What the commands may ask of the screen."""
        raise NotImplementedError

    def refresh_all(self) -> None:
        """Show on every part of the screen what is so now."""
        raise NotImplementedError

    def open_first(self) -> None:
        """Open the session that was asked for, once the screen has been painted."""
        if self._options.session_id is None and self._options.loaded is None:
            self.view.show(self.view.transcript, first_welcome(self._options))
        self.call_after_refresh(self.open_session, self._options.session_id, "")

    @work(exclusive=True, group="session")
    async def open_session(
        self, session_id: str | None, title: str, trouble: AgentickError | None = None
    ) -> None:
        """Open a session; the prompt can be typed in meanwhile. Where that fails, the one before is opened again."""
        self._coming, self.unopened = (session_id, title), None
        await self._begin_once()
        before = self.conversation.door.session.id if self.conversation.door.is_open else None
        self.confirm.clear()
        try:
            opened = await self.conversation.open(session_id, self._own_tools)
            if title:
                await self.conversation.rename(title)
        except AgentickError as error:
            self.unopened = (session_id, title)
            if before is not None:
                self.open_session(before, "", error)
                return
            await self._show_unopened(session_id, error)
            return
        self._show_opened(opened)
        if trouble is not None:
            self.conversation.show_error(trouble)
        if opened.writer is not None:
            self._watch_writer(opened)
        await self._read_history()
        settle()
        await self.conversation.door.warm_up()
        if self._options.loaded is not None:
            await self.learn_opened()
        settle()

    async def _show_unopened(self, session_id: str | None, error: AgentickError) -> None:
        """Say why a session could not be opened, below what can be read of it, such as where the disk is full."""
        conversation, notice = self.conversation, "Sending a message tries again."
        # What hinders the reading too has been said.
        with suppress(AgentickError):
            if session_id is not None:
                await conversation.open(session_id, self._own_tools, to_read=True)
                notice = "Read-only until it can be written: sending a message tries again."
                self.opened.set()
        conversation.show_error(error)
        conversation.show_notice(notice)
        waiting, self.waiting = self.waiting, []
        for text in reversed(waiting):
            self.prompt.put_back(text)
        self.view.show(conversation.transcript)
        self.refresh_all()

    @work(exclusive=True, group="writer")
    async def _watch_writer(self, opened: "Opened") -> None:
        """Follow what another process writes into the session, and take it over when that has gone."""
        conversation = self.conversation
        conversation.show_notice(
            f"Open in another window (process {opened.writer}). This one follows it, read-only: "
            "/fork goes on in a copy, and the session is yours when the other closes."
        )
        spent = 0.0
        while True:
            await asyncio.sleep(max(WATCH_SECONDS, spent * WATCH_SHARE))
            if not conversation.door.read_only or conversation.door.session.id != opened.session_id:
                return
            began = time.monotonic()
            try:
                if await conversation.read_on():
                    self.view.changed()
                free = await conversation.door.is_free()
            except AgentickError as error:
                conversation.show_error(error)
                return
            spent = time.monotonic() - began
            if free:
                self.opened.clear()
                self.open_session(opened.session_id, "")
                return

    async def keep_waiting(self) -> None:
        """Keep what was sent while no session was open, for whoever leaves without waiting for that."""
        unkept = () if self._history_read else self._history.entries
        if not unkept and not self.waiting:
            return
        if self.begun is None:
            await self._make_conversation()
        for text in unkept:
            self.conversation.remember(text)
        if self.waiting:
            await self._store_waiting()

    async def _store_waiting(self) -> None:
        from agentick_tui.commands.parse import CommandLine, read_line

        if not self.opened.is_set():
            session_id, title = self.switch or self._coming
            await self.conversation.open(session_id, ())
            if title:
                await self.conversation.rename(title)
        lines = [read_line(text) for text in self.waiting]
        for text in [line.text for line in lines if not isinstance(line, CommandLine)]:
            if self.conversation.running:
                self.conversation.queue(text)
            elif not self.conversation.door.read_only:
                self.conversation.send(text)

    async def _begin_once(self) -> None:
        if self.begun is not None:
            return
        await self._make_conversation()
        from agentick_tui.commands.own import own_tools
        from agentick_tui.port import ChatPort

        self._own_tools = own_tools(ChatPort(self.conversation, self.screen_port, self._options.model.why))
        await self.query_one("#column").mount(self.queue_strip, self.confirm, before=self.prompt)

    async def _make_conversation(self) -> None:
        """Make the conversation, and what only it has on the screen."""
        begun = await self._begin(self._options, self._frames.wake)
        from agentick_tui.confirm.panel import ConfirmPanel
        from agentick_tui.prompt.queue_strip import QueueStrip

        self.queue_strip, self.confirm, self.begun = QueueStrip(), ConfirmPanel(), begun

    def _show_opened(self, opened: "Opened") -> None:
        new = not opened.entries and not opened.kept.commands
        welcome = welcome_of(self._options, self.conversation.door.model) if new else None
        self.view.show(self.conversation.transcript, welcome)
        for notice in self._options.notices:
            self.conversation.show_notice(notice)
        if opened.kept.draft and not self.prompt.text:
            self.prompt.set_text(opened.kept.draft)
        elif self.prompt.text:
            self.conversation.keep_draft(self.prompt.text)
        self.opened.set()
        # What was typed before may be the beginning of a command that is known only now.
        self.prompt.edited()
        self.refresh_all()

    async def _read_history(self) -> None:
        """Put the stored texts before those that were sent meanwhile, and store these."""
        if self._history_read:
            return
        older = await self.conversation.door.tables.history()
        sent = self._history.entries
        self._history.load(older)
        self._history_read = True
        for text in sent:
            self.conversation.remember(text)

    def _remember(self, text: str) -> None:
        if self._history_read:
            self.conversation.remember(text)
