"""The rows of every block that is not an answer: messages, calls, agents, errors, notices."""

from collections.abc import Sequence
from typing import assert_never

from rich.cells import cell_len
from rich.style import Style

from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import Fill, Row, Span, clip, plain_row, wrap
from agentick_tui.sanitize import flow, shown
from agentick_tui.transcript.blocks import (
    AgentBlock,
    AnswerBlock,
    CommandBlock,
    ErrorBlock,
    InterruptedBlock,
    NoticeBlock,
    OtherBlock,
    ReasoningBlock,
    ToolBlock,
    ToolState,
    TranscriptBlock,
    UserBlock,
)
from agentick_tui.transcript.flow_text import FlowText

PREVIEW_LINES = 10
OPEN_LINES = 500
# Of a command: it was asked for to be read.
COMMAND_LINES = 60
# What is looked at of a long output; the rest is only counted.
LINE_CHARS = 2000
INDENT = "  "
GLYPHS = {
    ToolState.QUEUED: "○",
    ToolState.RUNNING: "◐",
    ToolState.WAITING: "◇",
    ToolState.DONE: "✓",
    ToolState.FAILED: "✗",
    ToolState.DENIED: "⊘",
    ToolState.CANCELLED: "◌",
    ToolState.UNKNOWN: "?",
}


def is_openable(block: TranscriptBlock) -> bool:
    """Tell whether there is more of a block to see than it shows while it is folded."""
    match block:
        case ReasoningBlock(text):
            return bool(text.size)
        case ToolBlock(output=output):
            return _lines(output) > PREVIEW_LINES
        case CommandBlock(output=output):
            return _lines(output) > COMMAND_LINES
        case AgentBlock():
            return True
        case _:
            return False


def card_rows(block: TranscriptBlock, folded: bool, width: int, looks: Looks) -> list[Row]:
    """Lay a block out; a folded one shows what is needed to decide whether to open it."""
    match block:
        case UserBlock():
            return _user(block, width, looks)
        case ReasoningBlock():
            return _reasoning(block, folded, width, looks)
        case ToolBlock():
            return _tool(block, folded, width, looks)
        case CommandBlock():
            return _command(block, folded, width, looks)
        case AgentBlock():
            return _agent(block, folded, width, looks)
        case ErrorBlock():
            return _error(block, width, looks)
        case NoticeBlock() | InterruptedBlock() | OtherBlock():
            return _line(block, width, looks)
        case AnswerBlock():
            return []
        case _:
            assert_never(block)


def _line(block: NoticeBlock | InterruptedBlock | OtherBlock, width: int, looks: Looks) -> list[Row]:
    """Lay out a block of a few words."""
    rest = [(INDENT, looks.text)]
    match block:
        case NoticeBlock(text, "warning"):
            return wrap([(flow(text), looks.muted)], width, first=[("! ", looks.warning)], rest=rest)
        case NoticeBlock(text):
            return wrap([(flow(text), looks.muted)], width, first=[("· ", looks.muted)], rest=rest)
        case InterruptedBlock(reason):
            words = f"interrupted · {flow(reason)}" if reason else "interrupted"
            return wrap([(words, looks.muted)], width, first=[("■ ", looks.warning)], rest=rest)
        case OtherBlock(label):
            return [plain_row(clip([("▢ ", looks.accent), (flow(label), looks.muted)], width), 2)]


