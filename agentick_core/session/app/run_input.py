"""What a run without a session is given: a send, what was said before, and how its session is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from agentick_core.messages.blocks import no_metadata
from agentick_core.session.app.app_options import CallbackOptions
from agentick_core.session.app.callbacks import Callbacks
from agentick_core.session.execution.input import (
    InputLike,
    MessageLike,
    SendKeywords,
    check_keywords,
    is_message,
    read_input,
)
from agentick_core.session.execution.limits import fewest_ticks

if TYPE_CHECKING:
    from agentick_core.messages.timeline import TimelineEntry
    from agentick_core.models.model import ChatModel
    from agentick_core.recording.recording import RecordingMode


class RunKeywords(SendKeywords, CallbackOptions, total=False):
    """What a run takes besides its input: all that a send does, the callbacks, and what its session begins with.

    `history` is what was said before; `recording` is how it is recorded, for whoever gets the session from
    `on_session_create`.
    """

    model: "ChatModel | str | None"
    history: "Sequence[str | MessageLike | TimelineEntry]"
    recording: "RecordingMode"


_OWN = frozenset(("model", "history", "recording"))
_OF_SESSION = frozenset(("tools", "max_ticks", "limits", "signal"))
_CALLBACKS = frozenset(CallbackOptions.__annotations__)
_KNOWN = _OWN | _CALLBACKS | SendKeywords.__annotations__.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """A run, read: what is sent, and with what its session is made and begins."""

    input: InputLike
    send: SendKeywords
    session: Mapping[str, Any] = field(default_factory=no_metadata)
    callbacks: Callbacks
    model: "ChatModel | str | None" = None
    history: "Sequence[str | MessageLike | TimelineEntry]" = ()
    recording: "RecordingMode" = "none"


def read_run(input: InputLike, options: RunKeywords) -> RunInput:
    """Read what was given to a run; one that brings nothing to say renders once.

    Raises:
        TypeError: there is no such option.
        ValidationError: where a message is empty, a field is not known, or an option is not what it has to be.
    """
    given: dict[str, Any] = dict(options)
    check_keywords("run", given, _KNOWN)
    if isinstance(input, Mapping) and not is_message(input):
        given |= {name: value for name, value in input.items() if name in _OWN}
        input = {name: value for name, value in input.items() if name not in _OWN}
    own = {name: given.pop(name) for name in _OWN & given.keys()}
    callbacks = Callbacks(**{name: given.pop(name) for name in _CALLBACKS & given.keys()})
    if not read_input(input, given).starts:
        input, given = None, {**given, "props": {}}
    session = {name: given.pop(name) for name in _OF_SESSION & given.keys()}
    session["max_ticks"] = fewest_ticks(session.get("max_ticks"), session.get("limits"))
    return RunInput(
        input=input, send=cast("SendKeywords", given), session=session, callbacks=callbacks, **own
    )
