"""What each key does in each state of the screen: one table for bindings, hints, help and palette.

Nothing here imports Textual before `bindings` is called, so that the commands' help can read the table.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from textual.binding import Binding


class ScreenState(Enum):
    """What the screen is doing; it decides what Enter, Esc and Ctrl+C mean.

    COMMAND is a tool that was dispatched by hand and runs while no answer does; WHOLE_BLOCK is the block cursor on a
    block that there is nothing more of to see; READ_ONLY a session that another process writes.
    """

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"
    CONFIRMING = "confirming"
    REASON = "reason"
    OPEN = "open"
    COMMAND = "command"
    READ_ONLY = "read-only"
    BLOCK = "block"
    WHOLE_BLOCK = "whole block"


class Act(Enum):
    """What a key asks for, once the state of the screen is taken into account."""

    NOTHING = "nothing"
    ACCEPT = "accept"
    CLOSE = "close"
    SEND = "send"
    RESUME_QUEUE = "resume the queue"
    QUEUE = "queue"
    STEER = "steer"
    STEER_FIRST = "steer the first queued"
    NEWLINE = "newline"
    INTERRUPT = "interrupt"
    KEEP_DRAFT = "draft into the history"
    ARM_QUIT = "arm quit"
    QUIT = "quit"
    REFUSE = "refuse"
    REFUSE_WITH_REASON = "refuse with the reason"
    REFUSE_CANCELLED = "refuse, cancelled by user"
    EMPTY_REASON = "empty the reason"
    OPEN_BLOCK = "open the block"
    BACK_TO_PROMPT = "back to the prompt"
    COPY = "copy"


_S = ScreenState
EVERY: frozenset[ScreenState] = frozenset(ScreenState)
TYPING: frozenset[ScreenState] = frozenset((_S.IDLE, _S.READ_ONLY, _S.COMMAND, _S.RUNNING, _S.STOPPING))
BLOCKS: frozenset[ScreenState] = frozenset((_S.BLOCK, _S.WHOLE_BLOCK))

# No answer runs or is being stopped.
_AT_REST = frozenset((_S.IDLE, _S.READ_ONLY, _S.COMMAND))

# Per state and key: what it does on an empty prompt, and with text in it.
_TABLE: Mapping[tuple[ScreenState, str], tuple[Act, Act]] = {
    (_S.OPEN, "enter"): (Act.ACCEPT, Act.ACCEPT),
    (_S.OPEN, "tab"): (Act.ACCEPT, Act.ACCEPT),
    (_S.OPEN, "escape"): (Act.CLOSE, Act.CLOSE),
    (_S.OPEN, "ctrl+c"): (Act.CLOSE, Act.CLOSE),
    (_S.IDLE, "enter"): (Act.NOTHING, Act.SEND),
    (_S.IDLE, "alt+enter"): (Act.NEWLINE, Act.NEWLINE),
    (_S.IDLE, "ctrl+c"): (Act.ARM_QUIT, Act.KEEP_DRAFT),
    (_S.IDLE, "ctrl+d"): (Act.QUIT, Act.NOTHING),
    (_S.READ_ONLY, "enter"): (Act.NOTHING, Act.SEND),
    (_S.READ_ONLY, "alt+enter"): (Act.NEWLINE, Act.NEWLINE),
    (_S.READ_ONLY, "ctrl+c"): (Act.ARM_QUIT, Act.KEEP_DRAFT),
    (_S.READ_ONLY, "ctrl+d"): (Act.QUIT, Act.NOTHING),
    (_S.COMMAND, "enter"): (Act.NOTHING, Act.SEND),
    (_S.COMMAND, "alt+enter"): (Act.NEWLINE, Act.NEWLINE),
    (_S.COMMAND, "escape"): (Act.INTERRUPT, Act.INTERRUPT),
    (_S.COMMAND, "ctrl+c"): (Act.INTERRUPT, Act.INTERRUPT),
    (_S.RUNNING, "enter"): (Act.STEER_FIRST, Act.QUEUE),
    (_S.RUNNING, "alt+enter"): (Act.STEER_FIRST, Act.STEER),
    (_S.RUNNING, "escape"): (Act.INTERRUPT, Act.INTERRUPT),
    (_S.RUNNING, "ctrl+c"): (Act.INTERRUPT, Act.INTERRUPT),
    (_S.STOPPING, "enter"): (Act.NOTHING, Act.QUEUE),
    (_S.STOPPING, "alt+enter"): (Act.NOTHING, Act.QUEUE),
    (_S.STOPPING, "ctrl+c"): (Act.ARM_QUIT, Act.ARM_QUIT),
    (_S.CONFIRMING, "escape"): (Act.REFUSE, Act.REFUSE),
    (_S.CONFIRMING, "ctrl+c"): (Act.REFUSE_CANCELLED, Act.REFUSE_CANCELLED),
    (_S.REASON, "enter"): (Act.REFUSE, Act.REFUSE_WITH_REASON),
    (_S.REASON, "escape"): (Act.EMPTY_REASON, Act.EMPTY_REASON),
    (_S.REASON, "ctrl+c"): (Act.REFUSE_CANCELLED, Act.REFUSE_CANCELLED),
    (_S.BLOCK, "enter"): (Act.OPEN_BLOCK, Act.OPEN_BLOCK),
    (_S.BLOCK, "escape"): (Act.BACK_TO_PROMPT, Act.BACK_TO_PROMPT),
    (_S.BLOCK, "ctrl+c"): (Act.COPY, Act.COPY),
    (_S.WHOLE_BLOCK, "escape"): (Act.BACK_TO_PROMPT, Act.BACK_TO_PROMPT),
    (_S.WHOLE_BLOCK, "ctrl+c"): (Act.COPY, Act.COPY),
}


def decide(
    state: ScreenState,
    key: str,
    *,
    has_text: bool,
    selection: bool = False,
    armed: bool = False,
    paused: bool = False,
) -> Act:
    """Give what the key asks for. `has_text` says whether the line that is edited (the prompt, or the reason)
    holds any; `selection` whether text is selected, `armed` whether quitting was asked for a moment ago,
    `paused` whether a queue waits to be resumed.
    """
    if key == "ctrl+c" and selection:
        return Act.COPY
    if key in ("shift+enter", "ctrl+j"):
        return Act.NEWLINE if state in TYPING or state is ScreenState.OPEN else Act.NOTHING
    act = _TABLE.get((state, key), (Act.NOTHING, Act.NOTHING))[has_text]
    if act is Act.ARM_QUIT and armed:
        return Act.QUIT
    if state in _AT_REST and key == "enter" and paused and not has_text:
        return Act.RESUME_QUEUE
    return act


Scope: TypeAlias = Literal["app", "prompt", "confirm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAction:
    """One thing a key does: `label` for help and palette, `hint` for the status bar ("" is not shown there).

    `scope` says who listens: the application, the prompt, or the confirmation. `command` names the command
    that the key dispatches; `priority` keys are heard before any widget.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    scope: Scope = "app"
    states: frozenset[ScreenState] = EVERY
    hint: str = ""
    command: str = ""
    priority: bool = False


