"""What the usage of a session and of its executions counts: all that a provider has counted."""

import asyncio
from typing import Any

import pytest

from agentick_core import AgentickError, ToolContext, create_app, tool
from agentick_core.errors import InvalidRequestError
from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import MessageOpened, TextDelta, UsageDelta
from agentick_core.testing import Reply, ScriptedModel, call, reply
from tests.core.session.saying import events_of
from tests.core.session.talk import Plain, seen, talking

TAKEN = Usage(5000, 1, 5001)


def unfinished(ends: str) -> Reply:
    """Make an answer of which the provider has counted tokens before it failed, or hung."""
    begun = (MessageOpened(), UsageDelta(TAKEN), TextDelta("so far"))
    if ends == "fails":
        return Reply(begun, InvalidRequestError("broken"))
    return Reply((*begun, asyncio.Event()))


async def ended(execution: Any, ends: str) -> None:
    """Wait until an unfinished answer has ended; stop it where it hangs."""
    if ends == "is stopped":
        await seen(execution, "content_delta")
        execution.abort("enough")
    with pytest.raises(AgentickError):
        await execution.result


@pytest.mark.parametrize("ends", ["fails", "is stopped"])
async def test_what_an_unfinished_answer_took_counts_for_its_execution_and_its_session(ends: str) -> None:
    async with talking(ScriptedModel(unfinished(ends), "done")) as session:
        heard = events_of(session, "execution_end")
        session.start_recording()
        await ended(await session.send("hi"), ends)
        await session.ended()
        assert [end.usage for end in heard] == [TAKEN]
        assert session.inspect().total_usage == TAKEN
        result = await session.send("go on").result
        assert heard[1].usage == result.usage == Usage(10, 5, 15, ticks=1)
        assert session.inspect().total_usage == TAKEN + result.usage
        assert session.get_recording().summary.total_usage == TAKEN + result.usage


@pytest.mark.parametrize("ends", ["fails", "is stopped"])
async def test_what_the_unfinished_answer_of_a_child_took_is_in_the_tree(ends: str) -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        await ended(await ctx.spawn(Plain, "hi"), ends)
        return "it gave no answer"

    async with talking(ScriptedModel(call("ask"), unfinished(ends), reply("done")), tools=[ask]) as session:
        result = await session.send("go").result
        assert result.usage == Usage(20, 10, 30, ticks=2)
        assert result.usage_tree == result.usage + TAKEN


async def test_where_middleware_asks_twice_both_answers_count_everywhere() -> None:
    async def twice(call: Any, following: Any) -> Any:
        await following(call)
        return await following(call)

    async with create_app(Plain, model=ScriptedModel("first", "second")) as app:
        app.use("model:stream", twice)
        session: Any = await app.session("s", recording="full")
        heard = events_of(session, "execution_end")
        result = await session.send("hi").result
        assert (result.response, result.usage) == ("second", Usage(20, 10, 30, ticks=2))
        assert [end.usage for end in heard] == [result.usage]
        assert session.inspect().total_usage == result.usage
        assert session.get_recording().summary.total_usage == result.usage
