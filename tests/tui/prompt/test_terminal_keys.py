"""Keys whose bytes arrive wrong are mended, and everything else is parsed as before."""

from collections.abc import Iterable

import pytest
from textual import events
from textual.drivers import linux_driver
from textual.message import Message

from agentick_tui.prompt.terminal_keys import MendingParser, mend_terminal_keys


def keys(data: str) -> list[str]:
    return [event.key for event in MendingParser().feed(data) if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ("\x1b\r", "alt+enter"),
        ("\x1b[27;2;13~", "shift+enter"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b\x1b[A", "alt+up"),
        ("\x1b\x1b[B", "alt+down"),
        ("\x1b_", "alt+underscore"),
        ("\r", "enter"),
        ("\x0a", "ctrl+j"),
        ("\x1b[A", "up"),
        ("\x1bd", "alt+d"),
    ],
)
def test_each_sequence_is_the_key_that_was_pressed(data: str, key: str) -> None:
    assert keys(data) == [key]
    assert keys(f"a{data}z") == ["a", key, "z"]


def test_a_sequence_cut_in_pieces_is_the_same_key() -> None:
    parser = MendingParser()
    pieces = [event for piece in ("\x1b", "[27;", "2;13~") for event in parser.feed(piece)]
    assert [event.key for event in pieces if isinstance(event, events.Key)] == ["shift+enter"]


@pytest.mark.parametrize(
    "answer", ["\x1b]11;rgb:1e1e/1e1e/1e1e\x07", "\x1b]11;rgb:1e/1e/1e\x1b\\\x1b[?62;4c"]
)
def test_an_answer_that_comes_late_is_no_key_wherever_it_is_cut(answer: str) -> None:
    for size in range(1, len(answer) + 1):
        parser, read = MendingParser(), list[str]()
        for piece in ("a", *(answer[at : at + size] for at in range(0, len(answer), size)), "z", "\x1b[A"):
            read += [event.key for event in parser.feed(piece) if isinstance(event, events.Key)]
        assert read == ["a", "z", "up"], size


@pytest.mark.parametrize("typed", ["]", "[", "1", "é"])
def test_what_is_typed_after_escape_is_not_held_back(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser, read = MendingParser(), list[str]()
    monkeypatch.setattr("textual._parser.get_time", iter(range(100)).__next__)
    for piece in ("\x1b", "", typed):
        events_read = parser.feed(piece) if piece else parser.tick()
        read += [event.character or "" for event in events_read if isinstance(event, events.Key)]
    assert read == ["\x1b", typed]


def test_what_is_pasted_is_left_alone() -> None:
    (paste,) = [
        event
        for event in MendingParser().feed("\x1b[200~one\rtwo\x1b[201~x")
        if isinstance(event, events.Paste)
    ]
    assert paste.text == "one\rtwo"


def test_a_paste_is_one_whatever_is_in_it_and_wherever_it_is_cut() -> None:
    pasted = "a \x1b[31mred\x1b[0m\rb \x1b alone\r\x1b]0;title\x07\x1b[200~c"
    data = f"x\x1b[200~{pasted}\x1b[201~z\r"
    for size in range(1, len(data) + 1):
        parser = MendingParser()
        read = [
            event.text if isinstance(event, events.Paste) else event.key
            for at in range(0, len(data), size)
            for event in parser.feed(data[at : at + size])
            if isinstance(event, events.Paste | events.Key)
        ]
        assert read == ["x", pasted, "z", "enter"], size


def pressed(read: Iterable[Message]) -> list[str]:
    return [event.key for event in read if isinstance(event, events.Key)]


def test_what_was_read_before_the_driver_comes_first_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_driver, "XTermParser", linux_driver.__dict__["XTermParser"])
    mend_terminal_keys("a\r\x1b]11;rgb:1e/1e/1e\x1b\\\x1b[?62;4c\x1b[24~")
    make = linux_driver.__dict__["XTermParser"]
    assert pressed(make(False).feed("b")) == ["a", "enter", "f12", "b"]
    assert pressed(make(False).feed("b")) == ["b"]


def test_several_lines_read_before_the_driver_were_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_driver, "XTermParser", linux_driver.__dict__["XTermParser"])
    mend_terminal_keys("one\rtwo\x1b[?62;4c\rthree\r")
    read = [*linux_driver.__dict__["XTermParser"](False).tick()]
    assert [event.text for event in read if isinstance(event, events.Paste)] == ["one\rtwo\rthree"]
    assert not pressed(read)


def test_what_was_read_before_the_driver_is_heard_though_nothing_follows() -> None:
    parser = MendingParser(ahead="a\r")
    assert pressed(parser.tick()) == ["a", "enter"]
    assert not pressed(parser.tick())
