"""The door to the engine: one session at a time, what the screen asks of it, and what it tells the screen."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from agentick_core.errors import NotFoundError, SessionInUseError, StateError
from agentick_core.events.orchestration import EntryCommitted, ExecutionInterrupted, MessageQueuedEvent
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import Block
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import Audience, ToolDefinition
from agentick_core.models.model import ModelInfo
from agentick_core.models.resolve import Preparable
from agentick_core.procedures.token import CancelToken
from agentick_core.session.session import Session
from agentick_core.storage.database import Database
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import LeasingStore, SessionSummary
from agentick_core.tools.confirm import AllowRule, Decision
from agentick_core.tools.schema import warm_up
from agentick_core.tools.tool import Tool
from agentick_tui.engine.bridge import Bridge
from agentick_tui.engine.chat_tables import ChatTables, KeptChat
from agentick_tui.engine.find_session import stored_sessions
from agentick_tui.engine.make_app import make_app
from agentick_tui.engine.options import WORKSPACE, ChatOptions
from agentick_tui.engine.project_rules import ProjectRules, agent_of

if TYPE_CHECKING:
    from agentick_core.session.app.app import App


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as it was opened: its history, and what the chat remembers of it.

    `cut_off` says why its last answer never ended, "" where it did; `writer` is the process that has the session
    open, where it is another one and this one only reads.
    """

    session_id: str
    entries: tuple[TimelineEntry, ...]
    kept: KeptChat
    cut_off: str = ""
    writer: int | None = None


