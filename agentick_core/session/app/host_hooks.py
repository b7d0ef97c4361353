"""What a host may have a say in: sends, what is stored, what comes back from the store, hibernation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from agentick_core.errors import ValidationError
from agentick_core.messages.result import SendResult
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.procedures.sparing import sparing_the_caller
from agentick_core.session.execution.input import InputLike, SendInput, check_callables
from agentick_core.tools.approve import resolved

if TYPE_CHECKING:
    from agentick_core.session.session import Session

Answer: TypeAlias = SessionSnapshot | Literal[False] | None
"""A snapshot takes the place of the one that was shown, False refuses, None lets it be."""

AskSession: TypeAlias = Callable[["Session[Any]", SessionSnapshot], Awaitable[Answer] | Answer]
AskId: TypeAlias = Callable[[str, SessionSnapshot], Awaitable[Answer] | Answer]
TellSession: TypeAlias = Callable[["Session[Any]", SessionSnapshot], object]
TellId: TypeAlias = Callable[[str, SessionSnapshot], object]
BeforeSend: TypeAlias = Callable[
    ["Session[Any]", SendInput], "Awaitable[SendInput | InputLike] | SendInput | InputLike"
]
AfterSend: TypeAlias = Callable[["Session[Any]", SendResult[Any]], object]


class HostHookOptions(TypedDict, total=False):
    """The host's hooks, as keywords; `HostHooks` says when each is called."""

    on_before_send: BeforeSend
    on_after_send: AfterSend
    on_before_persist: AskSession
    on_after_persist: TellId
    on_before_restore: AskId
    on_after_restore: TellSession
    on_before_hydrate: AskId
    on_after_hydrate: TellSession
    on_before_hibernate: AskSession
    on_after_hibernate: TellId


@dataclass(frozen=True, slots=True, kw_only=True)
class HostHooks:
    """The host's hooks, sync or async. They give a new value or None, and change nothing in place.

    `on_before_send` gives the input in place of the one it got, `on_after_send` is told each result before the
    caller is. A persist comes once for each send, at its end. A load asks `on_before_hydrate` (for a session
    that was put to sleep by `hibernate`) and `on_before_restore`, then tells `on_after_restore` and
    `on_after_hydrate`.
    """

    on_before_send: BeforeSend | None = None
    on_after_send: AfterSend | None = None
    on_before_persist: AskSession | None = None
    on_after_persist: TellId | None = None
    on_before_restore: AskId | None = None
    on_after_restore: TellSession | None = None
    on_before_hydrate: AskId | None = None
    on_after_hydrate: TellSession | None = None
    on_before_hibernate: AskSession | None = None
    on_after_hibernate: TellId | None = None

    def __post_init__(self) -> None:
        check_callables({each.name: getattr(self, each.name) for each in fields(self)})

    @property
    def persist(self) -> bool:
        """Whether anybody has a say in what is stored."""
        return self.on_before_persist is not None or self.on_after_persist is not None


HOST_HOOKS = frozenset(each.name for each in fields(HostHooks))


async def asked(name: str, hook: Callable[..., Any] | None, who: object, snapshot: SessionSnapshot) -> Answer:
    """Ask a hook about a snapshot: give the one that holds from now on, or False where it was refused.

    Raises:
        ValidationError: it gave something else, or the snapshot of another session.
    """
    if hook is None:
        return snapshot
    with sparing_the_caller(name):
        answer = await resolved(hook(who, snapshot))
    if answer is None:
        return snapshot
    if answer is False:
        return False
    return checked_snapshot(name, answer, snapshot)


def checked_snapshot(name: str, answer: object, asked_for: SessionSnapshot) -> SessionSnapshot:
    """Give the snapshot that a hook gave.

    Raises:
        ValidationError: it is not a snapshot, or is one of another session.
    """
    if not isinstance(answer, SessionSnapshot):
        raise ValidationError(
            f"{name} gave a value of type {type(answer).__name__}, not a snapshot",
            hint="Use dataclasses.replace(snapshot, ...), or give None to leave it as it is.",
        )
    if answer.session_id != asked_for.session_id:
        raise ValidationError(
            f"{name} gave the snapshot of session {answer.session_id!r}, not of {asked_for.session_id!r}"
        )
    return answer


async def told(hook: Callable[..., Any] | None, who: object, value: object) -> None:
    """Tell a hook that something was done."""
    if hook is not None:
        with sparing_the_caller("A hook of the app"):
            await resolved(hook(who, value))
