"""The one place that mends keys whose bytes Textual's parser reads wrong.

Terminals without the kitty protocol send Alt+Enter as ESC CR, which Textual waits 100 ms for and then takes for
Enter; Alt+_ as ESC _, taken for "_". Shift+Enter in xterm's modifyOtherKeys form (CSI 27;2;13~) becomes a key of
no name. rxvt sends Alt and an arrow as ESC ESC [ A, taken for Esc and the arrow. Alt and a letter is understood
only after those 100 ms, though no longer sequence begins like it. A paste ends for Textual at the first ESC in it,
and what follows is taken for keys, an Enter too.
"""

import re
from collections.abc import Iterable, Mapping

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

MENDED: Mapping[str, str] = {
    "\x1b\r": "alt+enter",
    "\x1b\n": "alt+enter",
    "\x1b_": "alt+underscore",
    "\x1b[27;2;13~": "shift+enter",
    "\x1b[27;3;13~": "alt+enter",
}
_ALT_LETTER = re.compile("\x1b[a-z]")
# The background and the kind of the terminal, asked before the screen opened and answered too late.
_ANSWER = re.compile("\x1b(?:\\]11;[^\x07\x1b]*(?:\x07|\x1b\\\\)|\\[\\?[0-9;]*c)")
_BEGUN = re.compile("\x1b(?:\\](?:1(?:1(?:;[a-z:0-9A-F/]*\x1b?)?)?)?|\\[(?:\\?[0-9;]*|20{0,2})?)?$")
_NEXT_LINE = re.compile("\r[^\r\x1b]")
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"
# After an escape this is the report of a mode that nobody asked for.
_NOTHING = "[?0;0$y"
_RXVT_ARROW = re.compile("\x1b\x1b\\[([ABCD])")


class MendingParser(XTermParser):
    """Textual's parser, with the sequences above understood; `ahead` was read before it was there."""

    def __init__(self, debug: bool = False, *, ahead: str = "") -> None:
        super().__init__(debug)
        self._ahead = ahead
        self._begun = ""
        self._has_escape = False
        self._pasted: str | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Give a paste as one, whatever is in it; leave late answers out, however they are cut."""
        if not data:
            yield from super().feed("")
            return
        data, self._ahead = self._ahead + data, ""
        while data:
            if self._pasted is None:
                keys, start, data = self._before_paste(data)
                yield from super().feed(keys) if keys else ()
                self._pasted = "" if start else None
                continue
            self._pasted += data
            text, end, data = self._pasted.partition(_PASTED)
            if not end:
                return
            self._pasted = None
            yield events.Paste(text.replace("\x00", ""))

    def tick(self) -> Iterable[Message]:
        """Give what was read ahead also where nothing more is typed."""
        if self._ahead:
            ahead, self._ahead = self._ahead, ""
            yield from self.feed(ahead)
        yield from super().tick()

    def _before_paste(self, data: str) -> tuple[str, str, str]:
        """Part what is to be parsed from the paste that follows; rxvt's Alt and arrow in the form the parser knows."""
        if self._has_escape:
            data = self._behind_escape(data)
        else:
            data, self._begun = self._begun + data, ""
        keys, start, rest = _ANSWER.sub("", data).partition(_PASTE)
        if not start and not self._begun and (begun := _BEGUN.search(keys)) is not None:
            self._begun = begun.group()
            # It may be the key as well, so the parser gets it at once.
            self._has_escape = self._begun == "\x1b"
            keys = keys if self._has_escape else keys[: begun.start()]
        return _RXVT_ARROW.sub("\x1b[1;3\\1", keys), start, rest

    def _behind_escape(self, data: str) -> str:
        """Give what is to be parsed after an escape that the parser has had already."""
        waits = self._timeout_time is not None
        whole = self._begun + data
        if whole.startswith(_PASTE):
            whole = whole[:1] + (_NOTHING if waits else "") + whole
        elif waits or len(self._begun) > 1:
            if _BEGUN.fullmatch(whole):
                self._begun = whole
                return ""
            if (answer := _ANSWER.match(whole)) is not None:
                whole = whole[:1] + (_NOTHING if waits else "") + whole[answer.end() :]
        self._begun, self._has_escape = "", False
        return whole[1:]

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        key = MENDED.get(sequence)
        if key is not None:
            return [events.Key(key, None)]
        found = list(super()._sequence_to_key_events(sequence, alt))
        if not found and _ALT_LETTER.fullmatch(sequence):
            return [events.Key(f"alt+{sequence[1]}", None)]
        return found


def mend_terminal_keys(ahead: str = "") -> None:
    """Have the terminal driver read its keys with the mending parser, first those of `ahead`; call it before the
    application runs."""
    lines = _ANSWER.sub("", ahead).rstrip("\r")
    # Nobody types several lines in that time: they were pasted, and are not to be sent one by one.
    unread = [f"{_PASTE}{lines}{_PASTED}" if _NEXT_LINE.search(lines) else ahead]

    def parser(debug: bool = False) -> MendingParser:
        # The driver makes another each time that the chat comes back from the shell.
        return MendingParser(debug, ahead=unread.pop() if unread else "")

    # The driver takes the class from its own module and offers no other way in.
    setattr(linux_driver, "XTermParser", parser)  # noqa: B010  # its class is not to be replaced by a function
