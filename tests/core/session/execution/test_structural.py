"""What a send shows beside its messages: every form in which it may be given, and into a child."""

from typing import Any

import pytest

from agentick_core.errors import ValidationError
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import SystemMessage, UserMessage
from tests.core.session.talk import Plain, mock, talking, texts


@pytest.mark.parametrize(
    "system",
    [
        "Be kind.",
        ["Be kind."],
        [{"content": "Be kind."}],
        [{"content": [{"type": "text", "text": "Be kind."}]}],
        [TextBlock("Be kind.")],
        [SystemMessage("Be kind.")],
    ],
    ids=str,
)
async def test_a_system_text_of_a_send_may_be_given_in_any_form_with_a_list_or_without(system: Any) -> None:
    model = mock()
    async with talking(model) as session:
        await session.send("hi", system=system).result
        assert model.requests[0].system == ("Be brief.", "Be kind.")


@pytest.mark.parametrize(
    "ephemeral",
    [
        "psst",
        {"content": "psst", "position": "before-user"},
        [{"content": [{"type": "text", "text": "psst"}], "position": "before-user"}],
        UserMessage("psst"),
    ],
    ids=str,
)
async def test_an_ephemeral_of_a_send_may_be_given_in_any_form(ephemeral: Any) -> None:
    model = mock()
    async with talking(model) as session:
        await session.send("hi", ephemeral=ephemeral).result
        assert sorted(texts(model.requests[0])) == ["[Context]\npsst", "hi"]


async def test_a_grounding_of_a_send_stands_under_its_title_at_the_start() -> None:
    model = mock()
    async with talking(model) as session:
        await session.send("hi", grounding=[{"title": "Weather", "content": "It rains."}]).result
        assert texts(model.requests[0]) == ["[Context]\nWeather: It rains.", "hi"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sections": [{"content": "without an id"}]},
        {"sections": ["text"]},
        {"sections": {"id": "a", "content": "x", "position": "middle"}},
        {"ephemeral": [{"content": "x", "position": "middle"}]},
        {"ephemeral": [5]},
        {"system": 5},
        {"system": [5]},
        {"grounding": [{"content": [{"type": "poem"}]}]},
    ],
    ids=str,
)
async def test_what_cannot_be_shown_is_refused_before_anything_is_queued(wrong: dict[str, Any]) -> None:
    async with talking() as session:
        with pytest.raises(ValidationError):
            await session.send("hi", **wrong)
        assert (session.status, session.queued_messages, session.timeline) == ("idle", (), ())


async def test_l10_what_a_send_shows_flows_into_a_child() -> None:
    model = mock()
    async with talking(model) as session:
        shown = {"system": "Today.", "sections": [{"id": "s", "content": "notes"}], "ephemeral": "psst"}
        await session.spawn(Plain, {"messages": ["go"], **shown}).result
        (request,) = model.requests
        assert request.system == ("Be brief.", "Today.", "notes")
        assert texts(request) == ["go", "[Context]\npsst"]
