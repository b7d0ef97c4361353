"""Typing at the prompt: editing keys, history, completion, states."""

import pytest
from textual import events

from agentick_tui.commands.resolve import candidates
from agentick_tui.keymap import Act, ScreenState
from agentick_tui.prompt.completion import Candidate
from agentick_tui.prompt.completion_list import CompletionList
from agentick_tui.status.parts import Status
from tests.tui.screen_demo import ScreenDemo


async def test_the_emacs_keys_edit_the_line() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"one two three", "ctrl+w", "ctrl+w")
        assert app.prompt.text == "one "
        await pilot.press("ctrl+y")
        assert app.prompt.text == "one two three"
        await pilot.press("ctrl+a", "alt+d", "ctrl+e", "ctrl+y")
        assert app.prompt.text == " two threeone"
        await pilot.press("alt+y")
        assert app.prompt.text == " two threetwo three"
        await pilot.press("ctrl+u")
        assert app.prompt.text == ""


async def test_killing_moving_and_transposing() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"abdc", "ctrl+t", *" x", "alt+b", "alt+b", "ctrl+f", "ctrl+k")
        assert app.prompt.text == "a"
        await pilot.press("ctrl+h", *"one", "ctrl+j", *"two", "up", "ctrl+e", "ctrl+k")
        assert app.prompt.text == "onetwo"
        await pilot.press("ctrl+d", "ctrl+b", "left", "alt+backspace")
        assert app.prompt.text == "newo"


async def test_undo_takes_back_and_redo_brings_again() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"hello", "ctrl+u", "ctrl+underscore")
        assert app.prompt.text == "hello"
        await pilot.press("alt+underscore")
        assert app.prompt.text == ""


async def test_keys_that_come_in_one_burst_keep_their_order() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        for key, character in (
            ("o", "o"),
            ("n", "n"),
            ("ctrl+a", None),
            ("x", "x"),
            ("ctrl+e", None),
            ("y", "y"),
        ):
            app.post_message(events.Key(key, character))
        await pilot.pause()
        assert app.prompt.text == "xony"


async def test_enter_sends_and_a_newline_key_breaks_the_line() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "ctrl+j", *"two", "shift+enter", *"three", "enter", *"next")
        assert app.heard.asked == [(Act.SEND, "one\ntwo\nthree")]
        assert app.prompt.text == "next"


async def test_what_is_typed_right_after_enter_is_not_lost() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        for letter in "a\rb":
            app.post_message(events.Key("enter" if letter == "\r" else letter, letter))
        await pilot.pause()
        assert app.heard.asked == [(Act.SEND, "a")]
        assert app.prompt.text == "b"


async def test_enter_on_an_empty_prompt_sends_nothing() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press("enter", "space", "enter")
        assert app.heard.asked == []


async def test_while_it_runs_enter_queues_and_alt_enter_steers() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.be(Status(state=ScreenState.RUNNING))
        await pilot.press("a", "enter", "b", "alt+enter", "enter", "c", "escape")
        assert app.heard.asked == [
            (Act.QUEUE, "a"),
            (Act.STEER, "b"),
            (Act.STEER_FIRST, ""),
            (Act.INTERRUPT, "c"),
        ]
        assert app.prompt.text == "c"


async def test_up_and_down_at_the_edges_walk_the_history_and_keep_the_draft() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"two", "ctrl+j", *"lines", "enter", *"draft")
        await pilot.press("up")
        assert app.prompt.text == "two\nlines"
        await pilot.press("up")
        assert app.prompt.text == "one"
        await pilot.press("up", "down", "down", "down")
        assert app.prompt.text == "draft"


async def test_a_paste_is_cleaned_and_may_have_many_lines() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("one\r\ntwo\rthree \x1b[31mred\x1b]0;title\x07"))
        await pilot.pause()
        assert app.prompt.text == "one\ntwo\nthree red"


