"""What an empty session shows, and that it is gone with the first message."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from agentick_core.models.model import ModelInfo
from agentick_tui.chat.looks import looks_of
from agentick_tui.chat.welcome import welcome_rows
from agentick_tui.engine.options import ChatOptions, ModelChoice
from agentick_tui.theme import Palette
from agentick_tui.transcript.blocks import NoticeBlock, UserBlock
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.transcript import Transcript
from agentick_tui.welcome import welcome_of
from tests.tui.chat.test_view import Screen

OPTIONS = ChatOptions(
    model=ModelChoice(spec="offline", why="no key is set"), database=Path("db"), workspace=Path()
)
OFFLINE = ModelInfo(id="offline", provider="offline", spec="offline")
WELCOME = welcome_of(OPTIONS, OFFLINE)
LOOKS = looks_of(Palette(name="test"))


def drawn(width: int, height: int) -> list[str]:
    rows = welcome_rows(WELCOME, width, height, LOOKS)
    assert len(rows) == height
    return [row.drawn for row in rows]


def test_it_says_what_this_is_which_model_answers_why_and_how_to_have_another() -> None:
    said = "\n".join(drawn(120, 37))
    for part in ("agentick", "offline model  no key is set", "ANTHROPIC_API_KEY", "note", "F1 help"):
        assert part in said


@pytest.mark.parametrize(("width", "height"), [(300, 97), (120, 37), (80, 21), (60, 17), (40, 9)])
def test_the_model_and_something_to_try_fit_every_size(width: int, height: int) -> None:
    lines = drawn(width, height)
    said = "\n".join(lines)
    assert "offline model" in said
    assert "note" in said
    assert "Enter send" in said
    assert not lines[0]
    assert not lines[-1]
    assert all(cell_len(line) < width for line in lines)


@pytest.mark.parametrize(("width", "height"), [(120, 0), (120, 2), (12, 30), (1, 1)])
def test_it_stays_away_where_there_is_no_room(width: int, height: int) -> None:
    assert not "".join(drawn(width, height))


def test_a_real_model_is_named_with_the_reason_for_it() -> None:
    chosen = ModelChoice(spec="openai:some", why="OPENAI_API_KEY is set")
    options = ChatOptions(model=chosen, database=Path("db"), workspace=Path())
    model = ModelInfo(id="some", name="Some", provider="openai", spec="openai:some")
    said = "\n".join(row.drawn for row in welcome_rows(welcome_of(options, model), 100, 30, LOOKS))
    assert "Some  OPENAI_API_KEY is set" in said
    assert "/help" in said
    assert "ANTHROPIC" not in said


async def test_it_is_gone_with_the_first_message_and_gives_way_to_notices() -> None:
    app = Screen(Transcript())
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.show(Transcript(), WELCOME)
        await pilot.pause()
        assert any("offline model" in line for line in app.shown)
        app.view.transcript.add(NoticeBlock("a setting is unknown"))
        app.view.changed()
        await pilot.pause()
        assert app.shown[0] == " · a setting is unknown"
        assert any("offline model" in line for line in app.shown)
        app.view.transcript.add(UserBlock(FlowText("hi")))
        app.view.changed()
        await pilot.pause()
        assert [line for line in app.shown if line] == [" · a setting is unknown", " › hi"]
