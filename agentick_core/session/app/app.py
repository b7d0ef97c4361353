"""An app: an agent with a model, tools and a store, and the maker of its sessions."""

import asyncio
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields, replace
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, Generic, Self, Unpack

from agentick_core.errors import StateError
from agentick_core.messages.result import OutputT
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.procedures.ambient import current
from agentick_core.procedures.middleware import Middleware, MiddlewareRegistry
from agentick_core.procedures.procedure import Wrapping
from agentick_core.procedures.token import CancelToken
from agentick_core.session.app.agent_config import Agent, AgentSource, read_agent
from agentick_core.session.app.app_options import AppOptions, CallbackOptions
from agentick_core.session.app.callbacks import Callbacks
from agentick_core.session.app.deliveries import Deliveries, Delivery, inbox_from
from agentick_core.session.app.ephemeral import Ephemerals, with_history
from agentick_core.session.app.opening import Opening
from agentick_core.session.app.registry import SessionRegistry
from agentick_core.session.app.run_input import RunInput, RunKeywords, read_run
from agentick_core.session.app.watchers import Closed, Created, Watchers
from agentick_core.session.awaited import awaited
from agentick_core.session.execution.calls import ExecutionProcedure
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.input import (
    InputLike,
    SendKeywords,
    check_json,
    check_keywords,
    check_options,
    same_id,
)
from agentick_core.session.execution.limits import Limits
from agentick_core.session.keeping.fork import taken
from agentick_core.session.keeping.hibernate import hibernated_sessions, is_hibernated
from agentick_core.session.options import SessionOptions
from agentick_core.session.patience import in_time
from agentick_core.session.session import Session
from agentick_core.session.tick.output import output_tools
from agentick_core.storage.choose import store_from
from agentick_core.storage.store import ClosingStore, SessionStore
from agentick_core.tools.tool import Tool
from agentick_core.wire.values import plain

if TYPE_CHECKING:
    from agentick_core.inbox.message import InboxInput
    from agentick_core.inbox.storage import InboxStorage
    from agentick_core.models.model import ChatModel
    from agentick_core.recording.recording import RecordingMode


