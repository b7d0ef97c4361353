"""How an app is made of an agent, and how an agent is run without one."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from agentick_core.clock import Clock, SystemClock
from agentick_core.models.model import ChatModel
from agentick_core.models.resolve import model_from_spec
from agentick_core.models.retry import DEFAULT_POLICY, RetryPolicy
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.procedure import Wrapping
from agentick_core.procedures.token import CancelToken
from agentick_core.session.app import App
from agentick_core.session.app_options import AppOptions, CallbackOptions
from agentick_core.session.callbacks import Callbacks
from agentick_core.session.calls import ExecutionProcedure
from agentick_core.session.handle import SessionExecutionHandle
from agentick_core.session.input import InputLike, MessageLike
from agentick_core.session.options import DEFAULT_MAX_TICKS
from agentick_core.session.session import Session
from agentick_core.storage.choose import StoreLike
from agentick_core.tools.confirm import AllowRule
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import AgentLike, as_element

if TYPE_CHECKING:
    from agentick_core.messages.timeline import TimelineEntry


def create_app(
    agent: AgentLike,
    *,
    model: ChatModel | str | None = None,
    tools: Sequence[Tool[..., Any]] = (),
    store: StoreLike = None,
    max_ticks: int = DEFAULT_MAX_TICKS,
    max_timeline_entries: int | None = None,
    middleware: Sequence[Middleware] = (),
    fallback: Sequence[ChatModel] = (),
    retry: RetryPolicy = DEFAULT_POLICY,
    allow: Sequence[AllowRule] = (),
    confirm_dispatch: bool = False,
    overflow: Path | None = None,
    clock: Clock | None = None,
    signal: CancelToken | None = None,
    on_session_create: Callable[[Session[Any]], object] | None = None,
    on_session_close: Callable[[str], object] | None = None,
    **callbacks: Unpack[CallbackOptions],
) -> App[None]:
    """Make an app of an agent: a component, or an element with its props.

    `store` is a path to an SQLite file, a store, or None; `allow` are the rules under which tools run unasked;
    `overflow` is the folder for tool results that are too long for the model.

    Raises:
        PropsError: where a prop of the agent is missing.
        NotFoundError: where the spec of the model names none.
    """
    return App(
        AppOptions(
            agent=as_element(agent),
            model=model_from_spec(model) if isinstance(model, str) else model,
            tools=tuple(tools),
            store=store,
            max_ticks=max_ticks,
            max_timeline_entries=max_timeline_entries,
            middleware=tuple(middleware),
            fallback=tuple(fallback),
            retry=retry,
            allow=tuple(allow),
            confirm_dispatch=confirm_dispatch,
            overflow=overflow,
            clock=clock or SystemClock(),
            signal=signal,
            callbacks=Callbacks(**callbacks),
            on_session_create=on_session_create,
            on_session_close=on_session_close,
        )
    )


async def _run_agent(
    agent: AgentLike,
    input: InputLike = None,
    /,
    *,
    model: ChatModel | str | None = None,
    messages: "Sequence[str | MessageLike]" = (),
    props: Mapping[str, Any] | None = None,
    history: Sequence["str | MessageLike | TimelineEntry"] = (),
    tools: Sequence[Tool[..., Any]] = (),
    middleware: Sequence[Middleware] = (),
    max_ticks: int | None = None,
    signal: CancelToken | None = None,
    **callbacks: Unpack[CallbackOptions],
) -> SessionExecutionHandle[None]:
    app = create_app(agent, tools=tools, middleware=middleware)
    return await app.run(
        input,
        model=model,
        messages=messages,
        props=props,
        history=history,
        max_ticks=max_ticks,
        signal=signal,
        **callbacks,
    )


run = ExecutionProcedure(_run_agent, Wrapping(name="agentick:run"))
