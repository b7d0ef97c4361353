"""A terminal that takes 2 KB a second never stalls the engine; Esc, Ctrl+C and quitting act at once."""

import time
from pathlib import Path

import pytest

from tests.e2e.talking import ENDLESS, talking
from tests.e2e.terminal import CTRL_C, CTRL_Q, ESC, assert_restored
from tests.fakes.script import Answer, words

pytestmark = pytest.mark.pty

SLOW = 2048
# More than the terminal can take, even where lines that move are not sent again.
FLOOD = Answer(text=words(" ".join(f"number {number} of many" for number in range(9000))), pace=0.001)
FAST_ANSWER = Answer(text=words("some plain prose that goes on and on " * 2000), pace=0.005)
BEAT = '''
import asyncio, os, time
from agentick_core.components.timeline import Timeline
from agentick_core.hooks.effect import use_effect
from agentick_core.tree.element import component

async def beat():
    """Write how long the event loop was ever stopped."""
    last, worst = time.monotonic(), 0.0
    while True:
        await asyncio.sleep(0.02)
        now = time.monotonic()
        worst, last = max(worst, now - last), now
        with open(BEAT, "w") as file:
            file.write(str(worst))

def start():
    task = asyncio.create_task(beat())
    return task.cancel

@component
def app():
    use_effect(start, [])
    yield Timeline()
'''


@pytest.mark.parametrize("key", [ESC, CTRL_C, CTRL_Q], ids=["Esc", "Ctrl+C", "Ctrl+Q"])
def test_the_engine_never_waits_and_the_keys_act(key: str, tmp_path: Path) -> None:
    beat, agent = tmp_path / "beat", tmp_path / "beating.py"
    agent.write_text(f"BEAT = {str(beat)!r}\n{BEAT}")
    with talking((FAST_ANSWER, ENDLESS), tmp_path, agent=str(agent), size=(16, 60)) as (terminal, server):
        terminal.rate = SLOW
        terminal.send("go\r")
        terminal.until("plain prose")
        before = len(terminal.written)
        # Long enough to fill what lies between us and the terminal.
        terminal.wait(lambda: len(terminal.written) > before + 3_000, "3 KB more")
        terminal.send("typed meanwhile")
        terminal.wait(lambda: len(terminal.written) > before + 5_000, "5 KB more")
        assert float(beat.read_text() or "0") < 1.0
        pressed = time.monotonic()
        terminal.send(key)
        if key == CTRL_Q:
            assert terminal.ended(5) == 0
        else:
            terminal.wait(server.left.is_set, "the model call cancelled", 5)
            terminal.send(CTRL_Q)
            assert terminal.ended(5) == 0
        assert time.monotonic() - pressed < 5
        terminal.wait(lambda: "agentick --resume" in terminal.after, "the last line", 5)
        assert_restored(terminal)


@pytest.mark.parametrize("key", [ESC, CTRL_C], ids=["Esc", "Ctrl+C"])
def test_what_a_key_did_is_seen_although_much_waits_to_be_drawn(key: str, tmp_path: Path) -> None:
    with talking((FLOOD,), tmp_path, size=(40, 120)) as (terminal, server):
        terminal.send("go\r")
        terminal.until(lambda text: text.count("of many") > 150)
        terminal.rate = SLOW
        before = len(terminal.written)
        # Until what lies between us and the terminal is full.
        terminal.wait(lambda: len(terminal.written) > before + 10_000, "10 KB more")
        terminal.send(key)
        terminal.wait(server.left.is_set, "the model call cancelled", 2)
        terminal.until(lambda text: "stopping" in text or "○ idle" in text, 5)
        terminal.until("■ interrupted", 10)
        terminal.rate = None
        terminal.send("still here")
        terminal.until("› still here")
        shown, before = terminal.text, len(terminal.written)
        # The same as after all was drawn anew for another size, and for this one again.
        terminal.resize(40, 119)
        terminal.wait(lambda: len(terminal.written) > before + 4_000, "the other size")
        terminal.resize(40, 120)
        terminal.until(shown)
