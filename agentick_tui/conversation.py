"""One chat without its screen: what is sent, queued and asked, and what a frame of events changes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from agentick_core.errors import AgentickError
from agentick_core.events.model import MessageEvent
from agentick_core.events.orchestration import (
    CompiledEvent,
    ExecutionEnd,
    ExecutionStart,
    SpawnStart,
    ToolConfirmationRequired,
    ToolConfirmationResult,
    ToolResultEvent,
)
from agentick_core.messages.blocks import text_of
from agentick_core.messages.tool import ToolDefinition
from agentick_core.tools.tool import Tool
from agentick_tui.command_calls import CommandCalls, CommandEnd, one_line
from agentick_tui.confirm.question import Answer, Question
from agentick_tui.engine.chat_tables import KeptCommand
from agentick_tui.engine.door import Door, Opened
from agentick_tui.engine.questions import decision_of, project_rule, question_of
from agentick_tui.keymap import ScreenState
from agentick_tui.prompt.backlog import Backlog
from agentick_tui.sanitize import flow, shown
from agentick_tui.status.follow import Follower
from agentick_tui.status.parts import Status
from agentick_tui.transcript.blocks import (
    AnswerBlock,
    CommandBlock,
    ErrorBlock,
    InterruptedBlock,
    NoticeBlock,
    ToolState,
)
from agentick_tui.transcript.content import failure_state
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.items import Item
from agentick_tui.transcript.transcript import Transcript

LAST_WRITES = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the screen has to do after a frame, besides drawing the transcript."""

    asked: tuple[Question, ...] = ()
    answered: tuple[str, ...] = ()


