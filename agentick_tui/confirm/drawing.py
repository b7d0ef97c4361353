"""The lines of the panel: what will run, made from the exact arguments, and whose words are whose."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textual.content import Content

from agentick_tui.confirm.question import Question, RuleChoice
from agentick_tui.sanitize import shown

LIMIT = 200_000
SHORT = 60
_BAR = "  │ "


def title(position: tuple[int, int]) -> str:
    """Write the title of the panel: which question of how many."""
    at, count = position
    return f"Approve? {at} of {count}" if count > 1 else "Approve?"


def head(question: Question, *, edited: bool) -> Content:
    """Write who wants to run what, and what it does to the world."""
    path = " › ".join(map(shown, question.path))
    parts: list[Content | tuple[str, str] | str] = [
        ("? ", "bold $text-warning"),
        (f"{path} › " if path else "", "$text-muted"),
        (shown(question.name), "bold"),
        " wants to run",
    ]
    if question.effects:
        parts.append((f"  {' · '.join(map(shown, question.effects))}", "$text-warning"))
    if edited:
        parts.append(("  ✎ edited by you", "bold $text-accent"))
    return Content.assemble(*parts)


def body(question: Question, arguments: Mapping[str, Any]) -> tuple[Content, ...]:
    """Write the arguments, then why it is asked, whose words are shown, and the difference."""
    lines = list(argument_lines(arguments)) or [Content.styled("no arguments", "$text-muted")]
    if question.asked_by:
        lines.append(_labelled("asked by", shown(question.asked_by)))
    if question.message:
        lines.append(_labelled("the tool says", _one_line(question.message)))
    if question.said:
        lines.append(_labelled("the model says", f'"{_one_line(question.said)}"'))
    if question.diff:
        lines += diff_lines(question.diff)
    return tuple(lines)


def argument_lines(arguments: Mapping[str, Any]) -> Iterator[Content]:
    """Write each argument: short ones behind their name, longer ones below it behind a bar."""
    for name, value in arguments.items():
        text = value if isinstance(value, str) else _json(value)
        rows = [shown(row) for row in text[:LIMIT].split("\n")]
        label = (f"{shown(name)}: ", "bold $text-accent")
        if len(rows) == 1:
            yield Content.assemble(label, rows[0])
        else:
            yield Content.assemble(label, (f"{len(rows)} lines", "$text-muted"))
            yield from (Content.assemble((_BAR, "$text-muted"), row) for row in rows)
        yield from _left_out(text)


def _json(value: object) -> str:
    short = json.dumps(value, ensure_ascii=False, default=repr)
    return short if len(short) <= SHORT else json.dumps(value, ensure_ascii=False, indent=2, default=repr)


def diff_lines(patch: str) -> list[Content]:
    """Write a patch; the signs at the beginning say what the colours say."""
    return [*(_diff_line(shown(line)) for line in patch[:LIMIT].split("\n")), *_left_out(patch)]


def _left_out(text: str) -> Iterator[Content]:
    if len(text) > LIMIT:
        yield Content.styled(f"{_BAR}… {len(text) - LIMIT} more characters", "$text-warning")


def _diff_line(line: str) -> Content:
    if line.startswith(("+++", "---")):
        return Content.styled(line, "bold")
    styles = {"+": "$text-success", "-": "$text-error", "@": "$text-accent"}
    return Content.styled(line, styles.get(line[:1], "$foreground"))


def rule_lines(rules: Sequence[RuleChoice], marked: int, *, chosen: bool) -> tuple[Content, ...]:
    """Write the rules that "always" offers; once chosen, exactly what would be stored."""
    if chosen:
        rule = rules[marked]
        return (
            Content.assemble(("This stores: ", "bold $text-warning"), (shown(rule.label), "bold")),
            Content.assemble(("  ", ""), shown(rule.detail)),
        )
    return tuple(
        Content.assemble(
            ("› " if at == marked else "  ", "bold $text-accent"),
            (shown(rule.label), "bold" if at == marked else ""),
            (f"  {shown(rule.detail)}", "$text-muted"),
        )
        for at, rule in enumerate(rules)
    )


def keys(pairs: Sequence[tuple[str, str]], width: int) -> Content:
    """Write keys and their words on one line, as many as fit."""
    line = Content("")
    for key, word in pairs:
        piece = Content.assemble(
            ("  " if len(line) else "", ""), (key, "bold $text-accent"), (f" {word}", "$foreground")
        )
        if line.cell_length + piece.cell_length > width:
            break
        line += piece
    return line


def _labelled(label: str, text: str) -> Content:
    return Content.assemble((f"{label}: ", "$text-muted"), text)


def _one_line(text: str) -> str:
    lines = (line.strip(" ") for line in text.split("\n"))
    return shown(" ".join(line for line in lines if line))