def seconds_text(seconds: float) -> str:
    """Write a duration as one reads it."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "<1 ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def elapsed_text(seconds: float) -> str:
    """Write the time that something has taken so far, in whole seconds."""
    return f"{seconds:.0f} s" if seconds < 9.5 else seconds_text(seconds)


def _user(block: UserBlock, width: int, looks: Looks) -> list[Row]:
    fill = Fill(looks.user_text)
    first, rest = [("› ", looks.user_text + looks.user)], [(INDENT, looks.user_text)]
    spans: list[Span] = [(block.text.text.rstrip() or " ", looks.user_text)]
    spans += [(f"\n▢ {label}", looks.user_text + looks.muted) for label in block.attachments]
    return wrap(spans, width, first=first, rest=rest, fill=fill)


def _reasoning(block: ReasoningBlock, folded: bool, width: int, looks: Looks) -> list[Row]:
    title = "thinking" if block.open else "thought"
    if block.seconds:
        title = f"{title} for {elapsed_text(block.seconds) if block.open else seconds_text(block.seconds)}"
    glyph = ("▸ " if folded else "▾ ", looks.muted)
    quiet = looks.muted + Style(italic=True)
    if folded:
        words = " ".join(block.text.text[:400].split())
        return [plain_row(clip([glyph, (title, quiet), (f" · {words}" if words else "…", quiet)], width), 2)]
    rows = [plain_row([glyph, (title, quiet)], 2)]
    indent = [(INDENT, looks.text)]
    return rows + wrap([(block.text.text.strip("\n"), quiet)], width, first=indent, rest=indent)


def _tool(block: ToolBlock, folded: bool, width: int, looks: Looks) -> list[Row]:
    style = _state_style(block.state, looks)
    tail = _ending(block.state, block.seconds, style, looks)
    head = _headline(
        [(f"{GLYPHS[block.state]} ", style), (shown(block.name), looks.strong)],
        block.summary,
        tail,
        width,
        looks,
    )
    return [head, *_output(block.output, PREVIEW_LINES if folded else OPEN_LINES, width, looks, looks.muted)]


def _command(block: CommandBlock, folded: bool, width: int, looks: Looks) -> list[Row]:
    style = _state_style(block.state, looks)
    done = block.state is ToolState.DONE
    tail: list[Span] = [] if done else [(" · ", looks.muted), (block.state.value, style)]
    glyph = ("› ", looks.accent) if done else (f"{GLYPHS[block.state]} ", style)
    name = f"/{shown(block.name)}"
    head = _headline([glyph, (name, looks.strong)], block.summary, tail, width, looks)
    limit = COMMAND_LINES if folded else OPEN_LINES
    # What is too long for a row goes on in the next one.
    return [head, *_output(block.output, limit, width, looks, looks.text, cut=False)]


def _agent(block: AgentBlock, folded: bool, width: int, looks: Looks) -> list[Row]:
    style = _state_style(block.state, looks)
    tail = _ending(block.state, block.seconds, style, looks)
    if block.tools:
        tail.append((f" · {block.tools} tool{'s' if block.tools > 1 else ''}", looks.muted))
    if block.tokens:
        tail.append((f" · {block.tokens:,} tokens", looks.muted))
    said = " ".join(block.output.text[:400].split()) if block.state is ToolState.FAILED else ""
    fold = ("▸ " if folded else "▾ ", looks.muted)
    lead = [(f"{GLYPHS[block.state]} ", style), fold, (shown(block.name), looks.strong)]
    return [_headline(lead, said, tail, width, looks)]


def _error(block: ErrorBlock, width: int, looks: Looks) -> list[Row]:
    bar = ("▌ ", looks.error)
    rows = wrap(
        [(flow(block.title), looks.error + Style(bold=True))],
        width,
        first=[bar, ("✗ ", looks.error)],
        rest=[bar],
    )
    inner = [bar, (INDENT, looks.text)]
    if block.cause:
        rows += wrap([(flow(block.cause), looks.text)], width, first=inner, rest=inner)
    if block.hint:
        rows += wrap([(flow(block.hint), looks.muted)], width, first=[bar, ("→ ", looks.accent)], rest=inner)
    return rows


def _ending(state: ToolState, seconds: float | None, style: Style, looks: Looks) -> list[Span]:
    """Say how it stands, and how long it took, or has taken so far."""
    spans: list[Span] = [
        (" · ", looks.muted),
        (state.value, looks.muted if state is ToolState.DONE else style),
    ]
    if seconds is not None and not state.is_open:
        spans.append((f" · {seconds_text(seconds)}", looks.muted))
    elif seconds is not None and seconds >= 1:
        spans.append((f" · {elapsed_text(seconds)}", looks.muted))
    return spans


def _headline(lead: Sequence[Span], summary: str, tail: Sequence[Span], width: int, looks: Looks) -> Row:
    """Put name, summary and state into one row: the summary gives way first, then the details behind the state."""
    size = sum([cell_len(text) for text, _ in lead])
    while len(tail) > 2 and size + sum([len(text) for text, _ in tail]) > width:
        tail = tail[:-1]
    lead = clip(lead, max(4, width - sum([len(text) for text, _ in tail])))
    room = width - sum([len(text) for text, _ in (*lead, *tail)]) - 2
    middle = (
        clip([("  ", looks.text), (flow(" ".join(summary.split())), looks.muted)], room)
        if summary and room > 8
        else []
    )
    return plain_row(clip([*lead, *middle, *tail], width), 2)


def _lines(output: FlowText) -> int:
    return output.text.strip("\n").count("\n") + 1


def _output(
    output: FlowText, limit: int, width: int, looks: Looks, style: Style, *, cut: bool = True
) -> list[Row]:
    """Show the first lines of an output, each cut to one row or wrapped, and count the others."""
    if not output.size:
        return []
    lines = output.text.strip("\n").split("\n")
    indent: Span = (INDENT + INDENT, looks.text)
    rows: list[Row] = []
    for line in lines[:limit]:
        spans = [(line[:LINE_CHARS], style)]
        if cut:
            rows.append(plain_row([indent, *clip(spans, max(4, width - 4))], 4))
        else:
            rows += wrap(spans, width, first=[indent], rest=[indent])
    more = len(lines) - limit
    if more > 0:
        rows.append(plain_row([indent, (f"… {more:,} more line{'s' if more > 1 else ''}", looks.faint)], 4))
    return rows


def _state_style(state: ToolState, looks: Looks) -> Style:
    """Give the style of a state's glyph and word."""
    match state:
        case ToolState.DONE:
            return looks.success
        case ToolState.FAILED | ToolState.DENIED:
            return looks.error
        case ToolState.WAITING | ToolState.UNKNOWN:
            return looks.warning
        case ToolState.RUNNING:
            return looks.accent
        case ToolState.QUEUED | ToolState.CANCELLED:
            return looks.muted
