"""What the status bar says, as values, and how each part is written; pure but for the content it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from agentick_tui.keymap import BLOCKS, ScreenState
from agentick_tui.sanitize import shown

WARN_AT = 50
FULL_AT = 80
STALLED_AFTER = 30
_BAR_CELLS = 5
# The free cells at both ends of the bar: what is beneath it stands in the same columns.
_MARGIN = 1
# What is left out first where the line is too long; the state stays.
_GIVES_WAY = ("reason", "tick", "tokens", "words", "context", "model", "queue", "retry")
_FIRST_HINT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is going on.

    `tokens` are those of the session, `context` how many of the `window` the last request used (None where that is
    not known); `estimated` says that the counts are guesses. `awaiting` says what is waited for, `since` when that
    began, and `heard` when the model that is waited for said something last, in seconds of the monotonic clock.
    `retry` says which attempt is made of a call, `reason` why. `notice` takes the place of the hints, such as
    "Ctrl+C again to quit".
    """

    state: ScreenState = ScreenState.IDLE
    model: str = ""
    tokens: int | None = None
    context: int | None = None
    window: int | None = None
    estimated: bool = False
    tick: int = 0
    awaiting: str = ""
    since: float | None = None
    heard: float | None = None
    retry: str = ""
    reason: str = ""
    queued: int = 0
    paused: bool = False
    notice: str = ""


# A state's glyph, its word and its colour: none of them stands alone.
STATES: Mapping[ScreenState, tuple[str, str, str]] = {
    ScreenState.IDLE: ("○", "idle", "$text-success"),
    ScreenState.RUNNING: ("●", "running", "$text-warning"),
    ScreenState.STOPPING: ("◌", "stopping", "$text-warning"),
    ScreenState.CONFIRMING: ("?", "confirm", "bold $text-warning"),
    ScreenState.REASON: ("?", "confirm", "bold $text-warning"),
    ScreenState.OPEN: ("?", "confirm", "bold $text-warning"),
    ScreenState.COMMAND: ("●", "command", "$text-warning"),
    ScreenState.READ_ONLY: ("◇", "read-only", "$text-muted"),
    ScreenState.BLOCK: ("▸", "block", "$text-accent"),
    ScreenState.WHOLE_BLOCK: ("▸", "block", "$text-accent"),
}


def short_count(count: int) -> str:
    """Write a count of tokens: 950, 12.3K, 1.2M."""
    if count < 1000:
        return str(count)
    value, unit = (count / 1000, "K") if count < 999_950 else (count / 1_000_000, "M")
    return f"{value:.1f}".removesuffix(".0") + unit


