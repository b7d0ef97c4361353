"""What a session is made with: the app's options, with the session's own laid over them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentick_core.clock import Clock
from agentick_core.messages.blocks import no_metadata
from agentick_core.models.model import ChatModel
from agentick_core.models.retry import DEFAULT_POLICY, RetryPolicy
from agentick_core.models.tool_input import UniqueId
from agentick_core.procedures.ambient import Ambient
from agentick_core.procedures.middleware import MiddlewareRegistry
from agentick_core.procedures.token import CancelToken
from agentick_core.runners.runner import ExecutionRunner
from agentick_core.session.app.callbacks import Callbacks
from agentick_core.session.app.host_hooks import HostHooks
from agentick_core.session.app.resolve import Resolve
from agentick_core.session.execution.limits import NO_LIMITS, Budget, Limits
from agentick_core.storage.store import SessionStore
from agentick_core.tools.confirm import AllowRule
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import Element

if TYPE_CHECKING:
    from agentick_core.inbox.storage import InboxStorage
    from agentick_core.recording.recording import RecordingMode
    from agentick_core.recording.tape import Tape

DEFAULT_MAX_TICKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """Everything that is settled when a session begins."""

    id: str
    root: Element
    clock: Clock
    middleware: MiddlewareRegistry
    ambient: Ambient
    open_model: Callable[[str], ChatModel]
    model: ChatModel | None = None
    inherited_model: ChatModel | None = None
    fallback: tuple[ChatModel, ...] = ()
    retry: RetryPolicy = DEFAULT_POLICY
    app_tools: tuple[Tool[..., Any], ...] = ()
    session_tools: tuple[Tool[..., Any], ...] = ()
    allow: tuple[AllowRule, ...] = ()
    confirm_dispatch: bool = False
    confirmation_timeout: float | None = None
    max_ticks: int = DEFAULT_MAX_TICKS
    limits: Limits = NO_LIMITS
    budget: Budget | None = None
    output: type[Any] | None = None
    max_timeline_entries: int | None = None
    store: SessionStore | None = None
    inbox: "InboxStorage | None" = None
    read_only: bool = False
    overflow: Path | None = None
    signals: tuple[CancelToken, ...] = ()
    callbacks: Callbacks = field(default_factory=Callbacks)
    hooks: HostHooks = field(default_factory=HostHooks)
    runner: ExecutionRunner | None = None
    resolve: Resolve | None = None
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    parent_session_id: str | None = None
    depth: int = 0
    recording: "RecordingMode" = "none"
    tapes: "tuple[Tape, ...]" = ()
    unique_call_id: UniqueId | None = None