_ASKING = frozenset((_S.CONFIRMING,))
_RUNNING = frozenset((_S.RUNNING,))
_OPEN = frozenset((_S.OPEN,))
_READING = TYPING | BLOCKS

ACTIONS: tuple[KeyAction, ...] = (
    KeyAction(id="send", keys=("enter",), label="Send", scope="prompt", states=_AT_REST, hint="send"),
    KeyAction(
        id="interrupt",
        keys=("escape",),
        label="Stop the answer or the command; what was typed stays",
        scope="prompt",
        states=_RUNNING | {_S.COMMAND},
        hint="stop",
    ),
    KeyAction(
        id="queue",
        keys=("enter",),
        label="Queue the message; on an empty prompt steer with the first queued",
        scope="prompt",
        states=frozenset((_S.RUNNING, _S.STOPPING)),
        hint="queue",
    ),
    KeyAction(
        id="steer",
        keys=("alt+enter",),
        label="Steer: the message reaches the next tick",
        scope="prompt",
        states=_RUNNING,
        hint="steer",
    ),
    KeyAction(
        id="newline",
        keys=("ctrl+j", "shift+enter"),
        label="New line",
        scope="prompt",
        states=TYPING,
        hint="new line",
    ),
    KeyAction(
        id="accept",
        keys=("tab", "enter"),
        label="Take the completion",
        scope="prompt",
        states=_OPEN,
    ),
    KeyAction(id="close", keys=("escape",), label="Close", scope="prompt", states=_OPEN),
    KeyAction(
        id="history_back",
        keys=("up",),
        label="At the first line: the message sent before",
        scope="prompt",
        states=TYPING,
    ),
    KeyAction(
        id="history_on",
        keys=("down",),
        label="At the last line: the message sent after, then the draft",
        scope="prompt",
        states=TYPING,
    ),
    KeyAction(id="approve", keys=("y",), label="Approve once", scope="confirm", states=_ASKING, hint="yes"),
    KeyAction(
        id="refuse",
        keys=("n", "tab"),
        label="Refuse, with a reason",
        scope="confirm",
        states=_ASKING,
        hint="no…",
    ),
    KeyAction(
        id="always",
        keys=("a",),
        label="Approve always: choose the rule",
        scope="confirm",
        states=_ASKING,
        hint="always…",
    ),
    KeyAction(
        id="edit", keys=("e",), label="Edit the arguments", scope="confirm", states=_ASKING, hint="edit"
    ),
    KeyAction(
        id="diff", keys=("d",), label="Show the difference", scope="confirm", states=_ASKING, hint="diff"
    ),
    KeyAction(
        id="refuse_now", keys=("escape",), label="Refuse", scope="confirm", states=_ASKING, hint="refuse"
    ),
    KeyAction(
        id="open_block",
        keys=("enter",),
        label="Open the block",
        scope="prompt",
        states=frozenset((_S.BLOCK,)),
        hint="open",
    ),
    KeyAction(
        id="leave_block",
        keys=("escape",),
        label="Back to the prompt",
        scope="prompt",
        states=BLOCKS,
        hint="back",
    ),
    KeyAction(
        id="copy_block", keys=("ctrl+c",), label="Copy the block", scope="prompt", states=BLOCKS, hint="copy"
    ),
    KeyAction(
        id="stop",
        keys=("ctrl+c",),
        label="Copy what is selected, close, refuse or stop; pressed twice: quit",
        states=EVERY - BLOCKS,
        priority=True,
    ),
    KeyAction(id="help", keys=("f1",), label="Help", hint="help", states=TYPING, command="help"),
    KeyAction(id="new", keys=("alt+n",), label="New session", states=TYPING, command="new"),
    KeyAction(id="sessions", keys=("alt+l",), label="List the sessions", states=TYPING, command="sessions"),
    KeyAction(id="palette", keys=("ctrl+p",), label="Palette of everything", states=TYPING),
    KeyAction(id="devtools", keys=("f12",), label="Open or close DevTools", hint="DevTools", priority=True),
    KeyAction(id="devtools_tab", keys=("alt+t",), label="Next tab of DevTools"),
    KeyAction(id="devtools_up", keys=("alt+pageup",), label="Scroll DevTools up"),
    KeyAction(id="devtools_down", keys=("alt+pagedown",), label="Scroll DevTools down"),
    KeyAction(id="scroll_up", keys=("pageup",), label="Scroll up"),
    KeyAction(id="scroll_down", keys=("pagedown",), label="Scroll down"),
    KeyAction(id="scroll_home", keys=("ctrl+home",), label="To the beginning"),
    KeyAction(id="scroll_end", keys=("ctrl+end",), label="To the end, and stay there"),
    KeyAction(id="block_up", keys=("alt+up",), label="Block cursor up", states=_READING),
    KeyAction(id="block_down", keys=("alt+down",), label="Block cursor down", states=_READING),
    KeyAction(id="fold_all", keys=("alt+o",), label="Fold or open every block", states=_READING),
    KeyAction(id="redraw", keys=("ctrl+l",), label="Draw the screen again"),
    KeyAction(id="suspend", keys=("ctrl+z",), label="Suspend to the shell"),
    KeyAction(id="quit", keys=("ctrl+q",), label="Quit", command="exit", priority=True),
)

