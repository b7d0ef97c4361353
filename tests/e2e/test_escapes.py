"""No escape sequence of a model, a tool, a title or an error reaches the terminal: checked on its bytes."""

import re
from pathlib import Path

import pytest

from tests.e2e.agent_file import keys, provider_flags
from tests.e2e.talking import talking
from tests.e2e.terminal import ENTER, F12, NEXT_TAB, chat
from tests.fakes import fake_provider_thread
from tests.fakes.script import Answer, Call, refusal
from tests.tui.cli.command_line import run_process

pytestmark = pytest.mark.pty

# Each with a word behind it, that shows where it was drawn.
EVIL = (
    "\x1b]52;c;ZXZpbA==\x07clipboard \x1b]0;evil\x1b\\title \x1b[2Jclear \x1b[31;5;7mcolour \x1b[6nreport "
    "\x1b[5iprint \x1bP$qm\x1b\\string \x1bcreset \x9b31;5;7mshort \x9d0;evil\x9clong \x1b[?1049lscreen \x1b_x\x1b\\app "
    "\u202eright \x08\x7fdelete \x1b(0graph \x1b"
)
# What Textual and we write ourselves; what is skipped ends in the middle, before a CAN.
OWN = re.compile(
    rb"\x1b\[[0-9;]*[mHKLMr]|\x1b\[\?[0-9]+(?:[hl]|\$p)|\x1b\[[<>][0-9]*u|\x1b\]11;\?\x1b\\|\x1b\[c|(?:\x1b(?:\[[?<>]?[0-9;]*)?)?\x18|\x1b\]22;[a-z]+\x07"
)
AGENT = f'''
from agentick_core.components.timeline import Timeline
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component

EVIL = {EVIL!r}

@tool(effects={{"read"}})
def look(place: str) -> str:
    """Look somewhere."""
    return "seen " + EVIL

@tool(effects={{"read"}})
def fail(place: str) -> str:
    """Fail."""
    raise RuntimeError("broken " + EVIL)

@tool(requires_confirmation=True, confirmation_message="really " + EVIL)
def ask(place: str) -> str:
    """Ask first."""
    return "asked " + EVIL

@tool(audience="user")
def shout(word: str) -> str:
    """Shout."""
    return "loud " + EVIL

@component
def app():
    yield (look, fail, ask, shout)
    yield Timeline()
'''


def assert_clean(written: bytes) -> None:
    """Check that no sequence but our own, and no control character, was written."""
    for mark in (b"\x1b[31;5;7m", b"\x1b[?1049lscreen"):
        assert mark not in written
    rest = OWN.sub(b"", written).decode(errors="replace")
    bad = re.findall(r".{0,30}[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e].{0,30}", rest)
    assert not bad


@pytest.fixture
def agent(tmp_path: Path) -> str:
    """Give the file of an agent whose tools give what must not reach a terminal."""
    file = tmp_path / "evil_agent.py"
    file.write_text(AGENT)
    return str(file)


def script(provider: str) -> list[Answer]:
    """Give answers in which everything is evil, one character at a time."""
    # A provider refuses names that do not match its pattern, a server that only speaks its protocol may not.
    calls = (
        Call("look", {"place": "here " + EVIL}, id="one", pieces=500),
        Call("fail", {"place": "there"}, id="two"),
        Call("lo\x1b[31;5;7mok\x1b]0;evil\x07", {}, id="three"),
        Call("ask", {"place": "where " + EVIL}, id="four"),
    )
    return [
        Answer(reasoning=list("thought " + EVIL), text=list("said " + EVIL), calls=calls),
        Answer(
            text=list(
                f"# Head {EVIL}\n\n```py\nx = 1 # {EVIL}\n```\n\n| a | {EVIL} |\n|-|-|\n| b | c |\n\nend"
            )
        ),
        refusal(400, "refused " + EVIL),
    ]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_none_reaches_the_terminal_from_the_screen(provider: str, agent: str, tmp_path: Path) -> None:
    with talking(script(provider), tmp_path, agent=agent, provider=provider, size=(60, 140)) as (terminal, _):
        terminal.send("\x1b[200~pasted \x9b31;5;7mshort \x9d0;evil\x9clong \u202eright \x08back\x1b[201~")
        terminal.until("back")
        terminal.send(ENTER)
        terminal.until("really")
        terminal.send(F12)
        terminal.until("Scheduler")
        terminal.send(NEXT_TAB)
        terminal.until("queued_messages")
        terminal.send(F12)
        terminal.gone("queued_messages")
        terminal.press_when_asked("y")
        terminal.until("end")
        terminal.ready().line("/shout it")
        terminal.until("loud")
        terminal.ready().line("again")
        terminal.until("refused")
        terminal.ready().line("/sessions")
        terminal.until("    * ")
        terminal.send("\x03\x03")
        assert terminal.ended(5) == 0
        assert_clean(terminal.written.rpartition(b"\x1b[?1049l")[0])
        assert_clean(terminal.written.rpartition(b"\x1b[?1049l")[2])
    with chat("--app", agent, "--continue", "--model", "offline", size=(60, 140)) as terminal:
        terminal.until("refused" if "refused" in terminal.text else "end")
        terminal.send("\x03\x03")
        assert terminal.ended(5) == 0
        # Only now: what is written comes in pieces, and a piece may end in the middle of a sequence.
        assert_clean(terminal.written)


def test_none_reaches_the_terminal_from_run(agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = "openai"
    for name, key in keys().items():
        monkeypatch.setenv(name, key)
    with fake_provider_thread([*script(provider), *script(provider)]) as server:
        flags = ("--app", agent, *provider_flags(provider, server.base_url), "--approve", "all")
        with chat("run", *flags, f"said {EVIL}") as terminal:
            terminal.until("end")
            assert terminal.ended() == 0
            assert_clean(terminal.written)
        piped = run_process("run", *flags, "hello")
        assert piped.code == 1
        assert_clean(piped.out.encode())
        assert "refused" in piped.err
        assert_clean(piped.err.encode())
        lines = run_process("run", "--json", *flags, "hello")
        assert_clean(lines.out.encode())
    listed = run_process("sessions", "list")
    assert "said" in listed.out
    assert_clean(listed.out.encode())


def test_none_reaches_the_terminal_from_a_mistake_on_the_command_line(agent: str) -> None:
    for arguments in (
        ("--resume", EVIL), ("--model", EVIL), ("--app", EVIL), ("--app", f"{agent}:{EVIL}"), ("--theme", EVIL),
        ("run", "--model", f"openai:{EVIL}", "--base-url", "http://127.0.0.1:1/" + EVIL, "--timeout", "1", "x"),
        ("run", "--approve", EVIL, "x"), (EVIL,), ("--" + EVIL,),
    ):  # fmt: skip
        outcome = run_process(*(each.replace("\0", "") for each in arguments))
        assert outcome.code in (1, 2, 4), arguments
        assert_clean(outcome.err.encode())
        assert_clean(outcome.out.encode())
