"""The DevTools panel shows every field of what it is given, live, and works only while it is open."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from agentick_core.session.telling.scheduler import Reconcile, SchedulerState
from agentick_tui.devtools.fields import field_lines
from agentick_tui.devtools.panel import NO_STATE
from tests.tui.confirm.test_panel import screen
from tests.tui.screen_demo import ScreenDemo


@dataclass(frozen=True, slots=True)
class Row:
    reason: str
    ms: float


@dataclass(frozen=True, slots=True)
class State:
    status: str = "tick"
    is_scheduled: bool = False
    pending_reasons: tuple[str, ...] = ()
    history: tuple[Row, ...] = (Row("state count", 1.25),)
    usage: Mapping[str, int] = field(default_factory=lambda: {"input_tokens": 5})
    last_output: str | None = None


def plain(value: object) -> str:
    return "\n".join(line.plain for line in field_lines(value))


def test_every_field_is_shown_with_its_value() -> None:
    text = plain(State())
    for part in (
        "status",
        "tick",
        "is_scheduled",
        "no",
        "(none)",
        "ms    reason",
        "1.25  state count",
        "input_tokens 5",
    ):
        assert part in text
    assert "last_output" in text


def test_records_with_a_time_are_a_table_with_the_newest_first() -> None:
    reconciles = (Reconcile("tick", 1.25, ms=0.5), Reconcile("state", 3723.002, deferred=True, ms=12))
    assert plain(SchedulerState(history=reconciles)).split("\n")[-4:] == [
        "history            2",
        "timestamp     deferred  ms   reason",
        "01:02:03.002  yes       12   state",
        "00:00:01.250  no        0.5  tick",
    ]


def test_what_comes_from_outside_is_shown_not_obeyed() -> None:
    text = plain({"name\x1b[2J": "[red]x\x1b]0;t\x07", "list": ["a\nb"]})
    assert "\x1b" not in text
    assert "[red]x␛]0;t" in text
    assert "a␊b" in text


def test_huge_values_are_cut() -> None:
    assert len(plain({"text": "x" * 1_000_000})) < 600
    assert plain({"rows": [{"deep": ["y" * 50]}] * 10_000}).count("\n") < 1000


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert len(plain({"loop": loop})) < 5000


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 12)])
async def test_both_tabs_are_live(size: tuple[int, int]) -> None:
    app = ScreenDemo()
    async with app.run_test(size=size) as pilot:
        app.tools.update(None, State())
        app.tools.toggle()
        await pilot.pause()
        assert NO_STATE[:20] in screen(app)
        app.tools.update(State(status="rendering"), State())
        await pilot.pause()
        assert "rendering" in screen(app)
        app.tools.next_tab()
        app.tools.update(State(status="rendering"), {"id": "session-1"})
        await pilot.pause()
        assert "session-1" in screen(app)
        app.tools.toggle()
        await pilot.pause()
        assert "session-1" not in screen(app)


async def test_nothing_is_computed_while_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ScreenDemo()
    async with app.run_test():
        calls: list[object] = []

        def counted(value: object) -> tuple[()]:
            calls.append(value)
            return ()

        monkeypatch.setattr("agentick_tui.devtools.panel.field_lines", counted)
        app.tools.update(State(), State())
        assert calls == []
        app.tools.toggle()
        assert len(calls) == 1
        app.tools.update(State(), State())
        assert len(calls) == 1
