"""Child sessions: their own history, heard through their parent."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    Decision,
    Nodes,
    StreamEvent,
    Timeline,
    ToolCallEvent,
    ToolContext,
    User,
    component,
)
from agentick_core.errors import PropsError, SpawnDepthError, ValidationError
from agentick_core.messages.blocks import ToolUseBlock
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import (
    SOON,
    Plain,
    held,
    idle,
    kinds,
    mock,
    seen,
    stopped,
    talking,
    texts,
    tool,
)


@component
def Asking(q: str = "?") -> Nodes:
    yield User(q)
    yield Timeline()


def echo() -> FunctionModel:
    return FunctionModel(lambda request: f"about {request.messages[-1].text}")


async def test_f1_a_child_answers_and_leaves_no_trace_in_the_app() -> None:
    async with talking(echo()) as session:
        result = await session.spawn(Plain, "bees").result
        assert result.response == "about bees"
        assert (session.timeline, session.children) == ((), ())


async def test_f2_props_of_the_input_win_over_those_of_the_element() -> None:
    async with talking(echo()) as session:
        assert (await session.spawn(Asking("a")).result).response == "about a"
        assert (await session.spawn(Asking("a"), props={"q": "b"}).result).response == "about b"


async def test_f4_parallel_children_each_have_their_own_answer() -> None:
    async with talking(echo()) as session:
        calls = [session.spawn(Plain, text) for text in ("bees", "ants")]
        assert [(await each.result).response for each in calls] == ["about bees", "about ants"]


async def test_f5_children_are_not_spawned_deeper_than_ten() -> None:
    depths: list[str] = []

    @tool
    async def deeper(ctx: ToolContext) -> str:
        """Go deeper."""
        depths.append(ctx.session_id)
        try:
            return (await ctx.spawn(Plain, "deeper").result).response
        except SpawnDepthError as error:
            return str(error)

    def answer(request: Any) -> Any:
        last = request.messages[-1]
        if last.role == "tool":
            return "".join(block.text for block in last.tool_results[0].content)
        return call("deeper")

    async with talking(FunctionModel(answer), tools=[deeper]) as session:
        result = await session.send("go").result
        assert result.response == "Maximum spawn depth (10) exceeded"
        assert len(depths) == 10
        assert result.usage_tree.ticks == 20
        assert result.usage.ticks == 2


async def test_f7_f8_a_childs_events_come_with_their_path_and_before_the_end_of_the_spawn() -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "child", tools=[below], label="helper").result).response

    @tool
    async def below(ctx: ToolContext) -> str:
        """Ask a grandchild."""
        return (await ctx.spawn(Plain, "grandchild").result).response

    model = ScriptedModel(call("ask"), call("below"), "third", "second", "first")
    async with talking(model, tools=[ask]) as session:
        handle = await session.send("go")
        await handle.result
        events = handle.events.to_list()
        starts = [event for event in events if event.type == "spawn_start"]
        ends = [event for event in events if event.type == "spawn_end"]
        assert [len(event.spawn_path) for event in starts] == [0, 1]
        assert [len(event.spawn_path) for event in ends] == [1, 0]
        spawn_id = starts[0].spawn_id
        assert all(event.spawn_path[0] == spawn_id for event in events if event.spawn_path)
        assert max(len(event.spawn_path) for event in events) == 2
        last_forwarded = max(place for place, event in enumerate(events) if event.spawn_path)
        assert last_forwarded < events.index(ends[1])
        assert (starts[0].label, starts[0].component_name) == ("helper", "Plain")
        assert starts[0].origin_call_id == session.timeline[1].message.tool_uses[0].tool_use_id
        assert (ends[1].output, ends[1].is_error) == ("second", False)
        sequences = [event.sequence for event in events]
        assert sequences == sorted(set(sequences))


async def test_a_childs_ticks_are_not_the_parents() -> None:
    ticks: list[int] = []

    def started(tick: int, _: str) -> None:
        ticks.append(tick)

    async with talking(echo(), on_tick_start=started) as session:
        await session.spawn(Plain, "bees").result
        assert ticks == []


async def test_f10_f11_a_child_that_is_aborted_ends_its_spawn_with_an_error() -> None:
    async with talking(ScriptedModel(reply("x", hold=asyncio.Event()))) as session:
        events: list[Any] = []
        session.on("event", events.append)
        handle = await session.spawn(Plain, "bees")
        await seen(handle, "content_delta")
        (child,) = session.children
        assert (child.parent, child.parent_session_id) == (session, session.id)
        handle.abort("enough")
        with pytest.raises(AbortError):
            await handle.result
        await child.ended()
        assert session.children == ()
        assert (events[-1].type, events[-1].is_error, events[-1].output) == ("spawn_end", True, "enough")


@pytest.mark.parametrize("how", ["interrupt", "close", "abort"])
async def test_c10_f10_stopping_the_parent_stops_its_children(how: str) -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("parent", hold=hold), reply("child", hold=hold))) as session:
        parent = await session.send("go")
        await seen(parent, "content_delta")
        child = await session.spawn(Plain, "bees")
        await seen(child, "content_delta")
        match how:
            case "interrupt":
                session.interrupt()
            case "close":
                await session.close()
            case _:
                parent.abort()
        async with asyncio.timeout(SOON):
            for handle in (parent, child):
                with pytest.raises(AbortError):
                    await handle.result
        await idle(session)
        assert session.children == ()
        assert kinds(parent)[-2:] == ["spawn_end", "execution_end"] or "spawn_end" in kinds(parent)


async def test_interrupting_an_idle_parent_stops_the_children_that_it_has() -> None:
    async with talking(ScriptedModel(reply("child", hold=asyncio.Event()))) as session:
        child = await session.spawn(Plain, "bees")
        await seen(child, "content_delta")
        session.interrupt()
        with pytest.raises(AbortError):
            await child.result


async def test_a_send_does_not_wait_for_a_child_that_is_none_of_its_own() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("child", hold=hold), "parent")) as session:
        child = await session.spawn(Plain, "bees")
        await seen(child, "content_delta")
        async with asyncio.timeout(SOON):
            assert (await session.send("go").result).response == "parent"
        hold.set()
        assert (await child.result).response == "child"


async def test_f13_a_person_answers_a_childs_question_at_the_parent() -> None:
    @tool(requires_confirmation=True)
    async def danger() -> str:
        """Do it."""
        return "done"

    async with talking(ScriptedModel(call("danger"), "ok"), tools=[danger]) as session:
        handle = await session.spawn(Plain, "go")
        asked = await seen(handle, "tool_confirmation_required")
        assert session.submit_tool_result(asked.call_id, Decision(True))
        assert (await handle.result).response == "ok"


async def test_children_inherit_what_is_always_allowed() -> None:
    @tool(requires_confirmation=True)
    async def danger() -> str:
        """Do it."""
        return "done"

    model = ScriptedModel(call("danger"), "ok", call("danger"), "ok")
    async with talking(model, tools=[danger]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, approved=True, always=True)
        await handle.result
        assert (await session.spawn(Plain, "go").result).response == "ok"


async def test_beat_61_a_child_may_have_its_own_model_tools_and_limits() -> None:
    own = ScriptedModel(call("add", a=1, b=2))
    async with talking(mock()) as session:
        from tests.core.session.talk import add

        result = await session.spawn(Plain, "bees", model=own, tools=[add], max_ticks=1).result
        assert (result.stop_reason, [each.name for each in own.requests[0].tools]) == ("max_ticks", ["add"])
        own.assert_done()


async def test_a_child_that_cannot_begin_leaves_nothing_behind() -> None:
    errors: list[BaseException] = []

    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask badly."""
        for wrong in ({"input": ""}, {"props": {"colour": "red"}}):
            try:
                await ctx.spawn(Plain, wrong.get("input"), props=wrong.get("props"))
            # Whatever it is, the test looks at which it was.
            except Exception as error:
                errors.append(error)
        return "ok"

    async with talking(ScriptedModel(call("ask"), "done"), tools=[ask]) as session:
        async with asyncio.timeout(SOON):
            assert (await session.send("go").result).response == "done"
        assert session.children == ()
        assert [type(error).__name__ for error in errors] == ["ValidationError", PropsError.__name__]


