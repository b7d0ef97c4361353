"""One pipeline for every call of a tool, the model's and the person's, with a registry that is always whole."""

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    ToolContext,
    component,
    create_app,
    create_tool,
    use_on_execution_start,
    use_on_mount,
    use_on_tick_start,
)
from agentick_core.errors import GuardError, NotFoundError, ToolDenied
from agentick_core.guards import deny, guardrail
from agentick_core.hooks import use_after_compile, use_data
from agentick_core.messages.blocks import ToolUseBlock
from agentick_core.procedures.ambient import current
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import SOON, Adder, Plain, add, mock, seen, talking, tool


@dataclass
class Place:
    """Where something lies."""

    x: int
    y: int = 0


ran: list[Any] = []


@pytest.fixture(autouse=True)
def nothing_has_run() -> None:
    ran.clear()


@tool
async def put(what: str, at: Place, times: int = 1) -> str:
    """Put something somewhere."""
    ran.append((what, at, times))
    return "put"


@tool(requires_confirmation=True)
async def asks(n: int) -> str:
    """Ask first."""
    ran.append(n)
    return "ran"


by_schema = create_tool(
    name="by_schema",
    handler=ran.append,
    input={
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1}, "kind": {"enum": ["a", "b"]}},
        "required": ["n"],
        "additionalProperties": False,
    },
)
by_client = create_tool(name="by_client", type="client", requires_response=True, input=Place)
by_output = create_tool(name="by_output", type="output", input=Place)
TOOLS = [put, asks, by_schema, by_client, by_output]

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("put", {}, "what"),
    ("put", {"what": 3, "at": {"x": 1}}, "what"),
    ("put", {"what": "it", "at": {"x": "left"}}, "at.x"),
    ("put", {"what": "it", "at": None}, "at"),
    ("put", {"what": "it", "at": {"x": 1}, "times": "many"}, "times"),
    ("put", {"what": "it", "at": {"x": 1}, "colour": "red"}, "colour"),
    ("put", {"raw": '{"what": '}, "what"),
    ("asks", {"n": "one"}, "n"),
    ("by_schema", {}, "n"),
    ("by_schema", {"n": 0}, "n"),
    ("by_schema", {"n": 1, "kind": "c"}, "kind"),
    ("by_schema", {"n": 1, "more": 2}, "more"),
    ("by_client", {"x": "left"}, "x"),
    ("by_output", {"y": 1}, "x"),
]


@pytest.mark.parametrize(("name", "input", "path"), WRONG)
async def test_beat_7_wrong_input_runs_nothing_and_the_model_reads_what_to_repair(
    name: str, input: dict[str, Any], path: str
) -> None:
    model = ScriptedModel(ToolUseBlock("", name, input), "sorry")
    async with talking(model, tools=TOOLS) as session, asyncio.timeout(SOON):
        handle = await session.send("go")
        result = await handle.result
        assert (result.response, ran, result.outputs) == ("sorry", [], {})
        (told,) = model.requests[1].messages[-1].tool_results
        assert told.is_error
        said = json.loads(getattr(told.content[0], "text", ""))
        assert said["error_type"] == "VALIDATION_ERROR"
        assert "Validation failed" in said["error"]
        assert path in said["error"]
        assert "tool_confirmation_required" not in [event.type for event in handle.events.to_list()]


async def test_beat_7_what_the_model_repairs_runs_and_one_wrong_call_harms_no_other() -> None:
    wrong, right = {"what": "it"}, {"what": "it", "at": {"x": 1}}
    model = ScriptedModel(
        [ToolUseBlock("", "put", wrong), ToolUseBlock("", "put", right)],
        ToolUseBlock("", "put", right),
        "done",
    )
    async with talking(model, tools=TOOLS) as session:
        await session.send("go").result
        assert ran == [("it", Place(1), 1)] * 2


async def test_beat_7_what_a_runner_or_middleware_makes_of_a_call_is_checked_too() -> None:
    class Changing:
        """A runner that puts in what does not fit."""

        async def execute_tool_call(self, call: Any, tool: Any, next: Any) -> Any:
            return await next(replace(call, input={"what": 3}))

    async def change(invocation: Any, next: Any) -> Any:
        return await next(invocation.replace(replace(invocation.args[0], input={"what": 3})))

    right = ToolUseBlock("", "put", {"what": "it", "at": {"x": 1}})
    for options in ({"runner": Changing()}, {"middleware": [only("tool:run", change)]}):
        model = ScriptedModel(right, "done")
        async with talking(model, tools=TOOLS, **options) as session:
            await session.send("go").result
            (told,) = model.requests[1].messages[-1].tool_results
            assert told.is_error
            assert ran == []