class Door:
    """Opens sessions and passes on what is asked. Only one session is open at a time.

    `wake` is called when events wait in the bridge.
    """

    def __init__(self, options: ChatOptions, wake: Callable[[], None]) -> None:
        self._options = options
        self._app: App[Any] = make_app(options)
        self._session: Session[Any] | None = None
        self._cut_off = ""
        self._begun_by = ""
        self._commands: dict[str, CancelToken] = {}
        self.bridge = Bridge(wake)
        store = self._app.store
        self._own_database = None if isinstance(store, SqliteStore) else Database(options.database)
        database = store.database if isinstance(store, SqliteStore) else self._database()
        self.tables = ChatTables(database)
        self._rules = ProjectRules(
            database,
            options.workspace,
            agent_of(options.loaded),
            self._app.options.callbacks.on_tool_confirmation,
        )

    async def open(self, session_id: str | None) -> Opened:
        """Open a stored session, or a new one; the one that was open is closed first.

        Where another process writes it, it is opened read-only.

        Raises:
            SessionInUseError: another process writes it, and nothing is stored of it yet.
            StorageError: it cannot be read.
        """
        await self.close_session()
        self._cut_off = ""
        try:
            return await self._open_for_writing(session_id)
        except SessionInUseError as error:
            in_use = error
        try:
            read = await self.open_to_read(session_id)
        except NotFoundError:
            raise in_use from None
        return replace(read, writer=in_use.details.get("pid"))

    async def _open_for_writing(self, session_id: str | None) -> Opened:
        session = await self._app.session(
            session_id,
            metadata={WORKSPACE: str(self._options.workspace)},
            on_event=self._heard,
            on_tool_confirmation=self._rules.decide,
        )
        session.on("event", self.bridge.push)
        self._session = session
        return Opened(session.id, session.timeline, await self.tables.load(session.id), self._cut_off)

    async def open_to_read(self, session_id: str | None) -> Opened:
        """Open a stored session that cannot be opened for writing, to show what there is of it.

        Raises:
            NotFoundError: it is not stored.
            StorageError: it cannot be read either.
        """
        session = await self._app.session(session_id, read_only=True)
        session.on("event", self._told_while_reading)
        self._session = session
        kept = await self.tables.load(session.id)
        # The draft and the queue are the writer's.
        return Opened(session.id, session.timeline, replace(kept, draft="", queue=()))

    def _told_while_reading(self, event: StreamEvent) -> None:
        # What the writer has committed is shown as it was read.
        if not isinstance(event, EntryCommitted):
            self.bridge.push(event)

    async def read_on(self) -> tuple[TimelineEntry, ...]:
        """Read what the writer of a session that is open read-only has stored since."""
        return await self.session.refresh()

    async def is_free(self) -> bool:
        """Tell whether the writer of a session that is open read-only has gone."""
        store = self._app.store
        if not isinstance(store, LeasingStore):
            return False
        try:
            await store.acquire(self.session.id)
        except SessionInUseError:
            return False
        await store.release(self.session.id)
        return True

    async def fork(self) -> str:
        """Store a copy of the open session, and give its id; what runs in it is stopped first, so that the copy
        has what was shown of it.

        Raises:
            StateError: the agent keeps no sessions.
        """
        if self._app.store is None:
            raise StateError(
                "This agent keeps no sessions, so that there is nothing to fork.",
                hint="Give its app a store, or start agentick with --db FILE.",
            )
        if self.is_running:
            self.session.interrupt(reason="forked by user")
            await self.session.ended()
        fork = await self.session.fork()
        await fork.close()
        return fork.id

    @property
    def session(self) -> Session[Any]:
        """The open session; there is one whenever the screen asks."""
        assert self._session is not None
        return self._session

    @property
    def is_open(self) -> bool:
        """Whether a session is open."""
        return self._session is not None

    @property
    def read_only(self) -> bool:
        """Whether the session is open, and another process writes it."""
        return self._session is not None and self._session.read_only

    @property
    def worth_resuming(self) -> str:
        """The id of the open session, "" where nothing was said in it yet."""
        session = self._session
        said = session is not None and (session.timeline or session.queued_messages or self.is_running)
        return session.id if session is not None and said else ""

    @property
    def is_running(self) -> bool:
        """Whether the session is working on an answer."""
        return self._session is not None and self._session.status == "running"

    @property
    def model(self) -> ModelInfo | None:
        """What is known of the model in use; None where the agent's tree decides and has not yet."""
        model = self._session.model if self._session is not None else self._app.options.model
        return model.info if model is not None else None

    @property
    def spec(self) -> str:
        """The spec of the model that was chosen."""
        return self._options.model.spec

    def send(self, text: str) -> Awaitable[object]:
        """Send a message at once: it starts an execution, or reaches the next tick of the one that runs.

        What is awaited ends when the message is stored.
        """
        session = self.session
        idle = session.status == "idle"
        call = session.send(text)
        if idle and session.queued_messages:
            self._begun_by = session.queued_messages[-1].id
            # The engine tells of a message that starts an execution only when it is committed.
            self.bridge.push(MessageQueuedEvent(message=session.queued_messages[-1]))
        return call

    @property
    def steered(self) -> tuple[str, ...]:
        """The messages that the next tick takes, but for the one that an execution began with."""
        waiting = self._session.queued_messages if self._session is not None else ()
        return tuple(message.text for message in waiting if message.id != self._begun_by)

    def take_back(self) -> tuple[Message, ...]:
        """Take back every message that was sent and that no tick has shown yet."""
        waiting = self.session.queued_messages
        taken = (self.session.unqueue(message.id) for message in waiting)
        return tuple(message for message in taken if message is not None)

    def interrupt(self) -> None:
        """Stop the answer."""
        self.session.interrupt(reason="interrupted by user")

    async def allow_in_project(self, rule: AllowRule) -> None:
        """Keep a rule for every session of this folder."""
        await self._rules.add(rule)

    def answer(self, call_id: str, decision: Decision) -> bool:
        """Answer a tool call that waits for approval; tell whether it still waited."""
        return self.session.submit_tool_result(call_id, decision)

    async def dispatch(
        self, tool: str | Tool[..., Any], input: Mapping[str, Any], call_id: str | None = None
    ) -> tuple[Block, ...]:
        """Run a tool of the agent by its name, or one of ours itself; it asks for approval as it would ask a model.

        What goes wrong is raised.
        """
        call_id = call_id or uuid4().hex
        token = self._commands[call_id] = CancelToken()
        try:
            return await self.session.dispatch.with_context(token=token)(
                tool, input, confirm=True, call_id=call_id
            )
        finally:
            del self._commands[call_id]

    @property
    def runs_commands(self) -> bool:
        """Whether a tool runs that was dispatched by hand."""
        return bool(self._commands)

    def stop_commands(self) -> None:
        """Stop every tool that was dispatched by hand."""
        for token in tuple(self._commands.values()):
            token.cancel("stopped by user", message="Command stopped")

    async def audiences(self) -> Mapping[str, Audience]:
        """Mount the agent; tell who may call each of its tools."""
        await self.session.mount()
        return self.session.inspect().tools

    async def definitions(self) -> tuple[ToolDefinition, ...]:
        """Give every tool of the agent."""
        return await self.session.get_tool_definitions()

    def set_model(self, spec: str) -> ModelInfo:
        """Use another model from the next answer on. Raises NotFoundError for an unknown spec."""
        return self.session.set_model(spec).info

    async def stored(self) -> tuple[SessionSummary, ...]:
        """List the stored sessions, the newest first."""
        return await stored_sessions(self._app.store)

    @property
    def scheduler_state(self) -> object:
        """The scheduler as it stands."""
        return self._session.scheduler_state if self._session is not None else None

    @property
    def inspection(self) -> object:
        """The session as it stands, without the history, which the screen shows already."""
        if self._session is None:
            return None
        seen = self._session.inspect()
        output = replace(seen.last_output, timeline=()) if seen.last_output is not None else None
        return replace(seen, last_output=output)

    async def warm_up(self) -> None:
        """Import what the first answer needs, in threads, so that typing does not feel it.

        A model that needs nothing, as the offline one, leaves the schemas to the first message.
        """
        if self._session is not None and isinstance(self._session.model, Preparable):
            await self._session.model.prepare()
            await warm_up()

    async def close_session(self) -> None:
        """Close the open session; what is stored of it stays."""
        session, self._session = self._session, None
        if session is not None:
            session.off("event", self.bridge.push)
            session.off("event", self._told_while_reading)
            # What it told last concerns nobody any more.
            self.bridge.drain()
            if session.status == "running":
                session.interrupt(reason="the chat was closed")
            await session.close()

    async def aclose(self) -> None:
        """Close the session, the store and the model."""
        await self.close_session()
        await self._app.aclose()
        if self._own_database is not None:
            await self._own_database.aclose()

    def _heard(self, event: StreamEvent) -> None:
        """Pass an event to the app's own callback; what is told while a session opens is heard nowhere else."""
        if self._app.options.callbacks.on_event is not None:
            self._app.options.callbacks.on_event(event)
        if isinstance(event, ExecutionInterrupted):
            self._cut_off = event.reason

    def _database(self) -> Database:
        assert self._own_database is not None
        return self._own_database
