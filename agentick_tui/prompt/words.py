"""Where words begin and end in a text, as the editor's word keys need it."""

import re

_WORD_END = re.compile(r"\W*\w+|\W+\Z")
_WORD_START = re.compile(r"\w+\W*\Z|\A\W+\Z")
_BLANK_WORD_START = re.compile(r"\S+\s*\Z|\A\s+\Z")


def word_end(text: str, index: int) -> int:
    """Give the index after the word at or behind `index`."""
    found = _WORD_END.match(text, index)
    return found.end() if found else len(text)


def word_start(text: str, index: int) -> int:
    """Give the index of the first letter of the word at or before `index`."""
    found = _WORD_START.search(text[:index])
    return found.start() if found else 0


def blank_word_start(text: str, index: int) -> int:
    """Give the start of the word before `index`, where only blanks part words (as Ctrl+W cuts)."""
    found = _BLANK_WORD_START.search(text[:index])
    return found.start() if found else 0


def transposed(text: str, index: int) -> tuple[int, str, int] | None:
    """Swap the characters around `index`, at a line's end the last two.

    Gives where the pair begins, the pair swapped, and where the cursor goes; None where there is no pair.
    """
    if index == len(text) or text[index] == "\n":
        index -= 1
    if index < 1 or "\n" in text[index - 1 : index + 1]:
        return None
    return index - 1, text[index] + text[index - 1], index + 1
