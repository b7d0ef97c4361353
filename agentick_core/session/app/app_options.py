"""What an app is made with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from agentick_core.clock import Clock, SystemClock
from agentick_core.errors import AbortError
from agentick_core.events.union import StreamEvent
from agentick_core.messages.result import SendResult
from agentick_core.messages.usage import Usage
from agentick_core.models.model import ChatModel
from agentick_core.models.resolve import model_from_spec
from agentick_core.models.retry import DEFAULT_POLICY, RetryPolicy
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.token import CancelToken
from agentick_core.runners.runner import ExecutionRunner, checked_runner
from agentick_core.session.app.callbacks import Callbacks
from agentick_core.session.app.deliveries import InboxLike, SessionResolver
from agentick_core.session.app.eviction import Bounds
from agentick_core.session.app.host_hooks import HOST_HOOKS, HostHookOptions, HostHooks
from agentick_core.session.app.resolve import Resolve
from agentick_core.session.execution.input import check_callables, check_options
from agentick_core.session.execution.limits import NO_LIMITS, Limits
from agentick_core.session.options import DEFAULT_MAX_TICKS
from agentick_core.session.session import Session
from agentick_core.storage.choose import StoreLike
from agentick_core.tools.confirm import AllowRule
from agentick_core.tools.host import Ask
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import Element


class CallbackOptions(TypedDict, total=False):
    """The lifecycle callbacks, as keywords; `Callbacks` says when each is called."""

    on_event: Callable[[StreamEvent], object]
    on_tick_start: Callable[[int, str], object]
    on_tick_end: Callable[[int, Usage | None], object]
    on_complete: Callable[[SendResult[Any]], object]
    on_error: Callable[[BaseException], object]
    on_abort: Callable[[AbortError], object]
    on_tool_confirmation: Ask


class AppKeywords(CallbackOptions, HostHookOptions, total=False):
    """What `create_app` takes for the life of the sessions, as keywords.

    `max_active` says how many idle sessions stay in memory, `idle_timeout` for how many seconds; what goes is
    stored, and without a store forgotten. After `confirmation_timeout` seconds a question that nobody has
    answered is a refusal; None waits. `runner` stands between the sessions and their models and tools. With
    `resolve` nothing stored is brought back by itself: what it gives is for `use_resolved`. `inbox` is where
    messages for sessions wait, a path or a storage, by default where the sessions are; `session_resolver` says
    for which session a received message is.
    """

    max_active: int | None
    idle_timeout: float | None
    confirmation_timeout: float | None
    runner: ExecutionRunner | None
    resolve: Resolve | None
    inbox: InboxLike
    session_resolver: SessionResolver | None
    on_session_create: Callable[[Session[Any]], object] | None
    on_session_close: Callable[[str], object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """What an app is made with."""

    agent: Element
    model: ChatModel | None = None
    tools: tuple[Tool[..., Any], ...] = ()
    store: StoreLike = None
    max_ticks: int = DEFAULT_MAX_TICKS
    limits: Limits = NO_LIMITS
    output: type[Any] | None = None
    max_timeline_entries: int | None = None
    middleware: tuple[Middleware, ...] = ()
    fallback: tuple[ChatModel, ...] = ()
    retry: RetryPolicy = DEFAULT_POLICY
    allow: tuple[AllowRule, ...] = ()
    confirm_dispatch: bool = False
    confirmation_timeout: float | None = None
    overflow: Path | None = None
    clock: Clock = field(default_factory=SystemClock)
    signal: CancelToken | None = None
    open_model: Callable[[str], ChatModel] = model_from_spec
    callbacks: Callbacks = field(default_factory=Callbacks)
    hooks: HostHooks = field(default_factory=HostHooks)
    max_active: int | None = None
    idle_timeout: float | None = None
    runner: ExecutionRunner | None = None
    resolve: Resolve | None = None
    inbox: InboxLike = None
    session_resolver: SessionResolver | None = None
    on_session_create: Callable[[Session[Any]], object] | None = None
    on_session_close: Callable[[str], object] | None = None

    def __post_init__(self) -> None:
        self.bounds.check()
        check_options({name: getattr(self, name) for name in _CHECKED})
        check_callables({name: getattr(self, name) for name in _CALLED})

    @property
    def bounds(self) -> Bounds:
        """How many idle sessions stay in memory, and for how long."""
        return Bounds(max_active=self.max_active, idle_timeout=self.idle_timeout)


def app_fields(keywords: AppKeywords) -> dict[str, Any]:
    """Give the keywords as fields of `AppOptions`: callbacks and hooks each as one value.

    Raises:
        TypeError: there is no such keyword.
        ValidationError: the runner has none of the hooks.
    """
    given: dict[str, Any] = dict(keywords)
    hooks = {name: given.pop(name) for name in HOST_HOOKS & given.keys()}
    own = {name: given.pop(name) for name in _OWN & given.keys()}
    unknown = sorted(given.keys() - CallbackOptions.__annotations__.keys())
    if unknown:
        known = (
            AppOptions.__dataclass_fields__.keys() | HOST_HOOKS | CallbackOptions.__annotations__.keys()
        ) - _INNER
        raise TypeError(f"An app has no option {unknown[0]!r}; known are {', '.join(sorted(known))}")
    own["runner"] = checked_runner(own.get("runner"))
    return {**own, "callbacks": Callbacks(**given), "hooks": HostHooks(**hooks)}


_CHECKED = (
    "model", "tools", "max_ticks", "limits", "output", "max_timeline_entries", "middleware", "fallback", "retry",
    "allow", "confirmation_timeout", "overflow", "signal", "resolve",
)  # fmt: skip
# What an app is made with, and what no keyword names.
_INNER = frozenset(("agent", "callbacks", "hooks", "open_model"))
_CALLED = ("session_resolver", "on_session_create", "on_session_close")
_OWN = frozenset(AppKeywords.__annotations__.keys() - HOST_HOOKS - CallbackOptions.__annotations__.keys())