def only(name: str, layer: Any) -> Any:
    """Make middleware for every call that acts on those of one name."""

    async def through(invocation: Any, next: Any) -> Any:
        return await (layer(invocation, next) if invocation.name == name else next(invocation))

    return through


async def test_beat_17_tools_are_found_while_the_tree_waits_for_its_data() -> None:
    let_go = [asyncio.Event(), asyncio.Event()]
    fetching: list[int] = []

    @component
    def Slow() -> Nodes:
        tick = current_tick[0]

        async def fetch() -> str:
            fetching.append(tick)
            await let_go[tick].wait()
            return f"data {tick}"

        yield add
        yield use_data("slow", fetch, (tick,))
        yield Timeline()

    current_tick = [0]
    model = ScriptedModel(call("add", a=1, b=1), "done")
    async with talking(model, Slow) as session, asyncio.timeout(SOON):
        sent = session.send("go")
        early = session.dispatch("add", {"a": 1, "b": 2})
        while fetching != [0]:
            await asyncio.sleep(0)

        def next_tick(event: Any) -> None:
            if event.type == "tick_end":
                current_tick[0] = 1

        session.on("event", next_tick)
        let_go[0].set()
        while fetching != [0, 1]:
            await asyncio.sleep(0)
        (block,) = await session.dispatch("add", {"a": 2, "b": 2})
        assert block.text == "4"
        let_go[1].set()
        await sent.result
        (block,) = await early
        assert block.text == "3"


async def test_beat_17_a_tool_is_there_until_the_tree_without_it_is_whole() -> None:
    fetching, let_go = asyncio.Event(), asyncio.Event()

    async def fetch() -> str:
        fetching.set()
        await let_go.wait()
        return "data"

    async def at_once() -> str:
        return "data"

    @component
    def Changing(tools: bool = True) -> Nodes:
        yield use_data("slow", at_once if tools else fetch, (tools,))
        if tools:
            yield add
        yield Timeline()

    async with talking(mock(), Changing) as session, asyncio.timeout(SOON):
        await session.render({}).result
        changed = session.render({"tools": False})
        await fetching.wait()
        assert len(await session.dispatch("add", {"a": 1, "b": 2})) == 1
        let_go.set()
        await changed.result
        with pytest.raises(NotFoundError, match="Unknown command: add"):
            await session.dispatch("add", {"a": 1, "b": 2})


@pytest.mark.parametrize("hook", [use_on_mount, use_on_tick_start, use_after_compile, use_on_execution_start])
@pytest.mark.parametrize("first", ["send", "mount"])
async def test_beat_17_a_command_of_a_callback_does_not_wait_for_the_tree_that_waits_for_it(
    hook: Any, first: str
) -> None:
    said: list[str] = []

    @component
    def Dispatching() -> Nodes:
        @hook
        async def run() -> None:
            (block,) = await sessions[0].dispatch("add", {"a": 1, "b": 2})
            said.append(block.text)
            assert [each.name for each in await sessions[0].get_tool_definitions()] == ["add"]

        yield add
        yield Timeline()

    sessions: list[Any] = []
    async with talking(mock(), Dispatching) as session, asyncio.timeout(SOON):
        sessions.append(session)
        if first == "mount":
            await session.mount()
        await session.send("go").result
        assert said == ["3"]


async def test_beat_17_the_tools_of_a_send_are_there_from_its_call_to_its_end() -> None:
    async with talking(mock()) as session, asyncio.timeout(SOON):
        for _ in range(2):
            sent = session.send("go", tools=[add])
            (block,) = await session.dispatch("add", {"a": 1, "b": 2})
            assert block.text == "3"
            await sent.result
            with pytest.raises(NotFoundError):
                await session.dispatch("add", {"a": 1, "b": 2})


async def test_beat_17_commands_of_every_moment_find_their_tool_also_when_it_is_aborted_or_fails() -> None:
    calls: list[Any] = []
    model = ScriptedModel(
        reply(calls=[call("add", a=1, b=2)], hold=asyncio.Event()), ValueError("broken"), "ok"
    )
    async with talking(model, Adder) as session, asyncio.timeout(SOON):

        def dispatch(event: Any) -> None:
            if event.execution_id:
                calls.append(session.dispatch("add", {"a": 2, "b": 2}))

        session.on("event", dispatch)
        handle = await session.send("one")
        await seen(handle, "tool_call_start")
        handle.abort()
        second = await session.send("two")
        with pytest.raises(ValueError, match="broken"):
            await second.result
        await session.send("three").result
        done = await asyncio.gather(*calls)
        assert len(done) > 20
        assert {block.text for (block,) in done} == {"4"}


