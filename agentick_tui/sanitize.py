"""The one filter that untrusted text passes on its way to any terminal sink."""

import re
from enum import Enum, auto
from functools import cache

TAB_SIZE = 8
LINE_LIMIT = 8192
REPLACEMENT = "\ufffd"

# Patterns of more than ASCII are made when the first such text comes: each takes as long as a module to import.

# Everything that flow text must not hold as it is: controls but tab and newline, bidi controls, characters that
# take no room and can hide text, line separators, tags, lone surrogates. ZWJ, ZWNJ and variation selectors stay:
# emoji and several scripts need them.
_DROPPED = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_SUSPECT_ASCII = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

# A CSI sequence is parameters, intermediates and one final character; what is not one of them ends it.
_CSI_BODY = re.compile(r"[\x20-\x3f]*")
_ESCAPE_BODY = re.compile(r"[\x20-\x2f]*")
_STRING_END = re.compile("[\x07\x18\x1a\x1b\x9c\n]")

# Shown text also gives away what looks like a blank or like nothing.
_HIDDEN = (
    "[\x00-\x1f\x7f-\xa0\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u00ad\u061c\U000e0000-\U000e0fff]"
)


@cache
def _suspect() -> re.Pattern[str]:
    controls = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
    return re.compile(f"[{controls}\ud800-\udfff{_DROPPED}\u202a-\u202e\u2066-\u2069]")


@cache
def _hidden() -> re.Pattern[str]:
    return re.compile(_HIDDEN)


class _State(Enum):
    GROUND = auto()
    RETURN = auto()
    ESCAPE = auto()
    CSI = auto()
    STRING = auto()
    STRING_ESCAPE = auto()


_INTRODUCERS = {
    "\r": _State.RETURN,
    "\x1b": _State.ESCAPE,
    "\x9b": _State.CSI,
    **dict.fromkeys("\x90\x98\x9d\x9e\x9f", _State.STRING),
}


class StreamFilter:
    """Cleans text that arrives in pieces, for a sink that can only append.

    Escape sequences and hidden characters go, bidi controls and lone surrogates become U+FFFD. A CR that no LF
    follows becomes a newline, since what was written cannot be taken back. A control string that is never
    closed ends with its line. The pieces may be cut anywhere: the joined result is the same.
    """

    _lone_return = "\n"

    def __init__(self) -> None:
        self._state = _State.GROUND

    def feed(self, text: str) -> str:
        """Clean the next piece."""
        suspect = _SUSPECT_ASCII if text.isascii() else _suspect()
        if self._state is _State.GROUND and suspect.search(text) is None:
            return text
        out: list[str] = []
        at = 0
        while at < len(text):
            at = self._step(text, at, out)
        return "".join(out)

    def finish(self) -> str:
        """End the stream: what was left open is dropped."""
        self._state = _State.GROUND
        return ""

    def _step(self, text: str, at: int, out: list[str]) -> int:
        """Take what belongs together from `at` on, and give the place behind it."""
        match self._state:
            case _State.GROUND:
                return self._ground(text, at, out)
            case _State.RETURN:
                self._state = _State.GROUND
                if text[at] == "\n":
                    return at
                out.append(self._lone_return)
                return at
            case _State.ESCAPE:
                return self._escape(text, at)
            case _State.CSI:
                return self._sequence(text, at, _CSI_BODY, "\x40")
            case _State.STRING:
                return self._string(text, at)
            case _State.STRING_ESCAPE:
                self._state = _State.GROUND if text[at] == "\\" else _State.ESCAPE
                return at + (self._state is _State.GROUND)

    def _ground(self, text: str, at: int, out: list[str]) -> int:
        found = _suspect().search(text, at)
        if found is None:
            out.append(text[at:])
            return len(text)
        start = found.start()
        out.append(text[at:start])
        char = text[start]
        if char in _INTRODUCERS:
            self._state = _INTRODUCERS[char]
        elif char in "\u2028\u2029":
            out.append("\n")
        elif _is_replaced(char):
            out.append(REPLACEMENT)
        return start + 1

    def _escape(self, text: str, at: int) -> int:
        match text[at]:
            case "[":
                self._state = _State.CSI
            case "]" | "P" | "X" | "^" | "_":
                self._state = _State.STRING
            case _:
                return self._sequence(text, at, _ESCAPE_BODY, "\x30")
        return at + 1

    def _sequence(self, text: str, at: int, body: re.Pattern[str], first_final: str) -> int:
        """Drop the body and the final character; any other character ends the sequence and stays."""
        found = body.match(text, at)
        end = found.end() if found else at
        if end == len(text):
            return end
        self._state = _State.GROUND
        return end + (first_final <= text[end] <= "\x7e")

    def _string(self, text: str, at: int) -> int:
        found = _STRING_END.search(text, at)
        if found is None:
            return len(text)
        self._state = _State.STRING_ESCAPE if found.group() == "\x1b" else _State.GROUND
        return found.start() + (found.group() != "\n")


