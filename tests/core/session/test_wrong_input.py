"""What is given to a session or an app and is not what it takes: refused at once, with a way out."""

from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import create_app
from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import Message
from tests.core.session.talk import Plain, mock, talking

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "content", ["Hello!", TextBlock("Hello!"), [TextBlock("Hello!")], ["Hello!"]], ids=type
)
async def test_a_message_made_with_bare_content_is_kept_as_blocks(content: Any) -> None:
    model = mock()
    async with talking(model) as session:
        await session.send(Message("user", content)).result
        assert model.requests[0].messages[0].content == (TextBlock("Hello!"),)
        assert session.timeline[0].message.content == (TextBlock("Hello!"),)


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        b"hi",
        [None],
        {"role": "user", "content": 5},
        {"content": [{"type": "poem", "text": "x"}]},
        {"messages": 5},
        {"messages": ["hi"], "tools": ["add"]},
        {"messages": ["hi"], "signal": True},
        {"messages": ["hi"], "props": ["name"]},
        {"messages": ["hi"], "max_ticks": 0},
        {"messages": ["hi"], "maxTicks": "2"},
        {"messages": ["hi"], "limits": 5},
    ],
    ids=str,
)
async def test_what_is_not_what_a_send_takes_is_refused_with_a_way_out_before_anything_is_queued(
    wrong: Any,
) -> None:
    async with talking() as session:
        with pytest.raises(ValidationError, match="Validation failed") as refused:
            await session.send(wrong)
        assert refused.value.hint
        assert (session.status, session.queued_messages) == ("idle", ())


async def test_an_option_that_send_does_not_have_is_an_error_that_names_those_it_has() -> None:
    async with talking() as session:
        wrong: dict[str, Any] = {"max_tick": 2}
        with pytest.raises(TypeError, match=r"no option 'max_tick'; known are .*max_ticks"):
            await session.send("hi", **wrong)
        assert session.queued_messages == ()


@pytest.mark.parametrize("wrong", ["hi", 5, ["hi"]], ids=str)
async def test_what_cannot_be_rendered_is_refused_and_not_taken_for_nothing(wrong: Any) -> None:
    async with talking() as session:
        with pytest.raises(ValidationError, match="cannot be rendered") as refused:
            await session.render(wrong)
        assert "send()" in refused.value.hint


async def test_what_a_session_is_asked_wrongly_is_refused_and_changes_nothing() -> None:
    async with talking() as session:
        asked: list[Callable[[], Any]] = [
            lambda: session.set_model(5),
            lambda: session.on("evnt", print),
            lambda: session.queue("hi", when="tomorrow"),
            lambda: session.dispatch(5),
            lambda: session.dispatch("add", "1 + 2"),
        ]
        for ask in asked:
            with pytest.raises(ValidationError, match="Validation failed") as refused:
                await ask()
            assert refused.value.hint
        assert session.queued_messages == ()
        assert (await session.send("hi").result).response == "Mock response"


@pytest.mark.parametrize(
    "wrong",
    [{"model": 5}, {"max_ticks": 0}, {"max_timeline_entries": -1}, {"tools": ["add"]}, {"signal": 1}],
    ids=str,
)
def test_an_app_refuses_options_that_mean_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        create_app(Plain, **wrong)


async def test_whatever_is_called_names_the_options_it_has() -> None:
    wrong: dict[str, Any] = {"max_tick": 2}
    async with create_app(Plain, model=mock()) as app:
        session = await app.session("s")
        calls: list[Callable[[], Any]] = [
            lambda: app.session("t", **wrong),
            lambda: session.spawn(Plain, "hi", **wrong),
            lambda: app.run("hi", **wrong),
        ]
        for call in calls:
            with pytest.raises(TypeError, match=r"has no option 'max_tick'; known are "):
                await call()


@pytest.mark.parametrize("wrong", [5, {"id": "s"}], ids=str)
async def test_the_id_of_a_session_is_text(wrong: Any) -> None:
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(ValidationError, match="is not an id"):
            await app.session(wrong)
