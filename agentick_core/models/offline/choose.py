"""What the offline model does with a request: which text, which thoughts, which tools."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agentick_core.messages.blocks import Block, JsonBlock, ToolResultBlock
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.models.offline import answers
from agentick_core.models.plain import plain_text

_PARTS: Mapping[str, str] = {
    r"code|example": answers.CODE,
    r"tables?": answers.TABLE,
    r"lists?": answers.LIST,
    r"long": "\n".join((answers.LONG_HEAD, *answers.LONG_PARTS, answers.LONG_END)),
    r"slow(ly)?": answers.SLOW,
    r"reason(s|ing)?|think(ing)?": answers.THOUGHT_ANSWER,
}
_GREETING = r"hi|hello|hey|good (morning|afternoon|evening|day)"
_ABOUT = r"agentick|help|who|what (are|can) you|how (do|does|is)"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is answered: thoughts, then text, then tool calls or an error. `slow` stretches the pace."""

    text: str
    thought: str = ""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    fails: bool = False
    slow: bool = False


def plan(request: ModelRequest) -> Plan:
    """Decide by the words of the user's last message, and by what the tools gave since."""
    asked, since = _last_question(request.messages)
    results = tuple(result for message in since for result in message.tool_results)
    if results:
        return Plan(text=_told(results))
    words = asked.lower()
    if _says(words, "errors?|fail(s|ure)?"):
        return Plan(text=answers.BEFORE_ERROR, fails=True)
    offered = tuple(tool.name for tool in request.tools)
    if (wanted := _wanted_tools(words)) is not None:
        return _with_tools(asked, wanted, offered)
    return _with_text(asked, words)


def _last_question(messages: Sequence[Message]) -> tuple[str, Sequence[Message]]:
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        if message.role == "user" and not message.text.startswith("[Context]"):
            return message.text, messages[place + 1 :]
    return "", messages


def _says(words: str, pattern: str) -> bool:
    return re.search(rf"\b(?:{pattern})\b", words) is not None


def _wanted_tools(words: str) -> tuple[str, ...] | None:
    if _says(words, "sub-?agents?|child(ren)?"):
        return ("ask_child",)
    if _says(words, "approv(e|al)|notes?"):
        return ("note",)
    if _says(words, "parallel"):
        return ("clock", "add")
    if _says(words, "add|sum|plus"):
        return ("add",)
    if _says(words, "tools?|clock|time"):
        return ("clock",)
    return None


def _with_tools(asked: str, wanted: tuple[str, ...], offered: tuple[str, ...]) -> Plan:
    names = tuple("child" if name == "ask_child" and name not in offered else name for name in wanted)
    if any(name not in offered for name in names):
        return Plan(text=answers.without_tool(offered))
    text = answers.BEFORE_PARALLEL if len(names) > 1 else answers.BEFORE_TOOL[wanted[0]]
    return Plan(text=text, calls=tuple((name, _arguments(name, asked)) for name in names))


def _arguments(name: str, asked: str) -> Mapping[str, Any]:
    match name:
        case "add":
            first, second, *_ = [*map(float, _NUMBER.findall(asked)), 17.0, 25.0][:2]
            return {"a": _plain_number(first), "b": _plain_number(second)}
        case "note":
            said = re.search(r"\bnote\b(?:\s+(?:that|to|down))?[\s:,]+(.+)", asked, re.IGNORECASE | re.DOTALL)
            return {"text": said.group(1).strip() if said else "Try agentick with a real model."}
        case "child" | "ask_child":
            return {"question": "What is agentick, in one sentence?"}
        case _:
            return {}


def _plain_number(number: float) -> float:
    return int(number) if number.is_integer() else number


def _with_text(asked: str, words: str) -> Plan:
    parts = [text for pattern, text in _PARTS.items() if _says(words, pattern)]
    thought = answers.THOUGHT if _says(words, "reason(s|ing)?|think(ing)?") else ""
    if parts:
        return Plan(text="\n".join(parts), thought=thought, slow=_says(words, "slow(ly)?"))
    if _says(words, "one sentence"):
        return Plan(text=answers.ONE_SENTENCE)
    if _says(words, _ABOUT):
        return Plan(text=answers.ABOUT)
    if _says(words, _GREETING):
        return Plan(text=answers.GREETING)
    return Plan(text=answers.unknown(_topic(asked)))


def _topic(asked: str) -> str:
    """Give the first words of the message on one line, free of what would be Markdown."""
    line = re.sub(r"[`*_\[\]<>#|\\]", "", " ".join(asked.split())).rstrip("?!. ")
    return line if len(line) <= 60 else line[:60].rsplit(" ", 1)[0] + " …"


def _told(results: Iterable[ToolResultBlock]) -> str:
    told = [_sentence(result) for result in results]
    lines = told if len(told) == 1 else [f"- {line}" for line in told]
    return "\n".join(lines) + f"\n\n{answers.AFTER_TOOLS}"


def _sentence(result: ToolResultBlock) -> str:
    said = " ".join(filter(None, map(_said, result.content))).strip()
    if result.is_error:
        return f"`{result.name}` did not run: {_reason(said)}"
    match result.name:
        case "clock":
            return f"The clock says **{said}**."
        case "add":
            return f"The sum is **{said}**."
        case "note":
            return f"It is written down: {said}"
        case "child" | "ask_child":
            quoted = said.replace("\n", "\n> ")
            return f"The sub-agent answered:\n\n> {quoted}"
        case _:
            return f"`{result.name}` gave: {said or 'nothing'}"


def _said(block: Block) -> str:
    return json.dumps(block.data, ensure_ascii=False) if isinstance(block, JsonBlock) else plain_text(block)


def _reason(said: str) -> str:
    """Find the words in a failed result, which is JSON with the error in it."""
    try:
        value = json.loads(said)
    except ValueError:
        return said
    error = cast("dict[str, Any]", value).get("error") if isinstance(value, dict) else None
    return str(error or said)