def short_time(seconds: float) -> str:
    """Write a duration: 7s, 2m05s, 1h03m."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def state_part(status: Status, now: float, *, short: bool) -> Content:
    """Write the state: glyph, word, what is awaited, and since when."""
    glyph, word, style = STATES[status.state]
    told = status.awaiting and status.state in BLOCKS | {ScreenState.RUNNING}
    words = [word] if short or not told else [word, "·", shown(status.awaiting)]
    if status.since is not None and status.state is not ScreenState.IDLE:
        words.append(short_time(now - status.since))
    return Content.assemble((f"{glyph} {' '.join(words)}", style))


def context_part(status: Status) -> Content | None:
    """Write how full the context is: a small bar and the percentage, coloured from 50 and from 80 on."""
    if status.context is None or not status.window:
        return None
    percent = 100 * status.context / status.window
    style = "$text-error" if percent >= FULL_AT else "$text-warning" if percent >= WARN_AT else "$text-muted"
    mark = "!" if percent >= FULL_AT else ""
    about = "~" if status.estimated else ""
    full, rest = _bar(percent)
    return Content.assemble((full, style), (rest, "$border"), (f" {about}{percent:.0f}%{mark}", style))


def _bar(percent: float) -> tuple[str, str]:
    """Draw the bar: heavy what is used, thin what is free."""
    halves = round(min(100.0, max(0.0, percent)) / 100 * _BAR_CELLS * 2)
    full = "━" * (halves // 2) + "╸" * (halves % 2)
    return full, "─" * (_BAR_CELLS - len(full))


def tokens_part(status: Status) -> Content | None:
    """Write how many tokens there were."""
    if status.tokens is None:
        return None
    about = "~" if status.estimated else ""
    return Content.styled(f"{about}{short_count(status.tokens)} tok", "$text-muted")


def retry_part(status: Status, *, short: bool = False) -> Content:
    """Write that a call is tried again: how often so far, and why."""
    why = "" if short or not status.reason else f": {status.reason}"
    return Content.styled(f"↻ {shown(status.retry + why)}", "$text-warning")


def queue_part(status: Status) -> Content | None:
    """Write how many messages wait."""
    if not status.queued:
        return None
    if status.paused:
        return Content.styled(f"‖ {status.queued} paused", "$text-warning")
    return Content.styled(f"↳ {status.queued} queued", "$text-accent")


def right_side(status: Status, width: int, now: float) -> Content:
    """Write the right half for this width: under 60 the state; under 80 model and state; else all of it, as far as
    the most useful key still has a place beside it."""
    parts: dict[str, Content | None] = {}
    if status.retry:
        parts["retry"] = retry_part(status)
    if width >= 60 and status.model:
        parts["model"] = Content.styled(shown(status.model), "$foreground")
    if width >= 80:
        parts |= {"tokens": tokens_part(status), "context": context_part(status)}
        parts["tick"] = Content.styled(f"tick {status.tick}", "$text-muted") if status.tick else None
    if width >= 60:
        parts["queue"] = queue_part(status)
    parts["state"] = state_part(status, now, short=width < 80)
    for name in _GIVES_WAY:
        if _joined(parts).cell_length <= width - _FIRST_HINT:
            break
        if name == "words":
            parts["state"] = state_part(status, now, short=True)
        elif name == "reason":
            parts["retry"] = retry_part(status, short=True) if status.retry else None
        else:
            parts[name] = None
    return _joined(parts)


def _joined(parts: Mapping[str, Content | None]) -> Content:
    return Content.styled(" │ ", "$border").join([part for part in parts.values() if part is not None])


def left_side(status: Status, hints: Sequence[tuple[str, str]], room: int) -> Content:
    """Write the notice, or as many keys with their words as there is room for."""
    if status.notice:
        return Content.styled(shown(status.notice), "bold $text-warning").truncate(
            max(0, room), ellipsis=True
        )
    line = Content("")
    for key, word in hints:
        piece = Content.assemble(
            ("  " if len(line) else ""), (key, "bold $foreground"), (f" {word}", "$text-muted")
        )
        if line.cell_length + piece.cell_length > room:
            break
        line += piece
    return line


def _stalled(status: Status, now: float) -> str:
    """Say what can be done where nothing has come from a model for long."""
    silent = 0.0 if status.heard is None else now - status.heard
    if silent < STALLED_AFTER or status.state is not ScreenState.RUNNING:
        return ""
    return f"No data for {short_time(silent)}: Esc stops, then Up to send again"


def status_line(status: Status, hints: Sequence[tuple[str, str]], width: int, now: float) -> Content:
    """Write the whole line, exactly as wide as the bar."""
    if not status.notice:
        status = replace(status, notice=_stalled(status, now))
    room = max(0, width - 2 * _MARGIN)
    edge = Content(" " * _MARGIN)
    right = right_side(status, width, now).truncate(room, ellipsis=True)
    if status.notice and right.cell_length + len(status.notice) + 2 > room:
        return (edge + left_side(status, (), room).truncate(room, pad=True) + edge).truncate(width)
    left = left_side(status, hints, room - right.cell_length - 2)
    return (edge + left.truncate(max(0, room - right.cell_length), pad=True) + right + edge).truncate(width)
