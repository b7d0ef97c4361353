"""What waits is seen."""

import pytest

from tests.tui.screen_demo import ScreenDemo


@pytest.mark.parametrize(("size", "lines"), [((80, 24), 3), ((40, 12), 1)])
async def test_the_first_messages_and_how_many_more_are_shown(size: tuple[int, int], lines: int) -> None:
    app = ScreenDemo()
    async with app.run_test(size=size) as pilot:
        assert not app.strip.display
        app.strip.show(["first\nline", "[red]second", "third\x1b[2J", "fourth", "fifth"])
        await pilot.pause()
        rows = app.strip.render().plain.split("\n")
        assert len(rows) == lines + 1
        assert "first line" in rows[0]
        assert rows[-1].strip() == f"… {5 - lines} more"
        assert "\x1b" not in app.strip.render().plain


async def test_a_paused_queue_says_so_and_an_empty_one_is_hidden() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.strip.show(["first"], paused=True)
        await pilot.pause()
        assert "paused" in app.strip.render().plain
        app.strip.show([])
        assert not app.strip.display


async def test_a_folded_queue_takes_one_line() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.strip.show(["a", "b"], folded=True)
        await pilot.pause()
        assert app.strip.render().plain == "↳ 2 queued"
        app.strip.show(["a", "b"], steered=["c"], folded=True)
        assert app.strip.render().plain == "↳ 1 steered, 2 queued"


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 12)])
async def test_what_was_steered_and_not_taken_yet_comes_first(size: tuple[int, int]) -> None:
    app = ScreenDemo()
    async with app.run_test(size=size) as pilot:
        app.strip.show([], steered=["and look\nat Rome"])
        await pilot.pause()
        assert app.strip.display
        assert app.strip.render().plain.rstrip() == "→ steered, next tick  and look at Rome"[: size[0] - 2]
        app.strip.show(["later"], steered=["now"])
        await pilot.pause()
        assert app.strip.render().plain.split("\n")[0].startswith("→ steered, next tick  now")
        assert "queued" in app.strip.render().plain or size[1] < 16