async def test_the_messages_of_a_child_stay_its_own() -> None:
    async with talking(echo()) as session:
        await session.send("parent").result
        result = await session.spawn(Plain, "child").result
        assert texts(result.messages) == ["child", "about child"]
        assert texts(session.timeline) == ["parent", "about parent"]


async def test_calls_of_parent_and_children_never_share_an_id() -> None:
    def model() -> ScriptedModel:
        return ScriptedModel([ToolUseBlock("call_1", "look", {})], "seen")

    @tool
    async def look() -> str:
        """Look around."""
        return "nothing"

    calls: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, ToolCallEvent):
            calls.append(event.call_id)

    async with talking(model(), tools=[look], on_event=note) as session:
        await session.send("look").result
        await session.spawn(Plain, "look", tools=[look], model=model()).result
        await session.spawn(Plain, "look", tools=[look], model=model()).result
    assert len(calls) == len(set(calls)) == 3


async def test_labels_of_a_child_are_its_own_copy_and_plain_data() -> None:
    async with talking(echo()) as session:
        labels = {"kinds": ["bee"]}
        handle = await session.spawn(Plain, "bees", metadata=labels)
        labels["kinds"].append("wasp")
        assert session.children[0].metadata == {"kinds": ["bee"]}
        await handle.result
        with pytest.raises(ValidationError, match="metadata is not JSON"):
            await session.spawn(Plain, "bees", metadata={"kinds": object()})


async def test_a_child_that_is_stopped_by_who_hears_of_its_start_ends_once() -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "q").result).response

    def interrupt(event: StreamEvent) -> None:
        if event.type == "spawn_start":
            session.interrupt()

    async with talking(ScriptedModel(call("ask")), tools=[ask]) as session:
        stop = session.on("event", interrupt)
        handle = await session.send("go")
        await handle.settled()
        await idle(session)
        stop()
        forwarded = [event.type for event in handle.events.to_list() if event.spawn_path]
        ends = [event.type for event in handle.events.to_list() if event.type == "spawn_end"]
        assert (forwarded[-1], ends) == ("execution_end", ["spawn_end"])


async def test_an_interrupt_while_a_child_closes_by_itself_is_one_like_any_other() -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "q", model=ScriptedModel(held())).result).response

    async with talking(ScriptedModel(call("ask"), "changed"), tools=[ask]) as session:
        handle = await session.send("go")
        await seen(handle, "content_delta", lambda event: bool(event.spawn_path))
        [child] = session.children
        closing = asyncio.create_task(child.close())
        await asyncio.sleep(0)
        session.interrupt("no, this", "better idea")
        assert (await stopped(handle)).reason == "better idea"
        await closing
        await idle(session)
        assert texts(session.timeline)[-2:] == ["no, this", "changed"]
