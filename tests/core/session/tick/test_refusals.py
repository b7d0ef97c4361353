"""Answers that cannot stand as they are: refused ones, which end the work, and empty ones, which are asked again."""

from agentick_core import Nodes, Timeline, component, tool, use_continuation
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Plain, roles, seen, talking, texts


@tool(requires_confirmation=True)
async def danger() -> str:
    """Do it."""
    return "done"


@component
def Once() -> Nodes:
    use_continuation(lambda: False)
    yield danger
    yield Timeline()


async def test_a_model_that_declines_ends_the_execution_as_refused_and_its_words_are_kept() -> None:
    async with talking(ScriptedModel(reply("I will not.", stop_reason="refused")), Plain) as session:
        handle = await session.send("Do it")
        result = await handle.result
        assert (result.stop_reason, result.response, result.tick) == ("refused", "I will not.", 1)
        assert handle.events.to_list()[-1].stop_reason == "refused"


async def test_a_refused_call_after_which_nobody_goes_on_ends_the_execution_as_refused() -> None:
    async with talking(ScriptedModel(call("danger")), Once) as session:
        handle = await session.send("Do it")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, approved=False)
        assert (await handle.result).stop_reason == "refused"


async def test_after_a_refused_call_the_model_goes_on() -> None:
    async with talking(ScriptedModel(call("danger"), "Then not."), tools=[danger]) as session:
        handle = await session.send("Do it")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, approved=False)
        result = await handle.result
        assert (result.stop_reason, result.response) == (None, "Then not.")


async def test_an_empty_answer_is_replaced_by_an_event_and_asked_again() -> None:
    model = ScriptedModel(reply(), "Here I am.")
    async with talking(model, Plain) as session:
        result = await session.send("hi").result
        assert (result.response, result.tick) == ("Here I am.", 2)
        assert roles(session.timeline) == ["user", "event", "assistant"]
        assert texts(model.requests[1])[-1] == texts(session.timeline)[1]


async def test_empty_answers_end_with_the_limit_of_ticks() -> None:
    async with talking(ScriptedModel.repeat(reply()), Plain, max_ticks=3) as session:
        result = await session.send("hi").result
        assert (result.stop_reason, result.tick, result.response) == ("max_ticks", 3, "")