# Keys that are spoken for, so that nobody gives them to something else.
RESERVED: Mapping[str, str] = {
    "alt+s": "search",
    "ctrl+r": "search the history",
    "ctrl+g": "open the editor",
    "f2": "settings",
}

_PRETTY: Mapping[str, str] = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "underscore": "_",
    "slash": "/",
}


def key_name(key: str) -> str:
    """Write a key as a person reads it: "alt+enter" is "Alt+Enter", "y" stays "y"."""
    *modifiers, last = key.split("+")
    if last in _PRETTY:
        name = _PRETTY[last]
    elif len(last) == 1:
        name = last.upper() if modifiers else last
    else:
        name = last.capitalize()
    return "+".join([*(part.capitalize() for part in modifiers), name])


def hints(
    state: ScreenState, *, scopes: Collection[Scope] = ("prompt", "app")
) -> tuple[tuple[str, str], ...]:
    """Give the keys worth showing in this state, each with its word, the most useful first."""
    return tuple(
        (key_name(row.keys[0]), row.hint)
        for row in ACTIONS
        if row.hint and state in row.states and row.scope in scopes
    )


def key_help() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Give every action as (keys, label), as help lists them: by when they are heard."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in ACTIONS:
        groups.setdefault(_when(row), []).append((", ".join(map(key_name, row.keys)), row.label))
    return groups


def _when(row: KeyAction) -> str:
    if row.scope == "confirm":
        return "Keys when a tool asks"
    if row.scope == "app":
        return "Keys everywhere"
    if row.states <= BLOCKS:
        return "Keys on a block of the transcript"
    if row.states <= _OPEN:
        return "Keys in the list of completions"
    return "Keys at the prompt" if ScreenState.IDLE in row.states else "Keys while something runs"


def bindings() -> "list[Binding]":
    """Give the application's own actions as Textual bindings; each calls `action_<id>`."""
    from textual.binding import Binding

    return [
        Binding(",".join(row.keys), row.id, row.label, show=False, priority=row.priority, id=row.id)
        for row in ACTIONS
        if row.scope == "app"
    ]
