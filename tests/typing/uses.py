"""Uses of the public names as users write them: pyright accepts every line in strict mode, without an ignore."""

from collections.abc import AsyncIterator, Generator, Mapping
from dataclasses import dataclass
from typing import Any, assert_type, cast

from agentick_core import (
    AgentConfig,
    App,
    Child,
    ContentDelta,
    Continue,
    Element,
    ErrorBoundary,
    Grounding,
    Knobs,
    Limits,
    Model,
    Nodes,
    Section,
    SendResult,
    Session,
    Stop,
    StreamEvent,
    System,
    TextBlock,
    TickResult,
    Timeline,
    Tool,
    ToolContext,
    ToolResultEvent,
    User,
    Verdict,
    component,
    create_app,
    create_context,
    create_procedure,
    create_tool,
    offline,
    run,
    tool,
    use_after_compile,
    use_context,
    use_continuation,
    use_effect,
    use_knob,
    use_memo,
    use_on_execution_end,
    use_on_message,
    use_on_mount,
    use_on_tick_end,
    use_on_tick_start,
    use_queued_messages,
    use_ref,
    use_session,
    use_session_state,
    use_state,
    use_tick_state,
    use_timeline,
)
from agentick_core.components import H1, List, ListItem, Message, Paragraph, Row, Strong, Table
from agentick_core.hooks import Ref, SetState
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.procedures import CallStatus, Invocation, Next
from agentick_core.recording import Recording
from agentick_core.runners.runner import SessionRef
from agentick_core.testing import FunctionModel, ScriptedModel, call, compile_agent, render_agent, reply
from agentick_core.tools.host import RunOn

theme = create_context("light")


@tool
async def search(query: str, limit: int = 5) -> str:
    """Search the knowledge base."""
    return f"{query}: {limit} results"


@tool(
    name="drop", audience="all", aliases=["rm"], requires_confirmation=lambda input: input["path"] != "/tmp"
)
def remove(path: str, ctx: ToolContext) -> Mapping[str, bool]:
    """Remove a file."""
    ctx.progress(f"removing {path} for {ctx.user}")
    return {"removed": True}


@tool(
    requires_confirmation=True,
    timeout=10,
    parallel=False,
    intent="action",
    output=list[str] | None,
    provider_options={"openai": {"strict": True}},
    on_mount=lambda: None,
    on_tick_end=lambda result: Stop("enough") if result.tick > 3 else None,
    on_complete=lambda event: event.stop_reason,
    effects=["read"],
    display_summary=lambda _: "reads",
)
async def pages() -> AsyncIterator[TextBlock]:
    """Read every page."""
    yield TextBlock("a page")


@dataclass
class Note:
    """What the tool keeps."""

    text: str


def keep(given: Note, ctx: ToolContext, deps: Mapping[str, Any]) -> str:
    """Keep a note."""
    return f"{given.text} in {ctx.session_id} with {len(deps)}"


note = create_tool(name="note", description="Keep a note.", input=Note, handler=keep, use=lambda: {"a": 1})


@component
def Researcher(topic: str = "anything", *, budget: int = 10) -> Nodes:
    """Read, then write."""
    depth, _ = use_knob("depth", 3, min=1, max=10, description="How many results to read")

    @use_continuation
    def stop_at_budget(result: TickResult) -> Verdict:
        return Stop("budget") if result.tick >= budget else None

    yield System(f"Research {topic} thoroughly; read {depth} results, then write a summary.")
    yield search
    yield Timeline()
    yield Knobs()


@component
def Frame(*children: Child, title: str | None = None) -> Nodes:
    """Show the children under a title."""
    return Section(H1(title), *children, id="frame") if title else Section(*children, id="frame")


@component
def Counter(count: int, set_count: SetState[int]) -> Nodes:
    """Show what another component counts."""
    set_count.update(lambda count: min(count, 9))
    yield str(count)


@component
def Hooks() -> Nodes:
    """Call each hook."""
    count, set_count = use_state(0)
    names, set_names = use_state(factory=list[str])
    total, set_total = use_session_state("total", 0)
    speed, set_speed = use_knob("speed", 0.5, resolve=lambda speed: f"{speed} km/h")
    mode, set_mode = use_knob("mode", "plain", options=["plain", "fancy"])
    last: Ref[str | None] = use_ref(None)
    _, choose = use_state(cast("str | None", None))
    choose(mode)
    doubled = use_memo(lambda: count * 2, (count,))
    assert_type((count, names, total, speed, mode), tuple[int, list[str], int, str, str])
    assert_type((doubled, use_context(theme)), tuple[int, str])
    use_effect(lambda: set_count.update(lambda count: count + 1), ())
    use_on_tick_start(lambda tick: set_total(tick.tick))
    use_on_tick_end(lambda: Continue("more"))
    use_on_message(lambda message: set_names([*names, message.id]))
    use_after_compile(lambda event: len(event.compiled.messages) > 9 and event.ctx.request_recompile())

    @use_on_mount
    async def say_hello() -> None:
        await use_queue("hello")

    @use_on_execution_end
    def forget() -> None:
        set_speed(1.5)
        set_mode("fancy")

    @use_effect(deps=(count,))
    async def watch() -> None:
        last.current = str(count)

    use_queue = use_session().queue
    if use_tick_state().tick > 9:
        use_tick_state().stop("enough")
    yield from (User(message.text) for message in use_queued_messages())
    yield Counter(count, set_count)
    yield f"{len(use_timeline().entries)} entries"