class _ReturnFilter(StreamFilter):
    """Leaves a lone CR in the text, for whoever can overwrite the line."""

    _lone_return = "\r"


class FlowFilter:
    """Cleans text that arrives in pieces, for a reader that can redraw its last line.

    `feed` gives the text that no later piece can change; `tail` is the line after it as it stands, which a CR
    may still overwrite. However the text is cut, all that `feed` gave plus `tail` is the same. Tabs stay: they
    are expanded where the text is laid out. A line longer than `LINE_LIMIT` settles; a CR then ends it.
    """

    def __init__(self) -> None:
        self._filter = _ReturnFilter()
        self._line = ""
        self._column: int | None = None
        self._long = False

    @property
    def tail(self) -> str:
        """The unfinished line as it stands."""
        return self._line

    def feed(self, text: str) -> str:
        """Clean the next piece, and give what is settled by it."""
        clean = self._filter.feed(text)
        if self._column is None and not self._long and "\r" not in clean:
            return self._append(clean)
        return "".join(map(self._write, re.findall(r"[\r\n]|[^\r\n]+", clean)))

    def finish(self) -> str:
        """End the text: give the last line."""
        rest, self._line, self._column, self._long = self._line, "", None, False
        self._filter.finish()
        return rest

    def _append(self, clean: str) -> str:
        """Add text without a CR to a line without a CR."""
        end = clean.rfind("\n") + 1
        settled = self._line + clean[:end] if end else ""
        self._line = clean[end:] if end else self._line + clean
        return settled + self._settle_long()

    def _settle_long(self) -> str:
        if len(self._line) < LINE_LIMIT:
            return ""
        cut = len(self._line) - len(self._line) % LINE_LIMIT
        settled, self._line, self._long = self._line[:cut], self._line[cut:], True
        if self._column is not None:
            self._column -= cut
        return settled

    def _write(self, run: str) -> str:
        """Write a CR, an LF, or a run of other characters at the cursor."""
        if run == "\n" or (run == "\r" and self._long):
            settled, self._line, self._column, self._long = self._line + "\n", "", None, False
            return settled
        if run == "\r":
            self._line = self._line.expandtabs(TAB_SIZE)
            self._column = 0
            return ""
        if self._column is None:
            self._line += run
            return self._settle_long()
        # Characters, not cells, are counted: a progress line is plain text.
        run = (" " * (self._column % TAB_SIZE) + run).expandtabs(TAB_SIZE)[self._column % TAB_SIZE :]
        end = self._column + len(run)
        self._line = self._line[: self._column] + run + self._line[end:]
        self._column = end
        return self._settle_long()


def _is_replaced(char: str) -> bool:
    """Tell whether it is a bidi control or a lone surrogate."""
    return "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" or "\ud800" <= char <= "\udfff"


def flow(text: str) -> str:
    """Clean a whole text for the screen: escape sequences go, a CR overwrites its line, tabs are expanded."""
    suspect = _SUSPECT_ASCII if text.isascii() else _suspect()
    if suspect.search(text) is not None:
        cleaner = FlowFilter()
        text = cleaner.feed(text) + cleaner.finish()
    return text.expandtabs(TAB_SIZE) if "\t" in text else text


def shown(text: str) -> str:
    """Make every control and every hidden character visible, on one line: for consent, names, paths, commands.

    C0 controls become their pictures (␛, ␊), all others their code point (<U+202E>).
    """
    return text if text.isascii() and text.isprintable() else _hidden().sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"
