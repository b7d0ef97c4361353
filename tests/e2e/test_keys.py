"""Keys and states: what Enter, Alt+Enter, Esc and Ctrl+C do while something runs, and where texts go."""

import string
from pathlib import Path

import pytest

from tests.e2e.talking import ENDLESS, asked, talking
from tests.e2e.terminal import ALT_ENTER, CTRL_C, CTRL_Q, ENTER, ESC, F12, chat
from tests.fakes.script import Answer, Call, words

pytestmark = pytest.mark.pty


def test_enter_queues_while_it_runs_and_the_queue_goes_out_one_by_one(tmp_path: Path) -> None:
    script = (Answer(text=words("long " * 100), pace=0.02), "Second answer.", "Third answer.")
    with talking(script, tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("long long")
        terminal.line("second")
        terminal.until("queued  second")
        terminal.line("third")
        terminal.until("queued  third")
        terminal.until("Third answer.")
        terminal.ready()
    assert [len(asked(server, number)) for number in range(3)] == [1, 2, 3]
    assert "third" in asked(server, 2)[2]


def test_alt_enter_steers_into_the_next_tick(tmp_path: Path) -> None:
    slow_call = Answer(
        text=words("work " * 60), pace=0.02, calls=(Call("weather", {"city": "Oslo"}, id="one"),)
    )
    with talking((slow_call, "Steered."), tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("work work")
        terminal.send("look at Bergen too")
        terminal.until("Bergen too")
        terminal.send(ALT_ENTER)
        shown = terminal.until("Steered.")
        terminal.ready()
    assert len(server.requests) == 2
    assert "Bergen" in asked(server, 1)[-1]
    assert shown.index("Oslo") < shown.index("Bergen too")


@pytest.mark.parametrize("key", [ESC, CTRL_C], ids=["Esc", "Ctrl+C"])
def test_an_interrupt_keeps_the_draft_and_the_partial_answer_and_pauses_the_queue(
    key: str, tmp_path: Path
) -> None:
    with talking((ENDLESS, "Queued answer.", "Last."), tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("stream stream")
        terminal.line("queued one")
        terminal.until("queued  queued one")
        terminal.send("a draft")
        terminal.until("a draft")
        terminal.send(key)
        shown = terminal.until("interrupted")
        assert "stream stream" in shown
        shown = terminal.ready().until("paused  queued one")
        assert "› a draft" in shown
        assert len(server.requests) == 1
        # The draft has to be gone before Enter resumes the queue.
        terminal.send("\x15")
        terminal.gone("a draft")
        terminal.send(ENTER)
        terminal.until("Queued answer.")
        terminal.ready()
        terminal.gone("paused")
    assert "stream" in str(server.requests[1].body["messages"])
    assert "queued one" in asked(server, 1)[-1]


def test_what_was_steered_and_not_taken_comes_back_to_the_head_of_the_queue(tmp_path: Path) -> None:
    with talking((ENDLESS, "Resumed."), tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("stream stream")
        terminal.line("queued one")
        terminal.until("queued  queued one")
        terminal.send("steered one")
        terminal.until("steered one")
        terminal.send(ALT_ENTER)
        terminal.gone("› steered one")
        terminal.send(ESC)
        terminal.until("interrupted")
        shown = terminal.ready().until("paused  steered one")
        assert shown.index("steered one") < shown.index("queued one")
        assert len(server.requests) == 1


def test_enter_on_an_empty_prompt_steers_the_first_queued_message(tmp_path: Path) -> None:
    slow_call = Answer(
        text=words("work " * 100), pace=0.02, calls=(Call("weather", {"city": "Oslo"}, id="one"),)
    )
    with talking((slow_call, "Steered."), tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("work work")
        terminal.line("and then")
        terminal.until("queued  and then")
        terminal.send(ENTER)
        terminal.gone("queued  and then")
        terminal.until("Steered.")
    assert len(server.requests) == 2
    assert "and then" in asked(server, 1)[-1]


def test_an_error_pauses_the_queue(tmp_path: Path) -> None:
    script = (Answer(text=words("some " * 60), pace=0.02, ending="drop"), "Resumed.")
    with talking(script, tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("some some")
        terminal.line("waits")
        terminal.until("paused  waits")
        assert len(server.requests) == 1
        terminal.send(ENTER)
        terminal.until("Resumed.")


def test_ctrl_c_keeps_a_draft_in_the_history_and_twice_quits() -> None:
    with chat() as terminal:
        terminal.ready().send("some draft")
        terminal.until("some draft")
        terminal.send(CTRL_C)
        terminal.gone("some draft")
        terminal.send("\x1b[A")
        terminal.until("some draft")
        terminal.send(CTRL_C)
        terminal.gone("some draft")
        terminal.send(CTRL_C)
        terminal.until("again to quit")
        terminal.send(CTRL_C)
        assert terminal.ended(5) == 0


def test_the_draft_and_the_queue_survive_a_restart(tmp_path: Path) -> None:
    with talking((ENDLESS,), tmp_path) as (terminal, _):
        terminal.line("first")
        terminal.until("stream stream")
        terminal.line("queued one")
        terminal.until("queued  queued one")
        terminal.send("half a thought")
        terminal.until("half a thought")
        terminal.send(CTRL_Q)
        assert terminal.ended(5) == 0
    with talking(("Resumed.", "Draft sent."), tmp_path, "--continue") as (terminal, server):
        shown = terminal.until("half a thought")
        assert "paused  queued one" in shown
        terminal.send(ENTER)
        terminal.until("Draft sent." if "half" in str(server.requests) else "Resumed.")


def test_many_lines_are_pasted_as_one_text(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(200)]
    with talking(("Read.",), tmp_path) as (terminal, server):
        terminal.send("\x1b[200~" + "\r".join(lines) + "\x1b[201~")
        terminal.until("line 199")
        terminal.send(ENTER)
        terminal.until("Read.")
    assert "\\n".join(lines) in asked(server, 0)[0]


def test_what_is_typed_fast_while_an_answer_streams_arrives_whole(tmp_path: Path) -> None:
    text = " ".join(f"typed{number}" for number in range(60))
    fast = Answer(text=words("stream " * 3000), pace=0.001)
    with talking((fast, "Got it."), tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("stream stream")
        for start in range(0, len(text), 7):
            terminal.send(text[start : start + 7])
        terminal.until("typed59")
        terminal.send(ESC)
        terminal.until("interrupted")
        terminal.ready().send(ENTER)
        terminal.until("Got it.")
    assert text in asked(server, 1)[-1]


def test_the_terminal_may_change_its_size_while_an_answer_streams(tmp_path: Path) -> None:
    with talking((Answer(text=words("stream " * 300), pace=0.01), "End."), tmp_path) as (terminal, _):
        terminal.line("first")
        terminal.until("stream stream")
        for rows, columns in ((12, 40), (40, 120), (8, 30), (16, 60), (30, 100)):
            terminal.resize(rows, columns)
            terminal.until("agentick needs" if rows < 12 else "stream")
        terminal.until("─" * 100)
        terminal.ready()
        terminal.line("more")
        terminal.until("End.")


@pytest.mark.parametrize("end", ["\x07", "\x1b\\"], ids=["BEL", "ST"])
def test_an_answer_of_the_terminal_that_comes_late_is_not_typed(end: str) -> None:
    with chat() as terminal:
        terminal.ready().send(f"one\x1b]11;rgb:1e1e/1e1e/1e1e{end}\x1b[?62;4ctwo")
        terminal.until("› onetwo")


@pytest.mark.parametrize("seconds", [0.06, 0.3, 1.0])
@pytest.mark.parametrize("end", ["\x07", "\x1b\\"], ids=["BEL", "ST"])
def test_a_terminal_that_answers_after_a_while_types_nothing(end: str, seconds: float) -> None:
    with chat() as terminal:
        terminal.wait(lambda: b"\x1b]11;?" in terminal.written, "the question")
        terminal.pause(seconds)
        terminal.send(f"\x1b]11;rgb:1e1e/1e1e/1e1e{end}\x1b[?62;4c")
        terminal.ready().line("hello")
        terminal.until("› hello")
        terminal.gone("rgb")
        assert b"rgb:" not in terminal.written


@pytest.mark.parametrize("arguments", [(), ("--theme", "agentick-dark")])
def test_what_is_typed_before_the_screen_is_there_is_in_the_prompt(arguments: tuple[str, ...]) -> None:
    with chat(*arguments) as terminal:
        for letter in string.ascii_letters:
            terminal.send(letter)
            terminal.hear(0.01)
        terminal.until(f"› {string.ascii_letters}")


@pytest.mark.parametrize("arguments", [(), ("--theme", "agentick-dark")])
def test_keys_pressed_before_the_screen_is_there_do_what_they_do_later(arguments: tuple[str, ...]) -> None:
    with chat(*arguments) as terminal:
        terminal.send(f"hello{ENTER}{F12}")
        terminal.until("Hello, and welcome")
        terminal.until("[Scheduler]")
        terminal.ready()


@pytest.mark.parametrize("key", [ENTER, CTRL_Q])
def test_no_key_is_taken_for_another_while_the_screen_is_being_built(key: str) -> None:
    with chat() as terminal:
        terminal.wait(lambda: b"\x1b]11;?" in terminal.written, "the question")
        terminal.send(f"hello{key}")
        if key == ENTER:
            terminal.until("Hello, and welcome")
            return
        assert terminal.ended(5) == 0