class Conversation:
    """The chat's own state: the transcript, the backlog, what is known of the run.

    `changed` is called when something other than a frame has changed what is to be shown.
    """

    def __init__(self, door: Door, changed: Callable[[], None]) -> None:
        self.door = door
        self.transcript = Transcript()
        self.follower = Follower(time.monotonic)
        self.backlog = Backlog(self._keep_queue)
        self.title = ""
        self.running = False
        self.stopping = False
        self.definitions: tuple[ToolDefinition, ...] = ()
        self.own_tools: Mapping[str, Tool[..., Any]] = {}
        self._changed = changed
        self._calls = CommandCalls()
        self._tools_seen = -1
        self._tools_now = 0
        self._said: dict[tuple[str, ...], str] = {}
        self._offered: dict[tuple[str, ...], Sequence[ToolDefinition]] = {}
        self._names: dict[str, str] = {}
        self._frame = Frame()
        self._tasks: set[asyncio.Task[None]] = set()
        self._resumable = ""

    @property
    def resume_hint(self) -> str:
        """How to come back to what was said; "" where nothing was."""
        id = shown(quote(self._resumable)) if self._resumable else ""
        return f"Go on with this session: agentick --resume {id}" if id else ""

    async def open(
        self, session_id: str | None, tools: Sequence[Tool[..., Any]], *, to_read: bool = False
    ) -> Opened:
        """Open a session and show what there is of it; `to_read` where it cannot be written."""
        # Until it is open nothing runs, waits or asks: there is no session that a key could mean.
        self.running = self.stopping = False
        self.backlog.restore(())
        self._frame = Frame()
        opened = await (self.door.open_to_read if to_read else self.door.open)(session_id)
        self.own_tools = {tool.name: tool for tool in tools}
        self.transcript = restored(opened)
        self.title = opened.kept.title
        self.backlog.restore(opened.kept.queue)
        self.follower.begin_anew()
        self.follower.use_model(self.door.model)
        self.definitions = ()
        self._tools_now += 1
        return opened

    async def read_on(self) -> bool:
        """Show what the writer of a session that is open read-only has added; tell whether there was anything."""
        entries = await self.door.read_on()
        self.transcript.load(entries)
        return bool(entries)

    def frame(self) -> Frame:
        """Give what there is to do since the last frame."""
        frame, self._frame = self._frame, Frame()
        return frame

    def follow(self) -> None:
        """Take up the events that came since the last time."""
        shown = (event for told in self.door.bridge.drain() for event in self._calls.shown(told))
        for event in shown:
            self.transcript.apply(event)
            self.follower.apply(event)
            match event:
                case ToolConfirmationRequired():
                    asked = (*self._frame.asked, self._question(event))
                    self._frame = replace(self._frame, asked=asked)
                case ToolConfirmationResult() | ToolResultEvent():
                    answered = (*self._frame.answered, event.call_id)
                    self._frame = replace(self._frame, answered=answered)
                case CompiledEvent():
                    self._offered[event.spawn_path] = event.request.tools
                    self._tools_now += 1
                case SpawnStart():
                    self._names[event.spawn_id] = event.label or event.component_name
                case MessageEvent():
                    self._said[event.spawn_path] = event.message.text
                case ExecutionStart(spawn_path=()):
                    self.running = True
                case ExecutionEnd(spawn_path=()):
                    self._ended(event)
                case _:
                    pass

    def status(self, state: ScreenState, notice: str) -> Status:
        """Give what the status bar says."""
        follower, backlog = self.follower, self.backlog
        return Status(
            state=state,
            model=follower.model or self.door.spec,
            tokens=follower.tokens,
            context=follower.context,
            window=follower.window,
            tick=follower.tick,
            awaiting=follower.awaiting,
            since=follower.since,
            heard=follower.heard,
            retry=follower.retry,
            reason=follower.reason,
            queued=len(backlog),
            paused=backlog.paused,
            notice=notice,
        )

    def send(self, text: str) -> None:
        """Send a message: it starts an answer, or reaches the next tick of the running one."""
        try:
            stored = self.door.send(text)
        except AgentickError as error:
            self.show_error(error)
            return
        self.running = True
        self._do(stored)
        self._changed()

    def queue(self, text: str) -> None:
        """Let a message wait until the running answer has ended."""
        self.backlog.add(text)
        self._changed()

    def send_first(self) -> bool:
        """Send the first message of the backlog; False where there is none."""
        text = self.backlog.take()
        if text is None:
            return False
        self.send(text)
        self._changed()
        return True

    def resume(self) -> None:
        """Let the backlog go on after a pause."""
        self.backlog.resume()
        if not self.running:
            self.send_first()
        self._changed()

    def interrupt(self) -> None:
        """Stop what runs; what was steered and not taken comes back to the head of the backlog."""
        self.door.stop_commands()
        if not self.running:
            return
        self.stopping = True
        self._take_back()
        self.door.interrupt()
        self._changed()

    def answer(self, answer: Answer) -> None:
        """Hand a person's answer to the call that waits."""
        answered = self.door.is_open and self.door.answer(answer.call_id, decision_of(answer))
        rule = project_rule(answer)
        if answered and rule is not None:
            self._do(self.door.allow_in_project(rule))

    async def learn_tools(self) -> Sequence[ToolDefinition]:
        """Learn which tools the agent has now; the tree is mounted for that."""
        if not self.tools_changed or not self.door.is_open or self.door.read_only:
            return self.definitions
        session, now = self.door.session, self._tools_now
        definitions = await self.door.definitions()
        if self.door.is_open and self.door.session is session:
            self.definitions, self._tools_seen = definitions, now
        return self.definitions

    @property
    def tools_changed(self) -> bool:
        """Whether the agent's tools may be others than those that are known."""
        return self._tools_seen != self._tools_now

    async def run_command(
        self, name: str, tool: str | Tool[..., Any], input: Mapping[str, Any], *, typed: str
    ) -> CommandEnd:
        """Dispatch a tool of the agent by its name, or one of ours itself.

        What comes of it, or what went wrong, stands in the transcript and stays with the session; but where one of
        ours refuses, nothing has happened, and only that is told.
        """
        # Another one may be open when it has ended.
        session, call = self.door.session, self._calls.begin(name, own=not isinstance(tool, str))
        state, output = ToolState.DONE, ""
        try:
            output = text_of(await self.door.dispatch(tool, input, call.call_id))
        except AgentickError as error:
            message = error.message + (f"\n{error.hint}" if error.hint else "")
            state, output = failure_state(message, error.code)
        # A tool is somebody else's code: whatever it raises is shown as the command's result.
        except Exception as error:
            state, output = ToolState.FAILED, f"{type(error).__name__}: {error}"
        finally:
            self.follow()
            self._calls.end(call)
            self._changed()
        if call.own and state is not ToolState.DONE:
            return CommandEnd(call.call_id, "" if state is ToolState.CANCELLED else one_line(output))
        if output or state is not ToolState.DONE:
            kept = KeptCommand(
                after=len(session.timeline), name=name, summary=typed, output=output, state=state.value
            )
            if not call.told and self.door.is_open and self.door.session is session:
                # It was never begun, such as where the agent's tree cannot be mounted.
                self.transcript.add(_block_of(kept, call.call_id))
            await self._shown(self.door.tables.keep_command(session.id, kept))
        return CommandEnd(call.call_id)

    def block_of(self, end: CommandEnd) -> Item | None:
        """Find the block of a command that has ended."""
        for item in reversed(self.transcript.items):
            if isinstance(item.block, CommandBlock) and item.block.call_id == end.call_id:
                return item
        return None

    def show_error(self, error: AgentickError) -> None:
        """Put an error's card into the transcript."""
        self.transcript.add(_card_of(error))
        self._changed()

    def show_notice(self, text: str) -> None:
        """Put a line of the application's own into the transcript."""
        self.transcript.add(NoticeBlock(shown(text)))
        self._changed()

    def last_answer(self) -> str:
        """Give the source of the last answer."""
        for item in reversed(self.transcript.items):
            if isinstance(item.block, AnswerBlock) and item.depth == 0:
                return item.block.text.text
        return ""

    async def rename(self, title: str) -> None:
        """Give the session another title."""
        self.title = title
        await self.door.tables.set_title(self.door.session.id, title)
        self._changed()

    def keep_draft(self, draft: str) -> None:
        """Keep what is typed and not sent."""
        if self.door.is_open and not self.door.read_only:
            self._do(self.door.tables.set_draft(self.door.session.id, draft))

    def remember(self, text: str) -> None:
        """Put a sent text into the history."""
        self._do(self.door.tables.remember(text))

    async def aclose(self) -> None:
        """Stop what runs, let what is being written end, and close the engine."""
        self._resumable = self.door.worth_resuming
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=LAST_WRITES)
        await self.door.aclose()

    def _ended(self, event: ExecutionEnd) -> None:
        self.running = self.stopping = False
        if event.aborted or event.error is not None:
            self._take_back()
            self.backlog.pause()
        elif not self.backlog.paused and not self.door.session.queued_messages:
            self.send_first()

    def _take_back(self) -> None:
        self.backlog.put_first([message.text for message in self.door.take_back()])

    def _question(self, event: ToolConfirmationRequired) -> Question:
        said = self._said.get(event.spawn_path, "")
        path = [self._names.get(spawn, spawn) for spawn in event.spawn_path]
        known = (*self._offered.get(event.spawn_path, ()), *self.definitions)
        return question_of(event, known, said=said, path=path)

    def _keep_queue(self, texts: Sequence[str]) -> None:
        if self.door.is_open and not self.door.read_only:
            self._do(self.door.tables.set_queue(self.door.session.id, tuple(texts)))

    def _do(self, work: Awaitable[Any]) -> None:
        task = asyncio.create_task(self._shown(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _shown(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except AgentickError as error:
            self.running = self.door.is_running
            items = self.transcript.items
            # What is kept with every key fails with every key.
            if not items or items[-1].block != _card_of(error):
                self.show_error(error)
        # Nobody awaits this task: what goes wrong unforeseen has to be seen too.
        except Exception as error:
            self.running = self.door.is_running
            self.show_error(AgentickError(f"{type(error).__name__}: {error}"))


def restored(opened: Opened) -> Transcript:
    """Make the transcript of a stored session, the commands' results at their places."""
    transcript, begun = Transcript(), 0
    for kept in opened.kept.commands:
        transcript.load(opened.entries[begun : kept.after])
        begun = max(begun, kept.after)
        transcript.add(_block_of(kept))
    transcript.load(opened.entries[begun:])
    if opened.cut_off and (not opened.entries or "interrupted" not in opened.entries[-1].tags):
        transcript.add(InterruptedBlock(flow(opened.cut_off)))
    return transcript


def _card_of(error: AgentickError) -> ErrorBlock:
    return ErrorBlock(error.title, flow(error.message), flow(error.hint))


def _block_of(kept: KeptCommand, call_id: str = "") -> CommandBlock:
    output = FlowText(flow(kept.output))
    return CommandBlock(call_id, shown(kept.name), shown(kept.summary), ToolState(kept.state), output)
