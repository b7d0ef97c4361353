"""Mistakes, one to a line, each with the rule of pyright that must find it; the strict run leaves this file out."""

from dataclasses import dataclass

from agentick_core import (
    ExecutionEnd,
    Knobs,
    Nodes,
    Section,
    System,
    TickResult,
    ToolContext,
    component,
    create_app,
    create_context,
    create_procedure,
    create_tool,
    offline,
    run,
    tool,
    use_context,
    use_continuation,
    use_effect,
    use_knob,
    use_on_mount,
    use_session_state,
    use_state,
)


@tool
async def search(query: str, limit: int = 5) -> str:
    """Search."""
    return query * limit


@component
def Researcher(topic: str, *, budget: int = 10) -> Nodes:
    """Read."""
    yield topic


@component
def Hooks() -> Nodes:
    """Call hooks with what they do not take."""
    _, set_count = use_state(0)
    set_count("one")  # expect: reportArgumentType
    set_count.update(lambda count: count.upper())  # expect: reportAttributeAccessIssue
    _, set_total = use_session_state("total", 0)
    set_total(None)  # expect: reportArgumentType
    use_knob("depth", 3, minimum=1)  # expect: reportCallIssue
    use_knob("depth", [3])  # expect: reportArgumentType
    use_effect(lambda: 5)  # expect: reportArgumentType
    use_on_mount(lambda one, two: None)  # expect: reportArgumentType
    use_context("theme")  # expect: reportArgumentType

    @use_continuation  # expect: reportArgumentType
    def decide(result: TickResult) -> str:
        return "stop"

    yield 5  # expect: reportReturnType


@use_continuation  # expect: reportArgumentType
def of_another_event(event: ExecutionEnd) -> bool:
    """Decide about what is no tick."""
    return True


@component  # expect: reportArgumentType
async def Late() -> str:
    """Render when there is time."""
    return "late"


@tool(audience="nobody")  # expect: reportArgumentType
def hidden() -> str:
    """Hide."""
    return ""


@tool(intent="read")  # expect: reportArgumentType
def aimless() -> str:
    """Aim at nothing."""
    return ""


@tool(timeout_seconds=5)  # expect: reportCallIssue
def timed() -> str:
    """Take time."""
    return ""


Researcher()  # expect: reportCallIssue
Researcher(5)  # expect: reportArgumentType
Researcher("bees", budget="all")  # expect: reportArgumentType
Researcher("bees", limit=5)  # expect: reportCallIssue
search(5)  # expect: reportArgumentType
search("bees", depth=5)  # expect: reportCallIssue
search.replace(provider_options={"openai": True})  # expect: reportArgumentType
search.replace(title="find")  # expect: reportCallIssue
create_tool(name="x", handler=search, retries=5)  # expect: reportCallIssue
create_context("light").provide(5)  # expect: reportArgumentType
System(5)  # expect: reportArgumentType
Section("text")  # expect: reportCallIssue
Section("text", id="x", position="top")  # expect: reportArgumentType
Knobs(5)  # expect: reportCallIssue
create_app("an agent", model=offline())  # expect: reportArgumentType
create_app(Researcher("bees"), modell=offline())  # expect: reportCallIssue
create_app(Researcher("bees"), on_tick_start=lambda: None)  # expect: reportArgumentType
create_app(Researcher("bees"), on_complete=lambda result, error: None)  # expect: reportArgumentType
create_app(Researcher("bees"), on_before_persist=lambda snapshot: None)  # expect: reportArgumentType
create_app(Researcher("bees"), session_resolver=lambda: None)  # expect: reportArgumentType
create_app({"sistem": "Be brief."}, model=offline())  # expect: reportArgumentType
run(Researcher, "hi", models="offline")  # expect: reportCallIssue


@dataclass
class Note:
    """What a tool takes."""

    text: str


def keep(given: str, ctx: ToolContext) -> str:
    """Take something else than the tool is given."""
    return given


def text_of(note: Note, *, times: int = 1) -> str:
    """Take what the schema gives."""
    return note.text * times


create_tool(name="keep", input=Note, handler=keep)  # expect: reportArgumentType
create_procedure(keep, schema=Note)  # expect: reportArgumentType
create_procedure(text_of, schema="Note")  # expect: reportArgumentType
create_procedure(text_of, shema=Note)  # expect: reportCallIssue
create_procedure(text_of, schema=Note)("text")  # expect: reportArgumentType
create_procedure(text_of, schema=Note)({"text": "hi"}, times="2")  # expect: reportArgumentType
create_procedure(text_of, schema={"type": "object"})({"text": "hi"})  # expect: reportArgumentType


async def talk() -> None:
    """Use an app and a session as they are not."""
    app = create_app(Researcher("bees"), model=offline(), output=TickResult)
    session = await app.session("s")
    await app.session("s", colour="red")  # expect: reportCallIssue
    await app.session("s", on_event=lambda: None)  # expect: reportArgumentType
    await session.send(5)  # expect: reportArgumentType
    await session.send("hi", max_tick=1)  # expect: reportCallIssue
    assert (await session.send("hi").result).output.pages  # expect: reportAttributeAccessIssue
    await session.spawn({"system": "Be brief.", "tool": []}, "hi")  # expect: reportArgumentType
    session.on("evnt", print)  # expect: reportArgumentType
    session.start_recording("all")  # expect: reportArgumentType
