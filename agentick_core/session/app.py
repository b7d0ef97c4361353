"""An app: an agent with a model, tools and a store, and the maker of its sessions."""

import asyncio
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields, replace
from typing import Any, Generic, Self, TypeVar, Unpack

from agentick_core.clock import Clock
from agentick_core.errors import StateError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.models.model import ChatModel
from agentick_core.procedures.ambient import current
from agentick_core.procedures.middleware import Middleware, MiddlewareRegistry
from agentick_core.procedures.procedure import Wrapping
from agentick_core.procedures.token import CancelToken
from agentick_core.session.app_options import AppOptions, CallbackOptions
from agentick_core.session.callbacks import Callbacks
from agentick_core.session.calls import ExecutionProcedure
from agentick_core.session.handle import SessionExecutionHandle
from agentick_core.session.input import InputLike, MessageLike, check_json, read_message, with_id
from agentick_core.session.options import SessionOptions
from agentick_core.session.registry import SessionRegistry
from agentick_core.session.session import Session
from agentick_core.storage.choose import store_from
from agentick_core.storage.store import ClosingStore, LeasingStore, SessionStore
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import AgentLike, as_element

OutputT = TypeVar("OutputT")
_log = logging.getLogger("agentick")


class App(Generic[OutputT]):
    """Makes sessions, keeps those that are open, and closes them.

    Use it as `async with create_app(...) as app:`, or call `aclose()`.
    """

    def __init__(self, options: AppOptions) -> None:
        self.options = options
        self._closing: asyncio.Task[None] | None = None
        self._registry: SessionRegistry[OutputT] = SessionRegistry()
        self._ephemeral: dict[asyncio.Task[None], Session[Any]] = {}
        self._store = store_from(options.store)
        self._middleware = MiddlewareRegistry(options.middleware)
        self.run = ExecutionProcedure(self._run, Wrapping(name="app:run", registry=self._middleware))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

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

    def has(self, id: str) -> bool:
        """Tell whether the session is open."""
        return id in self._registry.sessions

    def replace(self, **changes: Any) -> "App[OutputT]":
        """Give a new app with some options changed: model, store, tools, middleware, and so on."""
        known = {each.name for each in fields(AppOptions)}
        unknown = sorted(changes.keys() - known)
        if unknown:
            raise TypeError(f"An app has no option {unknown[0]!r}; known are {', '.join(sorted(known))}")
        if isinstance(spec := changes.get("model"), str):
            changes["model"] = self.options.open_model(spec)
        return App(replace(self.options, **changes))

    def use(self, pattern: str, middleware: Middleware) -> Callable[[], None]:
        """Add middleware for calls named so ("*", "session:*", "tool:run"); give the way to remove it."""
        return self._middleware.use(pattern, middleware)

    async def session(
        self,
        id: str | None = None,
        *,
        session_id: str | None = None,
        root: AgentLike | None = None,
        tools: Sequence[Tool[..., Any]] = (),
        max_ticks: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        signal: CancelToken | None = None,
        **callbacks: Unpack[CallbackOptions],
    ) -> Session[OutputT]:
        """Give the session of that id: the open one, else the stored one, else a new one.

        Raises:
            StateError: where it is open already and other options are given, or the app is closed.
            SessionInUseError: where another process writes it.
            StorageError: where the store cannot be read.
        """
        self._check_open()
        check_json("metadata", metadata, "Labels are plain data, so that they can be stored.")
        wanted = id or session_id or self.options.clock.new_id()
        options = self._session_options(
            wanted,
            root=root,
            tools=tools,
            max_ticks=max_ticks,
            metadata=metadata,
            signal=signal,
            callbacks=Callbacks(**callbacks),
        )
        given: dict[str, Any] = {
            "root": as_element(root) if root else None,
            "tools": tuple(tools),
            "metadata": metadata,
            **callbacks,
        }
        given |= {"max_ticks": max_ticks, "signal": signal}
        wishes = {name: value for name, value in given.items() if value is not None and value != ()}
        session = await self._registry.open(wanted, lambda: self._open(options), wishes)
        unmet = self._registry.unmet(session, wishes)
        if unmet:
            raise StateError(
                f"Session {wanted!r} is open already, with other options ({', '.join(unmet)})",
                hint="Options are settled when a session is opened; close it first.",
            )
        return session

    async def close(self, id: str) -> None:
        """Close a session; what is stored of it stays."""
        session = self._registry.get(id)
        if session is not None:
            await session.close()

    async def delete(self, id: str) -> None:
        """Close a session and delete what is stored of it."""
        await self.close(id)
        if self._store is not None:
            await self._store.delete(id)

    async def flush(self) -> None:
        """Wait until everything of every session is stored."""
        for session in tuple(self._registry.sessions.values()):
            await session.flush()

    async def aclose(self) -> None:
        """Close every session, the store and the models; called from inside a session, do not wait for it."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        sessions = (*self._registry.sessions.values(), *self._ephemeral.values())
        if not any(session.is_inside() for session in sessions):
            await asyncio.shield(self._closing)

    async def _close(self) -> None:
        """Close everything; one part that fails keeps no other from being closed."""
        async with AsyncExitStack() as steps:
            # Taken from the last to the first.
            for model in (self.options.model, *self.options.fallback):
                if model is not None:
                    steps.push_async_callback(model.aclose)
            if isinstance(self._store, ClosingStore):
                steps.push_async_callback(self._store.aclose)
            steps.push_async_callback(self._ephemerals_gone)
            steps.push_async_callback(self._registry.close)

    async def _ephemerals_gone(self) -> None:
        for session in tuple(self._ephemeral.values()):
            await session.close()
        if self._ephemeral:
            await asyncio.wait(tuple(self._ephemeral))

    def _session_options(
        self,
        id: str,
        *,
        root: AgentLike | None = None,
        tools: Sequence[Tool[..., Any]] = (),
        max_ticks: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        signal: CancelToken | None = None,
        callbacks: Callbacks,
    ) -> SessionOptions:
        options = self.options
        return SessionOptions(
            id=id,
            root=as_element(root) if root is not None else options.agent,
            clock=options.clock,
            middleware=self._middleware,
            ambient=current(),
            open_model=options.open_model,
            model=options.model,
            fallback=options.fallback,
            retry=options.retry,
            app_tools=options.tools,
            session_tools=tuple(tools),
            allow=options.allow,
            confirm_dispatch=options.confirm_dispatch,
            max_ticks=max_ticks if max_ticks is not None else options.max_ticks,
            max_timeline_entries=options.max_timeline_entries,
            store=self._store,
            overflow=options.overflow,
            signals=tuple(each for each in (options.signal, signal) if each is not None),
            callbacks=callbacks.over(options.callbacks),
            metadata=dict(metadata or {}),
        )

    async def _open(self, options: SessionOptions) -> Session[OutputT]:
        leasing = self._store if isinstance(self._store, LeasingStore) else None
        if leasing is not None:
            await leasing.acquire(options.id)
        try:
            return await self._restored(options)
        except BaseException:
            if leasing is not None:
                await leasing.release(options.id)
            raise

    async def _restored(self, options: SessionOptions) -> Session[OutputT]:
        snapshot = await self._store.load(options.id) if self._store is not None else None
        session: Session[OutputT] = Session(options, snapshot)
        if snapshot is not None and snapshot.open_execution is not None:
            await session.recover(snapshot.open_execution)
        session.when_closed(self._closed_session)
        if self.options.on_session_create is not None:
            self.options.on_session_create(session)
        return session

    async def _closed_session(self, session: Session[Any]) -> None:
        try:
            if isinstance(self._store, LeasingStore):
                await self._store.release(session.id)
        finally:
            self._registry.forget(session)
            self._tell_closed(session.id)

    def _tell_closed(self, id: str) -> None:
        try:
            if self.options.on_session_close is not None:
                self.options.on_session_close(id)
        # A callback of the host's: it must not break the closing, and it must not fail unseen.
        except Exception as error:
            _log.error("on_session_close raised", exc_info=error)

    def _check_open(self) -> None:
        if self._closing is not None:
            raise StateError("The app is closed", hint="Make a new one with create_app(...).")

    async def _run(
        self,
        input: InputLike = None,
        /,
        *,
        messages: "Sequence[str | MessageLike]" = (),
        props: Mapping[str, Any] | None = None,
        history: Sequence["str | MessageLike | TimelineEntry"] = (),
        model: ChatModel | str | None = None,
        tools: Sequence[Tool[..., Any]] = (),
        max_ticks: int | None = None,
        signal: CancelToken | None = None,
        **callbacks: Unpack[CallbackOptions],
    ) -> SessionExecutionHandle[OutputT]:
        self._check_open()
        id = self.options.clock.new_id()
        options = self._session_options(
            id, tools=tools, max_ticks=max_ticks, signal=signal, callbacks=Callbacks(**callbacks)
        )
        session: Session[OutputT] = Session(
            replace(options, store=None), _with_history(id, history, options.clock)
        )
        if input is None and not messages and props is None:
            props = {}
        try:
            if model is not None:
                session.set_model(model)
            handle = await session.send(input, messages=messages, props=props)
        except BaseException:
            await session.close()
            raise
        task = asyncio.create_task(_close_after(session, handle))
        self._ephemeral[task] = session
        task.add_done_callback(self._ephemeral.pop)
        return handle


async def _close_after(session: Session[Any], handle: SessionExecutionHandle[Any]) -> None:
    await handle.settled()
    await session.close()


def _with_history(
    id: str, history: "Sequence[str | MessageLike | TimelineEntry]", clock: Clock
) -> SessionSnapshot | None:
    if not history:
        return None
    entries = tuple(
        item
        if isinstance(item, TimelineEntry)
        else TimelineEntry(id=clock.new_id(), message=with_id(read_message(item), clock))
        for item in history
    )
    return SessionSnapshot(session_id=id, timeline=entries, created_at=clock.now())
