"""Answering the question before a tool runs."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from agentick_tui.confirm.entry import EntryArea
from agentick_tui.confirm.panel import CANCELLED, REJECTED
from agentick_tui.confirm.question import Answer, Question, RuleChoice
from agentick_tui.keymap import ScreenState
from agentick_tui.lines import LinesView
from agentick_tui.status.parts import Status
from tests.tui.screen_demo import QUESTION, ScreenDemo


@dataclass
class Clock:
    """Stands still; the keys' own times run on."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def asking(app: ScreenDemo, pilot: Pilot[Any], *questions: Question) -> None:
    app.be(Status(state=ScreenState.RUNNING))
    for question in questions or (QUESTION,):
        app.panel.ask(question)
    await pilot.pause()


def screen(app: ScreenDemo) -> str:
    """What is on the screen, line by line."""
    strips = app.screen._compositor.render_strips(app.screen.size)  # pyright: ignore[reportPrivateUsage]  # the picture
    return "\n".join(strip.text for strip in strips)


async def test_what_will_run_is_shown_with_its_controls_visible() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(120, 40)) as pilot:
        await asking(app, pilot)
        picture = screen(app)
        for part in (
            "Approve?", "Reviewer › shell wants to run", "execute · network", "git push origin main",
            "rm -rf build ␛[31m<U+202E>", "timeout: 30", "asked by: the tool asks each time",
            'the model says: "I will push', "+new line", "y yes",
        ):  # fmt: skip
            assert part in picture
        assert "\x1b" not in picture


async def test_y_approves_once() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        await pilot.press("y")
        assert app.heard.answers == [Answer(call_id="call-1", approved=True)]
        assert app.panel.state is None
        assert not app.panel.display


async def test_n_opens_a_reason_that_goes_along() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        await pilot.press("n", *"yes, no", "enter")
        assert app.heard.answers == [Answer(call_id="call-1", approved=False, reason="yes, no")]
        await pilot.press("x")
        assert app.prompt.text == "x"


