"""How an app is made of an agent, and how an agent is run without one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from agentick_core.clock import Clock, SystemClock
from agentick_core.errors import ValidationError
from agentick_core.messages.result import OutputT
from agentick_core.models.model import ChatModel
from agentick_core.models.resolve import model_from_spec
from agentick_core.models.retry import DEFAULT_POLICY, RetryPolicy
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.procedure import Wrapping
from agentick_core.procedures.token import CancelToken
from agentick_core.session.app.agent_config import AgentSource, read_agent
from agentick_core.session.app.app import App
from agentick_core.session.app.app_options import AppKeywords, AppOptions, app_fields
from agentick_core.session.app.run_input import RunKeywords
from agentick_core.session.execution.calls import ExecutionCall, ExecutionProcedure
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.input import InputLike, check_options
from agentick_core.session.execution.limits import NO_LIMITS, Limits, fewest_ticks
from agentick_core.session.options import DEFAULT_MAX_TICKS
from agentick_core.storage.choose import StoreLike
from agentick_core.tools.confirm import AllowRule
from agentick_core.tools.tool import Tool


def create_app(
    agent: AgentSource,
    *,
    model: ChatModel | str | None = None,
    tools: Sequence[Tool[..., Any]] = (),
    store: StoreLike = None,
    max_ticks: int | None = None,
    limits: Limits = NO_LIMITS,
    output: type[OutputT] | None = None,
    max_timeline_entries: int | None = None,
    middleware: Sequence[Middleware] = (),
    fallback: Sequence[ChatModel] = (),
    retry: RetryPolicy = DEFAULT_POLICY,
    allow: Sequence[AllowRule] = (),
    confirm_dispatch: bool = False,
    overflow: Path | None = None,
    clock: Clock | None = None,
    signal: CancelToken | None = None,
    **keywords: Unpack[AppKeywords],
) -> App[OutputT]:
    """Make an app of an agent: a component, an element with its props, or an agent config.

    `store` is a path to an SQLite file, a store, or None; `allow` are the rules under which tools run unasked;
    `overflow` is the folder for tool results that are too long for the model. With `output`, a type with fields,
    each execution ends with one of it, in `result.output`. `AppKeywords` says what the others are.

    Raises PropsError (a prop is missing), NotFoundError (no such model), ValidationError (a wrong option).
    """
    lists = {"tools": tools, "middleware": middleware, "fallback": fallback, "allow": allow}
    check_options({"model": model, "limits": limits, "max_ticks": max_ticks, **lists})
    read = read_agent(agent, model)
    return App(
        AppOptions(
            agent=read.root,
            model=read.opened_model(model_from_spec, []),
            store=store,
            max_ticks=_first(fewest_ticks(max_ticks, limits), read.max_ticks),
            limits=limits,
            output=output,
            max_timeline_entries=max_timeline_entries,
            retry=retry,
            confirm_dispatch=confirm_dispatch,
            overflow=overflow,
            clock=clock or SystemClock(),
            signal=signal,
            **{name: tuple(given) for name, given in lists.items()},
            **app_fields(keywords),
        )
    )


def _first(*ticks: int | None) -> int:
    return next((each for each in ticks if each is not None), DEFAULT_MAX_TICKS)


class RunAgentKeywords(RunKeywords, total=False):
    """What `run` takes besides the agent, its input and the type of the output."""

    middleware: Sequence[Middleware]


async def _run_agent(
    agent: AgentSource | App[Any],
    input: InputLike = None,
    /,
    *,
    output: type[Any] | None = None,
    middleware: Sequence[Middleware] = (),
    **options: Unpack[RunKeywords],
) -> SessionExecutionHandle[Any]:
    if not isinstance(agent, App):
        tools, read = options.pop("tools", ()), read_agent(agent)
        options.setdefault("model", read.model)
        app = create_app(
            read.root, output=output, tools=tools, middleware=middleware, max_ticks=read.max_ticks
        )
        return await app.run(input, **options)
    if output is not None or middleware:
        raise ValidationError(
            "An app has its output and its middleware already", hint="Give them to create_app(...)."
        )
    return await agent.run(input, **options)


class RunProcedure(ExecutionProcedure[..., Any]):
    """The procedure that asks an agent, or an app, once; with `output` its result has a value of that type."""

    __slots__ = ()

    def __call__(
        self,
        agent: AgentSource | App[Any],
        input: InputLike = None,
        /,
        *,
        output: type[OutputT] | None = None,
        **options: Unpack[RunAgentKeywords],
    ) -> ExecutionCall[OutputT]:
        return super().__call__(agent, input, output=output, **options)


run = RunProcedure(_run_agent, Wrapping(name="agentick:run"))
