"""From a typed line to a command's name and its arguments; pure, and never a guess.

What is written is either a text or a command; arguments come as `key=value` or in the order of the schema.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from agentick_core.errors import ToolInputError
from agentick_tui.commands.schema import Parameter, last_text_of, parameters_of, usage_of_parameters
from agentick_tui.commands.values import parse_value


@dataclass(frozen=True, slots=True)
class PlainText:
    """What goes to the model, as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command: the name without its slash, and the rest of the line as it was typed."""

    name: str
    rest: str = ""


Line: TypeAlias = PlainText | CommandLine


def read_line(text: str) -> Line:
    """Tell a command from a text.

    A text begins with anything but a slash, with a blank, with `//` (which loses one slash), or with a word
    that holds a second slash, as a path does.
    """
    if text.startswith("//"):
        return PlainText(text[1:])
    if not text.startswith("/"):
        return PlainText(text)
    words = text[1:].split(maxsplit=1)
    if not words or text[1].isspace():
        return PlainText(text)
    name = words[0]
    if "/" in name:
        return PlainText(text)
    return CommandLine(name, text[1 + len(name) + 1 :])


def parse_arguments(name: str, rest: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the input of the command from what was typed behind its name.

    A command whose only parameter is a text gets the rest as it is. Else: words by shell quoting, in the order
    of the schema or as `key=value`; the last text takes all that is left. Raises ToolInputError, which says
    what is wrong and what is expected.
    """
    parameters = parameters_of(schema)
    if len(parameters) == 1 and parameters[0].is_text:
        given = {parameters[0].name: rest} if rest.strip() else {}
    else:
        given = _Assignment(name, rest, parameters).read()
    missing = [
        parameter.name for parameter in parameters if parameter.required and parameter.name not in given
    ]
    if missing:
        raise _wrong(name, parameters, f"/{name} needs {_listed(missing)}")
    return {
        parameter.name: _value(name, parameters, parameter, given[parameter.name])
        for parameter in parameters
        if parameter.name in given
    }


def arguments_of_words(name: str, words: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the input from words that a shell has already split, as `agentick dispatch` gets them.

    Raises ToolInputError.
    """
    parameters = parameters_of(schema)
    if len(parameters) == 1 and parameters[0].is_text:
        key = f"{parameters[0].name}="
        words = [words[0].removeprefix(key), *words[1:]] if words else words
        return parse_arguments(name, " ".join(words), schema)
    keys = {parameter.name for parameter in parameters}
    return parse_arguments(name, " ".join(_quoted(word, keys) for word in words), schema)


def _quoted(word: str, keys: set[str]) -> str:
    """Quote a word so that reading it gives it back; the key of a parameter stays outside the quotes."""
    key, equals, value = word.partition("=")
    head, tail = (key + equals, value) if equals and key in keys else ("", word)
    if tail and not any(letter.isspace() or letter in _QUOTES for letter in tail):
        return word
    escaped = tail.replace("\\", "\\\\").replace('"', '\\"')
    return f'{head}"{escaped}"'


_QUOTES = "\"'"


class _Unclosed(Exception):
    """A quotation mark has no partner."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word: its value without quotes, where it stands, and whether it is one quotation from end to end."""

    value: str
    start: int
    end: int
    quoted: bool


class _Assignment:
    """Hands out the words of a line to the parameters, from left to right."""

    def __init__(self, name: str, rest: str, parameters: Sequence[Parameter]) -> None:
        self._name = name
        self._rest = rest
        self._parameters = parameters
        self._keys = {parameter.name: parameter for parameter in parameters}
        self._last_text = last_text_of(parameters)
        self._given: dict[str, str] = {}
        # The pieces of the last text: each a value and the place it was taken from.
        self._taken: list[_Word] = []

    def read(self) -> dict[str, str]:
        at = 0
        while (at := _skip_blanks(self._rest, at)) < len(self._rest):
            word = self._word(at)
            self._take(word)
            at = word.end
        if self._taken and self._last_text is not None:
            self._given[self._last_text] = self._joined()
        return self._given

    def _word(self, at: int) -> _Word:
        try:
            return _read_word(self._rest, at)
        except _Unclosed:
            if not self._taken and self._next() != self._last_text:
                raise self._error("A quotation mark has no partner", "close it, or leave it out") from None
            # In a text an apostrophe is only an apostrophe.
            return _Word(self._rest[at:], at, len(self._rest), quoted=False)

    def _take(self, word: _Word) -> None:
        key, equals, value = word.value.partition("=")
        raw_key = self._rest.startswith(f"{key}=", word.start)
        if equals and raw_key and key in self._keys:
            self._take_keyed(key, value, word)
        elif self._taken or self._next() == self._last_text:
            if self._last_text is None:
                raise self._error(f"There is one argument too many: {word.value}")
            self._taken.append(word)
        else:
            self._given[self._next() or ""] = word.value

    def _take_keyed(self, key: str, value: str, word: _Word) -> None:
        if key in self._given or (key == self._last_text and self._taken):
            raise self._error(f"{key} is given twice", f'put it in quotes to mean the text "{key}="')
        if key == self._last_text:
            start = word.start + len(key) + 1
            quoted = self._rest[start : start + 1] in _QUOTES and len(value) + 2 <= word.end - start
            self._taken.append(_Word(value, start, word.end, quoted))
        else:
            self._given[key] = value

    def _next(self) -> str | None:
        """The first parameter that has no value yet; None, as the last text is where there is none, is full."""
        return next((p.name for p in self._parameters if p.name not in self._given), None)

    def _joined(self) -> str:
        """Join the pieces of the last text as they were typed; a single quotation loses its marks."""
        if len(self._taken) == 1 and self._taken[0].quoted:
            return self._taken[0].value
        text = ""
        for before, word in zip([None, *self._taken], self._taken, strict=False):
            raw = self._rest[word.start : word.end]
            gap = "" if before is None else self._rest[before.end : word.start]
            text += (gap if not gap.strip() else " ") + raw
        return text

    def _error(self, message: str, advice: str = "") -> ToolInputError:
        return _wrong(self._name, self._parameters, message, advice)


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _read_word(text: str, at: int) -> _Word:
    """Read one word with shell quoting; a backslash means something inside double quotes only."""
    start, value, quote, quotations = at, "", "", 0
    while at < len(text):
        letter = text[at]
        if quote == '"' and letter == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
            value += text[at]
        elif quote and letter == quote:
            quote = ""
        elif not quote and letter in _QUOTES:
            quote = letter
            quotations += 1
        elif not quote and letter.isspace():
            break
        else:
            value += letter
        at += 1
    if quote:
        raise _Unclosed
    whole = quotations == 1 and text[start] in _QUOTES and text[at - 1] == text[start]
    return _Word(value, start, at, whole)


def _value(name: str, parameters: Sequence[Parameter], parameter: Parameter, text: str) -> Any:
    try:
        return parse_value(parameter, text)
    except ValueError:
        message = f"{parameter.name} cannot be {text!r}: it takes {parameter.expects}"
        raise _wrong(name, parameters, message, parameter=parameter.name) from None


def _wrong(
    name: str, parameters: Sequence[Parameter], message: str, advice: str = "", *, parameter: str = ""
) -> ToolInputError:
    usage = " ".join(filter(None, (f"/{name}", usage_of_parameters(parameters))))
    hint = f"{advice[:1].upper()}{advice[1:]}. Usage: {usage}" if advice else f"Usage: {usage}"
    return ToolInputError(f"{message}.", hint=hint, details={"parameter": parameter} if parameter else None)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