@pytest.mark.parametrize("size", [(120, 40), (40, 12)])
async def test_the_editor_grows_to_its_limit_and_shows_the_caret(size: tuple[int, int]) -> None:
    app = ScreenDemo()
    async with app.run_test(size=size) as pilot:
        assert app.prompt.editor.size.height == 1
        for number in range(12):
            await pilot.press(str(number % 10), "ctrl+j")
        assert app.prompt.editor.size.height == min(8, size[1] // 4)
        await pilot.pause()
        assert app.cursor_position == app.prompt.editor.cursor_screen_offset
        assert app.prompt.editor.region.contains_point(app.cursor_position)


async def test_no_block_is_drawn_for_the_cursor() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press("a")
        strip = app.prompt.editor.render_line(0)
        assert not any(segment.style and segment.style.reverse for segment in strip)
        backgrounds = {segment.style.bgcolor for segment in strip if segment.style}
        assert len(backgrounds) == 1


async def test_a_slash_lists_the_commands_and_tab_takes_the_marked_one() -> None:
    app = ScreenDemo()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("/")
        assert app.prompt.is_completing
        await pilot.press("r", "e", "n")
        await pilot.press("tab")
        assert app.prompt.text == "/rename "
        assert not app.prompt.is_completing


async def test_enter_takes_a_completion_first_and_then_runs_it() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"/sess", "enter")
        assert (app.prompt.text, app.heard.asked) == ("/sessions ", [])
        await pilot.press("enter")
        assert app.heard.asked == [(Act.SEND, "/sessions ")]


async def test_enter_runs_a_command_whose_whole_name_is_typed() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"/quit", "enter")
        assert app.heard.asked == [(Act.SEND, "/quit")]


async def test_down_moves_the_mark_and_esc_closes_the_list() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press("/", "down", "tab")
        assert app.prompt.text == "/new "
        await pilot.press("ctrl+u", "/", "escape", "h")
        assert not app.prompt.is_completing
        assert app.prompt.text == "/h"


async def test_nothing_matches_is_said() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"/zzz")
        assert "no command matches" in app.prompt.query_one(CompletionList).render().plain


async def test_a_complaint_stays_until_something_is_typed() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.prompt.put_back("/nwe")
        app.prompt.complain("There is no command /nwe. Did you mean /new?")
        await pilot.pause()
        listed = app.prompt.query_one(CompletionList)
        assert listed.display
        assert app.prompt.text == "/nwe"
        await pilot.press("ctrl+u", "x")
        assert not listed.display


async def test_a_text_that_was_refused_comes_back_before_what_was_typed_since() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"since")
        app.prompt.put_back("refused")
        assert app.prompt.text == "refused\nsince"


async def test_the_draft_goes_into_the_history() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press(*"draft")
        app.prompt.keep_draft()
        await pilot.press("up")
        assert app.prompt.text == "draft"


async def test_the_list_keeps_its_mark_while_an_answer_streams() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.be(Status(state=ScreenState.RUNNING))
        await pilot.press("/", "down")
        for _ in range(3):
            app.be(Status(state=ScreenState.RUNNING))
        await pilot.press("tab")
        assert app.prompt.text == "/new "


async def test_a_question_closes_the_list_and_its_end_brings_it_back() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press("/")
        app.be(Status(state=ScreenState.CONFIRMING))
        assert not app.prompt.is_completing
        app.be(Status(state=ScreenState.RUNNING))
        assert app.prompt.is_completing


async def test_commands_that_are_learnt_late_join_the_open_list() -> None:
    app = ScreenDemo()
    known: list[Candidate] = [Candidate(name="help")]
    app.prompt.commands = lambda: known
    async with app.run_test() as pilot:
        await pilot.press("/")
        known.append(Candidate(name="deploy"))
        app.prompt.edited()
        await pilot.press("d", "tab")
        assert app.prompt.text == "/deploy "


async def test_a_complaint_outlives_a_change_of_state() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        app.prompt.put_back("/nwe")
        app.prompt.complain("There is no command /nwe.")
        app.be(Status(state=ScreenState.RUNNING))
        app.be(Status(state=ScreenState.IDLE))
        await pilot.pause()
        assert "no command /nwe" in app.prompt.query_one(CompletionList).render().plain
        await pilot.press("backspace")
        assert app.prompt.is_completing


async def test_the_mark_stays_where_it_was_when_more_commands_become_known() -> None:
    app = ScreenDemo()
    async with app.run_test() as pilot:
        await pilot.press("slash", "down", "down")
        marked = app.prompt._marked  # pyright: ignore[reportPrivateUsage]  # what Enter would take
        app.prompt.commands = lambda: (Candidate(name="aaa"), *candidates(()))
        app.prompt.edited()
        assert app.prompt._marked == marked  # pyright: ignore[reportPrivateUsage]  # what Enter would take
        await pilot.press("h")
        current = app.prompt._marked  # pyright: ignore[reportPrivateUsage]  # what Enter would take
        assert current is not None
        assert current.candidate.name == "help"