class App(Generic[OutputT]):
    """Makes sessions, keeps those that are open, and closes them.

    Use it as `async with create_app(...) as app:`, or call `aclose()`.
    """

    def __init__(self, options: AppOptions) -> None:
        self.options = options
        self._closing: asyncio.Task[None] | None = None
        self._registry: SessionRegistry[OutputT] = SessionRegistry(options.bounds, options.clock)
        self._ephemeral = Ephemerals()
        self._watchers = Watchers(options.on_session_create, options.on_session_close)
        self._opening: Opening[OutputT] = Opening(self._watchers, self._fork, self._registry.forget)
        self._store = store_from(options.store)
        inbox = inbox_from(options.inbox, self._store, options.clock)
        self._deliveries = Deliveries(inbox, options.session_resolver, options.clock)
        self._models: list[ChatModel] = []
        self._middleware = MiddlewareRegistry(options.middleware)
        self.run = ExecutionProcedure(self._run, Wrapping(name="app:run", registry=self._middleware))
        self.send = ExecutionProcedure(self._send, Wrapping(name="app:send", registry=self._middleware))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            await self.aclose()
        # What went wrong inside the block comes first; that closing failed as well is told with it.
        except Exception as failed:
            if error is None:
                raise
            error.add_note(f"Closing the app failed too: {failed}")

    def __del__(self) -> None:
        if self._closing is None and self._registry.sessions:
            warnings.warn(
                "An app with open sessions was never closed: use `async with create_app(...)`",
                ResourceWarning,
                stacklevel=2,
            )

    @property
    def sessions(self) -> Mapping[str, Session[OutputT]]:
        """The open sessions by id, to read."""
        return self._registry.sessions

    @property
    def store(self) -> SessionStore | None:
        """Where sessions are kept, or None."""
        return self._store

    @property
    def inbox(self) -> "InboxStorage":
        """Where messages for sessions wait."""
        return self._deliveries.storage

    async def receive(
        self,
        to: "str | InboxInput | Mapping[str, Any]",
        message: "InboxInput | Mapping[str, Any] | None" = None,
        /,
    ) -> Delivery:
        """Write a message into an inbox: `receive(message)` asks the resolver whose, `receive(id, message)` says so.

        An open session takes it at once; another does when it is opened, or by `process_inbox`.

        Raises:
            ValidationError: it is neither a message nor a tool to run.
        """
        self._check_open()
        return await self._deliveries.receive(to, message)

    async def process_inbox(self) -> Mapping[str, Exception]:
        """Open each session for which something waits, and work through its inbox; also what was put off.

        Give the sessions that could not be opened, and why: one that another program has open is one of them.
        """
        self._check_open()
        return await self._deliveries.process(self.session)

    def has(self, id: str) -> bool:
        """Tell whether the session is open."""
        return id in self._registry.sessions

    def replace(self, **changes: Any) -> "App[OutputT]":
        """Give a new app with some options changed: model, store, tools, middleware, and so on.

        It takes this one's place, with what was added by `use` and the callbacks: what they share, it closes.
        """
        known = {each.name for each in fields(AppOptions)}
        unknown = sorted(changes.keys() - known)
        if unknown:
            raise TypeError(f"An app has no option {unknown[0]!r}; known are {', '.join(sorted(known))}")
        if isinstance(spec := changes.get("model"), str):
            changes["model"] = self.options.open_model(spec)
        other: App[OutputT] = App(replace(self.options, **changes))
        other._middleware.take_over(self._middleware)
        other._watchers.take_over(self._watchers)
        return other

    def use(self, pattern: str, middleware: Middleware) -> Callable[[], None]:
        """Add middleware for calls named so ("*", "session:*", "tool:run"); give the way to remove it."""
        return self._middleware.use(pattern, middleware)

    @awaited("app.session(...)")
    async def session(
        self,
        id: str | None = None,
        *,
        session_id: str | None = None,
        root: AgentSource | None = None,
        tools: Sequence[Tool[..., Any]] = (),
        max_ticks: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        parent_session_id: str | None = None,
        signal: CancelToken | None = None,
        read_only: bool = False,
        recording: "RecordingMode" = "none",
        **callbacks: Unpack[CallbackOptions],
    ) -> Session[OutputT]:
        """Give the session of that id: the open one, else the stored one, else a new one.

        With `read_only` it shows what is stored, and may be written by another program meanwhile. `recording` is
        how it is recorded from the start, `parent_session_id` whom a new one's `notify_parent` writes to.

        Raises:
            StateError: where it is open already and other options are given, or the app is closed.
            SessionInUseError: where another process writes it.
            NotFoundError: where it is to be read only, and is not stored.
            StorageError: where the store cannot be read.
        """
        self._check_open()
        check_keywords("app.session", callbacks, _SESSION_KEYWORDS)
        given: dict[str, Any] = {
            "tools": tools,
            "max_ticks": max_ticks,
            "metadata": metadata,
            "signal": signal,
        }
        given |= {"parent_session_id": parent_session_id, "read_only": read_only, "recording": recording}
        named = same_id(id, session_id)
        check_options({"id": named, **given})
        check_json("metadata", metadata, "Labels are plain data, so that they can be stored.")
        wanted = named or self.options.clock.new_id()
        options = partial(self._session_options, wanted, root=root, callbacks=Callbacks(**callbacks), **given)
        given |= {"root": read_agent(root).root if root is not None else None, "tools": tuple(tools)}
        wishes = {
            name: value for name, value in (given | callbacks).items() if value not in (None, (), "none")
        }
        session = await self._registry.open(wanted, lambda: self._open(options()), wishes)
        return self._registry.checked(session, wishes)

    async def close(self, id: str) -> None:
        """Close a session; what is stored of it stays."""
        session = await self._registry.settled(id)
        if session is not None:
            await session.close()

    async def delete(self, id: str) -> None:
        """Close a session and delete what is stored of it, and what waits for it in the inbox."""
        session = await self._registry.settled(id)
        if session is not None:
            await session.life.store_no_more()
            await session.close()
        if self._store is not None:
            await self._store.delete(id)
        await self._deliveries.drop(id)

    def get_session(self, id: str) -> Session[OutputT] | None:
        """Look at an open session; unlike `session(id)` this is no use of it, and keeps it no longer in memory."""
        return self._registry.get(id)

    def on_session_create(self, callback: Created) -> Callable[[], None]:
        """Call back with each session that is opened; give the way to stop."""
        return self._watchers.on_created(callback)

    def on_session_close(self, callback: Closed) -> Callable[[], None]:
        """Call back with the id of each session that has closed; give the way to stop."""
        return self._watchers.on_closed(callback)

    async def sweep(self) -> None:
        """Let the sessions go that have been idle for too long; it is done by itself too."""
        await self._registry.eviction.sweep()

    async def hibernate(self, id: str) -> SessionSnapshot | None:
        """Store a session and close it; None where it is not open, or a hook refused."""
        session = self._registry.get(id)
        return None if session is None else await session.hibernate()

    async def is_hibernated(self, id: str) -> bool:
        """Tell whether a session that is not open was put to sleep."""
        return await is_hibernated(self._store, self._registry.sessions, id)

    async def hibernated_sessions(self) -> tuple[str, ...]:
        """Give the ids of the sessions that sleep; each that is stored is read for it."""
        return await hibernated_sessions(self._store, self._registry.sessions)

    async def flush(self) -> None:
        """Wait until everything of every session is stored."""
        for session in tuple(self._registry.sessions.values()):
            await session.flush()

    async def aclose(self) -> None:
        """Close every session, the store and the models; called from inside a session, do not wait for it."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        sessions = (*self._registry.sessions.values(), *self._ephemeral.sessions)
        if not any(session.is_inside() for session in sessions):
            await asyncio.shield(self._closing)

    async def _close(self) -> None:
        """Close everything; one part that fails keeps no other from being closed."""
        async with AsyncExitStack() as steps:
            # Taken from the last to the first.
            for model in (self.options.model, *self.options.fallback, *self._models):
                if model is not None:
                    steps.push_async_callback(in_time, f"aclose() of {model.info.id}", model.aclose)
            if isinstance(self._store, ClosingStore):
                steps.push_async_callback(in_time, "The store's aclose()", self._store.aclose)
            steps.push_async_callback(in_time, "The inbox's aclose()", self._deliveries.aclose)
            steps.push_async_callback(self._ephemeral.close)
            steps.push_async_callback(self._registry.close)

    def _session_options(
        self,
        id: str,
        *,
        root: AgentSource | None = None,
        tools: Sequence[Tool[..., Any]] = (),
        max_ticks: int | None = None,
        limits: Limits | None = None,
        metadata: Mapping[str, Any] | None = None,
        parent_session_id: str | None = None,
        signal: CancelToken | None = None,
        callbacks: Callbacks,
        read_only: bool = False,
        recording: "RecordingMode" = "none",
    ) -> SessionOptions:
        options = self.options
        check_options({"tools": tools, "max_ticks": max_ticks, "limits": limits, "signal": signal})
        agent = read_agent(root) if root is not None else Agent(options.agent)
        return SessionOptions(
            id=id,
            root=agent.root,
            clock=options.clock,
            middleware=self._middleware,
            ambient=current(),
            open_model=options.open_model,
            model=agent.opened_model(options.open_model, self._models) or options.model,
            fallback=options.fallback,
            retry=options.retry,
            app_tools=options.tools,
            session_tools=(*tools, *output_tools(options.output)),
            allow=options.allow,
            confirm_dispatch=options.confirm_dispatch,
            confirmation_timeout=options.confirmation_timeout,
            max_ticks=max_ticks or agent.max_ticks or options.max_ticks,
            limits=limits.over(options.limits) if limits is not None else options.limits,
            output=options.output,
            max_timeline_entries=options.max_timeline_entries,
            store=self._store,
            inbox=self._deliveries.storage,
            read_only=read_only,
            recording=recording,
            overflow=options.overflow,
            signals=tuple(each for each in (options.signal, signal) if each is not None),
            callbacks=callbacks.over(options.callbacks),
            metadata=plain(metadata or {}),
            parent_session_id=parent_session_id,
            hooks=options.hooks,
            runner=options.runner,
            resolve=options.resolve,
        )

    async def _open(self, options: SessionOptions, fork: SessionSnapshot | None = None) -> Session[OutputT]:
        # The app may have been closed while this waited for the end of an earlier session of that id.
        self._check_open()
        return await self._opening.open(options, fork)

    async def _fork(self, options: SessionOptions, snapshot: SessionSnapshot) -> Session[OutputT]:
        self._check_open()
        made: list[Session[OutputT]] = []

        async def begin() -> Session[OutputT]:
            made.append(await self._open(options, snapshot))
            return made[0]

        origin = snapshot.forked_from
        wishes = self._registry.wishes(origin.session_id if origin is not None else "")
        if await self._registry.open(options.id, begin, {**wishes, "read_only": False}) not in made:
            raise taken(options.id)
        return made[0]

    async def _run_closed(self, session: Session[Any]) -> None:
        await self._watchers.tell_closed(session.id)

    def _check_open(self) -> None:
        if self._closing is not None:
            raise StateError("The app is closed", hint="Make a new one with create_app(...).")

    async def _send(
        self, input: InputLike = None, /, *, session_id: str | None = None, **options: Unpack[SendKeywords]
    ) -> SessionExecutionHandle[OutputT]:
        """Send to the session of that id, or to one of its own that is gone when it has answered."""
        if session_id is None:
            return await self._run_once(RunInput(input=input, send=options, callbacks=Callbacks()))
        session = await self.session(session_id)
        return await session.send(input, **options)

    async def _run(
        self, input: InputLike = None, /, **options: Unpack[RunKeywords]
    ) -> SessionExecutionHandle[OutputT]:
        return await self._run_once(read_run(input, options))

    async def _run_once(self, run: RunInput) -> SessionExecutionHandle[OutputT]:
        self._check_open()
        id = self.options.clock.new_id()
        session_options = self._session_options(
            id, callbacks=run.callbacks, recording=run.recording, **run.session
        )
        session: Session[OutputT] = Session(
            replace(session_options, store=None, inbox=None),
            with_history(id, run.history, self.options.clock),
        )
        session.life.when_closed(self._run_closed)
        try:
            await self._watchers.tell_created(session)
            if run.model is not None:
                session.set_model(run.model)
            handle = await session.send(run.input, **run.send)
        # Nobody else closes a session whose run did not begin, whatever the reason.
        except BaseException:
            await session.close()
            raise
        self._ephemeral.close_after(session, handle)
        return handle


_SESSION_KEYWORDS = {*signature(App.session).parameters, *CallbackOptions.__annotations__} - {
    "self",
    "callbacks",
}
