"""F12 while the engine works: the scheduler and the inspection follow it live."""

from pathlib import Path

import pytest

from tests.e2e.agent_file import agent_file, keys, provider_flags
from tests.e2e.terminal import F12, NEXT_TAB, chat
from tests.fakes import fake_provider_thread
from tests.fakes.script import Answer, Call, words

pytestmark = pytest.mark.pty


def test_scheduler_and_inspection_are_live_while_an_answer_streams_and_a_tool_waits(tmp_path: Path) -> None:
    script = (
        Answer(text=words("word " * 80), pace=0.03, calls=(Call("pay", {"amount": 5, "to": "Ann"}),)),
        Answer(text=["Done."]),
    )
    with (
        fake_provider_thread(script) as server,
        chat(
            *("--app", agent_file(tmp_path), *provider_flags("openai", server.base_url)),
            env=keys(),
            size=(30, 140),
        ) as terminal,
    ):
        terminal.ready()
        terminal.send(F12)
        terminal.until("Scheduler")
        terminal.line("Pay")
        terminal.until("is_executing_tick  yes")
        terminal.until("word word")
        terminal.send(NEXT_TAB)
        terminal.until("current_phase          model")
        terminal.until("Send the money?")
        terminal.until("current_phase          tools")
        terminal.send(NEXT_TAB)
        terminal.until("is_executing_tick  yes")
        terminal.press_when_asked("y")
        terminal.until("Done.")
        terminal.until("is_executing_tick  no")
        terminal.send(NEXT_TAB)
        terminal.until("status                 idle")
        terminal.send(F12)
        terminal.gone("Scheduler")