async def test_what_is_typed_in_one_burst_with_n_is_the_reason() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        for key in ("n", *"because", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.heard.answers == [Answer(call_id="call-1", approved=False, reason="because")]
        assert app.prompt.text == ""


async def test_what_is_typed_in_one_burst_after_the_reason_goes_into_the_prompt() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        for key in ("n", *"no", "enter", *"next"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.heard.answers == [Answer(call_id="call-1", approved=False, reason="no")]
        assert app.prompt.text == "next"


async def test_what_is_wrong_with_the_arguments_is_said_until_something_is_done_about_it() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        await pilot.press("e")
        app.panel.query_one(EntryArea).load_text("{")
        await pilot.press("enter")
        assert "✗" in screen(app)
        await pilot.resize_terminal(70, 20)
        app.panel.ask(replace(QUESTION, call_id="call-2"))
        await pilot.pause()
        assert "✗" in screen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "✗" not in screen(app)


async def test_an_empty_reason_is_a_plain_no_and_esc_goes_back() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        await pilot.press("tab", *"why", "escape")
        assert app.heard.answers == []
        assert app.panel.state is ScreenState.CONFIRMING
        await pilot.press("n", "enter")
        assert app.heard.answers == [Answer(call_id="call-1", approved=False, reason=REJECTED)]


async def test_a_paste_opens_the_reason() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        app.post_message(events.Paste("use\nrebase\x1b[2J"))
        await pilot.pause()
        await pilot.press("enter")
        assert app.heard.answers[0].reason == "use rebase"
        assert app.prompt.text == ""


async def test_esc_refuses_and_ctrl_c_says_who_cancelled() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot, QUESTION, replace(QUESTION, call_id="call-2"))
        await pilot.press("escape")
        app.panel.cancel()
        assert [answer.reason for answer in app.heard.answers] == [REJECTED]
        await pilot.pause()
        assert [answer.reason for answer in app.heard.answers] == [REJECTED, CANCELLED]


async def test_always_shows_the_rule_and_stores_nothing_before_the_second_enter() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await asking(app, pilot)
        await pilot.press("a", "down", "enter")
        assert app.heard.answers == []
        assert "This stores: shell" in screen(app)
        await pilot.press("escape", "escape")
        assert app.panel.state is ScreenState.CONFIRMING
        await pilot.press("a", "down", "enter", "enter")
        (answer,) = app.heard.answers
        assert answer.approved
        assert answer.rule == QUESTION.rules[1]


async def test_edited_arguments_are_checked_shown_and_what_runs() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await asking(app, pilot)
        await pilot.press("e", "ctrl+a", *"[", "enter")
        assert app.panel.state is ScreenState.OPEN
        assert "✗" in screen(app)
        entry = app.panel.query_one("EntryArea")
        entry.load_text('{"command": "git status"}')  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # an editor
        await pilot.press("enter")
        assert "edited by you" in screen(app)
        assert "command: git status" in screen(app)
        await pilot.press("y")
        assert app.heard.answers == [
            Answer(call_id="call-1", approved=True, arguments={"command": "git status"})
        ]


async def test_no_other_key_answers_and_none_reaches_the_prompt() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test() as pilot:
        await asking(app, pilot)
        await pilot.press("x", "enter", "space", "ctrl+k", "backspace", "Q", "1")
        assert app.heard.answers == []
        assert app.prompt.text == ""
        assert app.heard.asked == []


async def test_keys_typed_ahead_go_on_into_the_prompt() -> None:
    app = ScreenDemo(clock=Clock(now=1e12))
    async with app.run_test() as pilot:
        await asking(app, pilot)
        await pilot.press(*"yes na", "enter", "escape", "tab")
        assert app.heard.answers == []
        assert app.heard.asked == []
        assert app.prompt.text == "yes na"


async def test_several_questions_come_one_after_the_other() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await asking(app, pilot, QUESTION, replace(QUESTION, call_id="call-2", name="second"))
        assert "1 of 2" in screen(app)
        await pilot.press("y")
        assert "2 of 2" in screen(app)
        assert "second wants to run" in screen(app)
        app.panel.withdraw("call-2")
        await pilot.pause()
        assert not app.panel.display


async def test_d_shows_the_difference_over_the_screen() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await asking(app, pilot, replace(QUESTION, diff="\n".join(f"+line {n}" for n in range(50))))
        await pilot.press("d", "down")
        assert "+line 1 " in screen(app)
        assert app.panel.query_one(LinesView).size.height >= 15
        await pilot.press("d", "y")
        assert app.heard.answers == [Answer(call_id="call-1", approved=True)]


async def test_markup_in_arguments_is_text() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await asking(
            app, pilot, Question(call_id="c", name="[b]x[/b]", arguments={"[red]": "[/]$error [@click=x]"})
        )
        assert "[b]x[/b] wants to run" in screen(app)
        assert "[red]: [/]$error [@click=x]" in screen(app)


@pytest.mark.parametrize("height", [16, 17, 20, 24, 40, 60])
@pytest.mark.parametrize("stage", [(), ("n",), ("a",)])
async def test_five_lines_of_the_transcript_stay_in_view(height: int, stage: tuple[str, ...]) -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(40, height)) as pilot:
        app.strip.show(["one", "two"], folded=True)
        await pilot.press("a", "ctrl+j", "b", "ctrl+j", "c")
        await asking(app, pilot, replace(QUESTION, arguments={"text": "x" * 5000, "lines": "a\n" * 100}))
        await pilot.press(*stage)
        assert app.transcript.region.height >= 5
        assert app.prompt.region.bottom == height - 1


async def test_long_arguments_scroll_and_a_small_screen_still_asks() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(40, 12)) as pilot:
        await asking(
            app, pilot, Question(call_id="c", name="t", arguments={"lines": "\n".join(map(str, range(50)))})
        )
        await pilot.press(*["down"] * 30)
        assert "│ 30" in screen(app)
        assert "y yes" in screen(app)
        await pilot.press("y")
        assert app.heard.answers


async def test_always_shows_the_arguments_as_they_were_edited() -> None:
    app = ScreenDemo(clock=Clock())
    exact = RuleChoice(label="This call", detail='shell {"command": "git push"}', exact=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await asking(app, pilot, replace(QUESTION, arguments={"command": "git push"}, rules=(exact,)))
        await pilot.press("e")
        app.panel.query_one(EntryArea).load_text('{"command": "git status"}')
        await pilot.press("enter", "a")
        assert 'shell {"command": "git status"}' in screen(app)
        await pilot.press("enter")
        assert 'shell {"command": "git status"}' in screen(app)
        assert "git push" not in screen(app).partition("This stores")[2]


async def test_an_edit_counts_that_python_holds_for_equal() -> None:
    app = ScreenDemo(clock=Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await asking(app, pilot, replace(QUESTION, arguments={"command": True}, schema={}))
        await pilot.press("e")
        app.panel.query_one(EntryArea).load_text('{"command": 1}')
        await pilot.press("enter", "y")
        (answer,) = app.heard.answers
        assert answer.arguments is not None
        assert answer.arguments["command"] is not True
