"""What becomes of a typed line: a text is sent, queued or steered, a command is dispatched.

What reads commands comes after the first picture, with the engine: nothing can be sent before that.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from textual import work

from agentick_core.errors import AgentickError
from agentick_tui.actions import KeyActions
from agentick_tui.keymap import Act
from agentick_tui.prompt.prompt import Prompt

if TYPE_CHECKING:
    from textual.worker import Worker

    from agentick_core.messages.tool import ToolDefinition
    from agentick_tui.commands.parse import CommandLine
    from agentick_tui.commands.resolve import Known
    from agentick_tui.conversation import Conversation
    from agentick_tui.prompt.completion import Candidate

SWITCHING = frozenset(("new", "resume", "fork"))
"""Our commands after which another session is open."""

LEAVING = frozenset(("exit", "quit"))
"""The names of the command that works also where no session could be opened."""

Wanted: TypeAlias = tuple[str | None, str]
"""A session to open, None for a new one, and the title to give it."""


class TypedLines(KeyActions):
    """The part of the application that takes typed lines.

    `begun` is the conversation, None until the engine is there; `opened` is set while a session is open;
    `unopened` is the one that could not be opened. `switch` and `leaving` are what a command has asked for, to
    be done when it has ended. `waiting` was sent while no session was open.
    """

    prompt: Prompt

    def __init__(self, *, ansi_color: bool | None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.begun: Conversation | None = None
        self.opened = asyncio.Event()
        self.unopened: Wanted | None = None
        self.switch: Wanted | None = None
        self.leaving = False
        self.waiting: list[str] = []

    @property
    def conversation(self) -> "Conversation":
        """The conversation; there is one before anything can be sent, run or asked."""
        assert self.begun is not None
        return self.begun

    def open_session(
        self, session_id: str | None, title: str, trouble: AgentickError | None = None
    ) -> "Worker[None]":
        """Open a session; the prompt can be typed in meanwhile."""
        raise NotImplementedError

    def quit(self, code: int = 0) -> None:
        """Leave the screen."""
        raise NotImplementedError

    def run_line(self, line: str) -> None:
        """Run a command that a key stands for."""
        self.take(Act.SEND, line)

    @work(group="send")
    async def take(self, act: Act, text: str) -> None:
        """Send, queue or steer a text; a command is run whatever goes on."""
        if not self.opened.is_set() and self.unopened is None:
            if not await self._session_for(text):
                return
            act = Act.QUEUE
        from agentick_tui.commands.parse import CommandLine, read_line

        line = read_line(text)
        command = line if isinstance(line, CommandLine) else None
        if self.unopened is not None and (command is None or not self.opened.is_set()):
            self._open_again(self.unopened, text, command.name if command else "")
            return
        if isinstance(line, CommandLine):
            await self._command(line, text)
            return
        if self.conversation.door.read_only:
            self._refuse(text, "Another window has this session open. /fork goes on in a copy.")
            return
        if act is not Act.STEER and self.conversation.running:
            self.conversation.queue(line.text)
        else:
            self.conversation.send(line.text)
        self.view.jump_to_end()

    def _open_again(self, wanted: Wanted, typed: str, command: str) -> None:
        """Try to open the session that could not be; what was typed for it waits in the prompt."""
        if command in LEAVING:
            self.quit()
            return
        self.prompt.put_back(typed)
        self.opened.clear()
        self.open_session(*wanted)

    async def _session_for(self, text: str) -> bool:
        """Wait until a session is open for a text; tell whether it is still to be taken, and not in the prompt
        again."""
        self.waiting.append(text)
        while not self.opened.is_set():
            # One that came before it may have asked for yet another session.
            await self.opened.wait()
        if text not in self.waiting:
            return False
        self.waiting.remove(text)
        return True

    async def _command(self, line: "CommandLine", typed: str) -> None:
        """Run a command: a dispatch of the tool it names."""
        from agentick_tui.command_calls import one_line
        from agentick_tui.commands.parse import parse_arguments
        from agentick_tui.commands.resolve import Known, resolve

        found = resolve(line.name)
        if not isinstance(found, Known):
            found = resolve(line.name, await self._tools())
        if not isinstance(found, Known):
            self._refuse(typed, found.message)
            return
        try:
            input = parse_arguments(line.name, line.rest, found.schema)
        except AgentickError as error:
            self._refuse(typed, one_line(f"{error.message}\n{error.hint}"))
            return
        if not self.opened.is_set():
            # Another command has closed the session while the tools were learnt.
            self.prompt.put_back(typed)
            return
        if found.name in SWITCHING:
            # What is sent next is meant for the session to come.
            self.opened.clear()
        await self._dispatch(found, input, line.rest, typed)
        if found.name in SWITCHING and self.switch is None:
            self.opened.set()
        await self.command_ended()

    async def _dispatch(self, found: "Known", input: Mapping[str, Any], rest: str, typed: str) -> None:
        tool = found.tool if found.own is None else self.conversation.own_tools[found.tool]
        if found.own is None:
            self.view.jump_to_end()
        end = await self.conversation.run_command(found.name, tool, input, typed=rest)
        if end.refused:
            self._refuse(typed, end.refused)
            return
        self.view.changed()
        block = self.conversation.block_of(end)
        # A reader who has gone elsewhere while an agent's tool ran is left alone.
        if block is not None and (found.own is not None or self.view.following):
            self.view.jump_to_end()
            self.view.reveal(block)

    def _refuse(self, typed: str, why: str) -> None:
        """Give a command back that did nothing, and say why."""
        self.prompt.put_back(typed)
        self.prompt.complain(why)

    async def command_ended(self) -> None:
        """Do what a command asked for and that had to wait for its end."""
        switch, self.switch = self.switch, None
        if self.leaving:
            self.quit()
        elif switch is not None:
            self.opened.clear()
            self.open_session(*switch)

    async def _tools(self) -> "Sequence[ToolDefinition]":
        try:
            return await self.conversation.learn_tools()
        except AgentickError as error:
            self.conversation.show_error(error)
            return ()

    def offered_commands(self) -> "Sequence[Candidate]":
        """Give what completion offers; the agent's tools come as soon as they are known."""
        from agentick_tui.commands.resolve import candidates

        if self.begun is None:
            return candidates()
        if self.conversation.tools_changed and self.opened.is_set():
            self._learn()
        return candidates(self.conversation.definitions)

    @work(group="learn")
    async def _learn(self) -> None:
        # Nobody has used them yet: an agent that fails has said so when the session was opened.
        with suppress(AgentickError):
            await self.conversation.learn_tools()
            self.prompt.edited()

    async def learn_opened(self) -> None:
        """Mount the agent of a session just opened, and tell which of its tools our commands hide."""
        if self.conversation.door.read_only:
            return
        from agentick_tui.commands.resolve import shadowed

        try:
            hidden = shadowed(await self.conversation.door.audiences())
        except AgentickError as error:
            self.conversation.show_error(error)
            return
        for name in hidden:
            self.conversation.show_notice(f"The agent's /{name} is reached as /agent:{name}.")
