"""What the status bar says, and when it draws."""

from dataclasses import replace

import pytest

from agentick_core.events.model import ContentDelta, ContentStart
from agentick_core.events.orchestration import ExecutionStart, ModelRequestEvent, ToolResultStart
from agentick_core.messages.request import ModelRequest
from agentick_tui.keymap import ScreenState, hints
from agentick_tui.status.bar import StatusBar
from agentick_tui.status.follow import Follower
from agentick_tui.status.parts import STATES, Status, short_count, short_time, status_line
from tests.tui.screen_demo import BUSY, ScreenDemo


def line(status: Status, width: int, now: float = 100.0) -> str:
    content = status_line(status, hints(status.state), width, now)
    assert content.cell_length == width
    return content.plain


@pytest.mark.parametrize(
    ("width", "there", "gone"),
    [
        (
            120,
            ["claude-sonnet-4-5", "~12.3K tok", "~56%", "tick 3", "5 queued", "running · first token 12s"],
            [],
        ),
        (70, ["claude-sonnet-4-5", "5 queued", "running 12s"], ["tok", "tick", "%"]),
        (40, ["running 12s"], ["claude", "queued", "tok"]),
    ],
)
def test_the_width_decides_what_is_kept(width: int, there: list[str], gone: list[str]) -> None:
    said = line(BUSY, width)
    assert all(part in said for part in there)
    assert not any(part in said.removeprefix(said.split("│")[0]) for part in gone)
    assert "Esc stop" in said


@pytest.mark.parametrize("width", range(40, 130, 5))
def test_the_state_and_the_first_key_are_there_at_every_width(width: int) -> None:
    said = line(BUSY, width)
    assert "● running" in said
    assert "12s" in said
    assert "Esc stop" in said


@pytest.mark.parametrize("state", ScreenState)
def test_every_state_is_a_word_and_a_glyph(state: ScreenState) -> None:
    glyph, word, _ = STATES[state]
    assert f"{glyph} {word}" in line(Status(state=state), 80)


@pytest.mark.parametrize(
    ("used", "style", "mark"),
    [(10, "$text-muted", "10%"), (50, "$text-warning", "50%"), (80, "$text-error", "80%!")],
)
def test_the_context_bar_warns_at_50_and_80_percent(used: int, style: str, mark: str) -> None:
    content = status_line(Status(context=used, window=100), (), 100, 0.0)
    assert mark in content.plain
    assert content.plain.count("━") + content.plain.count("╸") == (used + 10) // 20
    assert any(span.style == style and mark in content.plain[span.start : span.end] for span in content.spans)


def test_retries_and_notices_are_said() -> None:
    assert "↻ attempt 3: overloaded" in line(Status(retry="attempt 3", reason="overloaded"), 100)
    assert "Ctrl+C again to quit" in line(Status(notice="Ctrl+C again to quit"), 80)
    assert "Ctrl+C again to quit" in line(Status(notice="Ctrl+C again to quit"), 24)
    assert "3 paused" in line(Status(queued=3, paused=True), 80)


def test_a_long_reason_for_a_retry_leaves_the_rest_in_view() -> None:
    said = line(Status(retry="attempt 3", reason="No connection " * 20, model="gpt-4o"), 100)
    assert "↻ attempt 3 │ gpt-4o" in said


def test_after_30_silent_seconds_of_a_model_what_can_be_done_is_said() -> None:
    running = Status(state=ScreenState.RUNNING, awaiting="waiting", since=50.0, heard=70.0)
    assert "No data for 30s: Esc stops, then Up to send again" in line(running, 100)
    assert "No data for" in line(running, 40)
    assert "No data" not in line(replace(running, heard=71.0), 100)
    assert "No data" not in line(replace(running, state=ScreenState.CONFIRMING), 100)


def test_what_a_model_says_is_data_and_a_tool_may_take_its_time() -> None:
    now = [100.0]
    follower = Follower(lambda: now[0])
    follower.apply(ExecutionStart())
    follower.apply(ModelRequestEvent(model_id="m", request=ModelRequest()))
    assert follower.heard == 100.0
    now[0] = 131.5
    follower.apply(ContentStart(block_type="text", block_index=0))
    now[0] = 140.5
    follower.apply(ContentDelta(delta="Hi"))
    assert follower.heard == 140.0
    follower.apply(ToolResultStart(call_id="c", name="look"))
    assert follower.heard is None


def test_a_model_name_cannot_smuggle_escapes() -> None:
    assert "\x1b" not in line(Status(model="x\x1b[2J[red]"), 100)


@pytest.mark.parametrize(
    ("count", "text"), [(950, "950"), (1000, "1K"), (12_340, "12.3K"), (999_960, "1M"), (1_250_000, "1.2M")]
)
def test_tokens_are_counted_in_thousands_and_millions(count: int, text: str) -> None:
    assert short_count(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(7.9, "7s"), (125, "2m05s"), (3780, "1h03m"), (-1, "0s")])
def test_durations_are_short(seconds: float, text: str) -> None:
    assert short_time(seconds) == text


class Counting(StatusBar):
    """Counts how often it draws."""

    draws = 0

    def render(self):  # pyright: ignore[reportUnknownParameterType]  # the base class says it
        self.draws += 1
        return super().render()


async def test_the_bar_draws_only_what_changed_and_ticks_only_while_something_runs() -> None:
    now = [100.0]
    app = ScreenDemo()
    app.bar = Counting(clock=lambda: now[0])
    async with app.run_test() as pilot:
        before = app.bar.draws
        app.bar.show(Status())
        await pilot.pause(0.05)
        assert app.bar.draws == before
        assert app.bar._timer is None  # pyright: ignore[reportPrivateUsage]  # nothing must tick while idle
        app.bar.show(BUSY)
        await pilot.pause()
        assert app.bar.draws == before + 1
        app.bar.tick()
        await pilot.pause()
        assert app.bar.draws == before + 1
        now[0] += 1
        app.bar.tick()
        await pilot.pause()
        assert app.bar.draws == before + 2
        app.bar.show(Status())
        assert app.bar._timer is None  # pyright: ignore[reportPrivateUsage]  # nothing must tick while idle