@component
def Everything() -> Nodes:
    """Show each kind of node."""
    yield [System("Be brief.", Strong("Really.")), None, "text"]
    yield Grounding("It rains.", title="Weather")
    yield theme.provide("dark", Frame(Paragraph("one"), title="Two"), Frame())
    yield ErrorBoundary(Researcher("wasps"), fallback=lambda error: f"failed: {error}")
    yield Table(headers=["name", "n"], rows=[["a", 1], ["b", 2.5]])
    yield Table(Row("a", "b", header=True), Row("c", "d"))
    yield List(ListItem("done", checked=True), "next", ordered=True)
    yield Message("now", role="event").key("event")
    yield Model(offline(), temperature=0.2)
    yield note
    yield search.replace(name="find", description="Find.")


@create_procedure
async def shout(text: str, *, times: int = 1) -> str:
    """Shout."""
    return text.upper() * times


@create_procedure
def spell(text: str) -> Generator[str, None, int]:
    """Spell it out."""
    yield from text
    return len(text)


async def read_words() -> AsyncIterator[str]:
    """Read."""
    yield "bees"


@dataclass(frozen=True)
class Passage:
    """What a procedure takes."""

    text: str
    pages: int


async def length(given: Passage, *, pages: int = 1) -> int:
    """Measure."""
    return len(given.text) * pages


def longest(words: list[str]) -> str:
    """Choose."""
    return max(words, key=len)


measure = create_procedure(length, schema=Passage, name="measure", timeout=5)


async def call_procedures() -> None:
    """Use procedures with schemas, and of generators."""
    call = spell("bees")
    async for letter in call:
        assert_type(letter, Any)
    assert_type(await call, int)
    assert_type(call.status, CallStatus)
    call.abort("enough")
    async for word in create_procedure(read_words)():
        assert_type(word, Any)
    assert_type(await measure({"text": "hi", "pages": 1}, pages=2), int)
    assert_type(await measure(Passage("hi", 1)).result, int)
    assert_type(await measure.pipe(create_procedure(str))(Passage("hi", 1)), str)
    count = create_procedure(len, schema={"required": ["text"]})
    assert_type(await count({"text": "hi"}), int)
    assert_type(await create_procedure(longest, schema=list[str])(["bee"]), str)


async def talk() -> None:
    """Use an app and its session."""
    async with create_app(Researcher("bees"), model=offline(), store="sessions.db") as app:
        session = await app.session("user-123", root=Researcher("wasps", budget=3))
        handle = await session.send("What is new?")
        async for event in handle:
            assert_type(event, StreamEvent)
            match event:
                case ContentDelta(delta=text):
                    assert_type(text, str)
                case ToolResultEvent(name=name):
                    assert_type(name, str)
                case _:
                    pass
        result = await handle.result
        assert_type(result, SendResult[None])
        await session.dispatch("search", {"query": "bees"})
        await session.send("more", max_ticks=2, tools=[search], props={"topic": "ants"}).result
        assert_type(await shout("hi", times=2), str)


@dataclass(frozen=True)
class Summary:
    """What a typed agent ends with."""

    text: str
    pages: int


class Remote:
    """A runner with two of the hooks."""

    async def execute_tool_call(self, call: ToolCall, tool: Tool[..., Any] | None, next: RunOn) -> ToolResult:
        """Run it where it is."""
        return await next()

    def on_destroy(self, session: SessionRef) -> None:
        """Let go."""
        assert_type(session.id, str)


async def spend(invocation: Invocation, next: Next) -> Any:
    """Look at each call before it runs."""
    assert_type(invocation.name, str)
    return await next(invocation)


async def talk_in_types() -> None:
    """Use typed answers, limits, children, configs, hooks of the host, recordings and inboxes."""
    limits = Limits(ticks=3, tokens=10_000, cost_usd=0.5, seconds=60)
    app = create_app(
        Researcher("bees"),
        model=offline(),
        output=Summary,
        limits=limits,
        middleware=[spend],
        runner=Remote(),
        on_tick_start=lambda tick, execution_id: None,
        on_complete=lambda result: result.response.strip(),
        on_session_close=lambda session_id: None,
        session_resolver=lambda message: None,
    )
    async with app:
        assert_type(app, App[Summary])
        session = await app.session("typed", recording="full")
        assert_type(session, Session[Summary])
        result = await session.send("Sum up.", limits=limits).result
        assert_type(result, SendResult[Summary])
        assert_type(result.output.pages, int)
        assert_type((await app.run("Sum up.").result).output, Summary)
        assert_type(
            (await run(Researcher, "Sum up.", model="offline", output=Summary).result).output, Summary
        )
        assert_type((await session.render({}, limits=limits).result).output.text, str)
        config: AgentConfig = {"system": "Be brief.", "max_ticks": 2}
        child = await session.spawn(config, "And?", label="helper")
        assert_type((await child.result).response, str)
        assert_type(await session.fork(at=None), Session[Summary])
        assert_type(session.get_recording(), Recording | None)
        delivery = await app.receive({"source": "mail", "payload": "Hello"})
        assert_type(delivery.session_id, str)
        session.on("event", lambda event: None)


async def pass_it_on(session: Session, app: App) -> SendResult:
    """Name a session, an app and a result without saying that there is no output."""
    assert_type(await app.session("bees"), Session)
    return await session.send("Hello").result


async def try_it() -> None:
    """Test an agent."""
    model = ScriptedModel(call("search", query="bees"), reply("Bees are insects.", reasoning="Easy."))
    echo = FunctionModel(lambda request: "You said " + request.messages[-1].text)
    create_app(Researcher, model=echo)
    assert model.requests[1].sections["notes"]
    compiled = await compile_agent(Researcher("bees"), messages=["hi"])
    assert_type(compiled.system, tuple[str, ...])
    async with render_agent(Everything, history=["before"]) as agent:
        await agent.tick("hi")
        await agent.answer("hello")


assert_type(Researcher("bees", budget=2), Element)
