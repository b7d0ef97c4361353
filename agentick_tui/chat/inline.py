"""Inline Markdown as styled spans: emphasis, code, links."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token
from rich.style import Style

from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import Span
from agentick_tui.sanitize import flow

_BOLD, _ITALIC, _STRIKE = Style(bold=True), Style(italic=True), Style(strike=True)
_OPENED = {"strong_open": _BOLD, "em_open": _ITALIC, "s_open": _STRIKE}


@dataclass(slots=True)
class _Run:
    looks: Looks
    styles: list[Style]
    spans: list[Span] = field(default_factory=list[Span])
    links: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


def inline_spans(tokens: Sequence[Token], base: Style, looks: Looks) -> list[Span]:
    """Turn inline tokens into spans over a base style; a line break is a blank, a hard one a newline."""
    run = _Run(looks, [base])
    for token in tokens:
        _take(token, run)
    return run.spans


def _take(token: Token, run: _Run) -> None:
    # The parser has turned entities into characters: what the filter took out could be back.
    content = flow(token.content)
    style = run.styles[-1]
    match token.type:
        case "softbreak":
            run.spans.append((" ", style))
        case "hardbreak":
            run.spans.append(("\n", style))
        case "code_inline":
            run.spans.append((content, style + run.looks.code))
        case "strong_open" | "em_open" | "s_open":
            run.styles.append(style + _OPENED[token.type])
        case "link_open":
            run.links.append((flow(str(token.attrGet("href") or "")), len(run.spans)))
            run.styles.append(style + run.looks.link)
        case "link_close":
            run.styles.pop()
            _end_link(run)
        case "strong_close" | "em_close" | "s_close":
            run.styles.pop()
        case "image":
            run.spans.append((f"[{content or 'image'}]", style + run.looks.link))
            run.spans.append((f" ({flow(str(token.attrGet('src') or ''))})", run.looks.muted))
        case _:
            if content:
                run.spans.append((content, style))


def _end_link(run: _Run) -> None:
    """Put a link's address behind its words, where they do not give it already."""
    address, start = run.links.pop()
    label = "".join([text for text, _ in run.spans[start:]])
    if address and address not in (label, f"mailto:{label}", f"http://{label}", f"https://{label}"):
        run.spans.append((f" ({address})", run.looks.muted))