async def test_beat_19_middleware_of_the_app_sees_every_call_of_a_session_and_of_its_children() -> None:
    names: list[tuple[str, str]] = []

    async def watch(invocation: Any, next: Any) -> Any:
        names.append((invocation.name, invocation.metadata.get("origin", "")))
        return await next(invocation)

    @tool
    async def delegate(ctx: ToolContext) -> str:
        """Let a child do it."""
        child = await ctx.spawn(Plain, "go", model=ScriptedModel(call("add", a=1, b=2), "ok"), tools=[add])
        return (await child.result).response

    model = ScriptedModel(call("delegate"), "done", "done")
    async with talking(model, tools=[add, delegate], middleware=[watch]) as session:
        await session.send("go").result
        assert names == [
            ("session:send", ""),
            ("model:stream", ""),
            ("tool:run", "model"),
            ("session:spawn", ""),
            ("model:stream", ""),
            ("tool:run", "model"),
            ("model:stream", ""),
            ("model:stream", ""),
        ]
        names.clear()
        await session.queue("x")
        await session.render({}).result
        await session.dispatch("add", {"a": 1, "b": 2})
        assert names == [
            ("session:queue", ""),
            ("session:render", ""),
            ("model:stream", ""),
            ("session:dispatch", ""),
            ("tool:run", "user"),
        ]


async def test_beat_19_a_guard_refuses_a_tool_alike_for_model_child_and_person() -> None:
    @tool
    async def delegate(ctx: ToolContext) -> str:
        """Let a child do it."""
        child = await ctx.spawn(Plain, "go", model=ScriptedModel(call("asks", n=1), "ok"), tools=[asks])
        results = [each for message in (await child.result).messages for each in message.tool_results]
        return "".join(getattr(block, "text", "") for each in results for block in each.content)

    model = ScriptedModel(reply(calls=[call("asks", n=1), call("delegate")]), "done")
    async with talking(model, tools=[asks, delegate], middleware=[guardrail([deny("asks")])]) as session:
        handle = await session.send("go")
        await handle.result
        told = [each for entry in session.timeline for each in entry.message.tool_results]
        assert ["GUARD_DENIED" in getattr(each.content[0], "text", "") for each in told] == [True, True]
        assert "tool_confirmation_required" not in [event.type for event in handle.events.to_list()]
        for confirm in (False, True):
            with pytest.raises(GuardError):
                await session.dispatch("asks", {"n": 1}, confirm=confirm)
        assert ran == []


async def test_beat_19_whether_a_command_asks_is_the_apps_and_the_calls_to_say() -> None:
    async with create_app(Plain, model=mock(), tools=[asks], confirm_dispatch=True) as app:
        session = await app.session("s")

        def refuse(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                session.submit_tool_result(event.call_id, approved=False, reason="no")

        session.on("event", refuse)
        with pytest.raises(ToolDenied, match="no"):
            await session.dispatch("asks", {"n": 1})
        await session.dispatch("asks", {"n": 2}, confirm=False)
        assert ran == [2]


async def test_beat_19_a_command_has_the_context_of_its_session_and_of_its_call() -> None:
    @tool
    async def where(ctx: ToolContext) -> dict[str, Any]:
        """Tell."""
        ambient = current()
        ctx.channel("found").publish({"type": "here"})
        return {
            "session": [ctx.session_id, ambient.session_id],
            "user": [ctx.user, ambient.user],
            "call": ctx.call_id == ambient.call_id,
            "metadata": dict(ambient.metadata),
            "token": ambient.token is ctx.token,
            "execution": ambient.execution_id,
        }

    async with talking(tools=[where]) as session:
        heard: list[Any] = []
        session.channel("found").subscribe(heard.append)
        (block,) = await session.dispatch.with_context(user="ann", colour="red")("where")
        assert block.data == {
            "session": ["s", "s"],
            "user": ["ann", "ann"],
            "call": True,
            "metadata": {"colour": "red"},
            "token": True,
            "execution": None,
        }
        assert [event.type for event in heard] == ["here"]
