"""What is given to a session or an app and is not what it takes: refused at once, with a way out."""

from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import Limits, Model, Nodes, Timeline, component, create_app, tool
from agentick_core.errors import ComponentError, StateError, ValidationError
from agentick_core.hooks import gate
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import Message
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.testing import ScriptedModel, compile_agent
from tests.core.session.talk import Plain, mock, talking

if TYPE_CHECKING:
    from collections.abc import Callable


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


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
            lambda: session.push_event(5),
            lambda: session.push_event({"x": 1}),
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
    [
        {"model": 5},
        {"model": ScriptedModel},
        {"max_ticks": 0},
        {"max_timeline_entries": -1},
        {"tools": ["add"]},
        {"tools": add},
        {"signal": 1},
        {"limits": {"ticks": 3}},
        {"output": str},
        {"output": {"a": 1}},
        {"allow": ["pay"]},
        {"middleware": print},
        {"fallback": ["offline"]},
        {"retry": 3},
        {"confirmation_timeout": "3"},
        {"overflow": "results"},
    ],
    ids=str,
)
def test_an_app_refuses_options_that_mean_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        create_app(Plain, **wrong)


async def test_whatever_is_called_names_the_options_it_has() -> None:
    wrong: dict[str, Any] = {"max_tick": 2}
    async with create_app(Plain, model=mock()) as app:
        session = await app.session("s")
        calls: dict[str, Callable[[], Any]] = {
            "app.session has no option 'max_tick'; known are .*metadata": lambda: app.session("t", **wrong),
            "spawn has no option 'max_tick'; known are .*messages": lambda: session.spawn(
                Plain, "hi", **wrong
            ),
            "run has no option 'max_tick'; known are .*history": lambda: app.run("hi", **wrong),
            "An app has no option 'max_tick'; known are .*on_event.* tools": lambda: create_app(
                Plain, **wrong
            ),
            "session:fork got an unexpected .*'max_tick'; its arguments are at, id": lambda: session.fork(
                **wrong
            ),
        }
        for told, call in calls.items():
            with pytest.raises(TypeError, match=f"^{told}"):
                await call()


@pytest.mark.parametrize("wrong", [5, {"id": "s"}, ""], ids=str)
async def test_the_id_of_a_session_is_text(wrong: Any) -> None:
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(ValidationError, match="is not an id"):
            await app.session(wrong)


async def test_a_recording_that_there_is_not_is_refused() -> None:
    wrong: Any = "all"
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(ValidationError, match="recording: 'all' is not"):
            await app.session("s", recording=wrong)


def test_a_limit_that_is_no_number_is_refused() -> None:
    wrong: Any = "many"
    with pytest.raises(ValidationError, match="'many' tokens is not a limit"):
        Limits(tokens=wrong)


async def test_an_answer_to_a_call_names_the_parts_it_has() -> None:
    async with talking() as session:
        with pytest.raises(TypeError, match=r"no option 'aproved'; known are .*approved"):
            session.submit_tool_result("c1", aproved=True)


@pytest.mark.parametrize("wrong", ["hello", {"payload": 1}, {"type": "x", "body": 1}], ids=str)
async def test_a_channel_refuses_what_is_no_event_and_shows_one(wrong: Any) -> None:
    async with talking() as session:
        with pytest.raises(ValidationError, match="A channel takes an event") as refused:
            session.channel("news").publish(wrong)
        assert '"payload": "tea"' in refused.value.hint


async def test_a_model_component_refuses_the_name_of_a_model_and_says_how_to_write_it() -> None:
    @component
    def Named() -> Nodes:
        yield Model("openai:some")
        yield Timeline()

    async with create_app(Named) as app:
        session = await app.session()
        with pytest.raises(ValidationError, match="Model takes a model, not 'openai:some'") as refused:
            await session.send("hi").result
        assert "openai(" in refused.value.hint


async def test_a_store_that_gives_no_snapshot_is_named() -> None:
    class Shelf:
        async def load(self, session_id: str) -> Any:
            return {"session": session_id}

        async def save(self, snapshot: SessionSnapshot) -> None: ...

        async def delete(self, session_id: str) -> None: ...

    async with create_app(Plain, model=mock(), store=Shelf()) as app:
        with pytest.raises(StateError, match=r"Shelf\.load gave dict, not a SessionSnapshot"):
            await app.session("s")


@pytest.mark.parametrize(
    "name",
    [
        "on_event",
        "on_complete",
        "on_before_send",
        "on_after_persist",
        "session_resolver",
        "on_session_close",
        "resolve",
    ],
)
def test_what_is_to_be_called_and_cannot_be_is_refused_where_it_is_given(name: str) -> None:
    wrong: dict[str, Any] = {name: 5}
    with pytest.raises(ValidationError, match=f"{name}: 5 is not a function") as refused:
        create_app(Plain, **wrong)
    assert refused.value.hint


async def test_a_callback_of_a_session_and_middleware_added_later_are_functions_too() -> None:
    wrong: Any = 5
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(ValidationError, match="on_error: 5 is not a function"):
            await app.session("s", on_error=wrong)
        with pytest.raises(ValidationError, match="middleware: 5 is not a function"):
            app.use("session:send", wrong)
        assert not app.has("s")


def test_a_gate_without_a_condition_is_refused_where_it_is_described() -> None:
    wrong: Any = True
    with pytest.raises(ValidationError, match="activate_when"):
        gate(description="d", instructions="i", activate_when=wrong)


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"limit": "all"}], ids=str)
async def test_a_timeline_is_limited_to_a_number_of_entries(wrong: dict[str, Any]) -> None:
    with pytest.raises(ComponentError, match="Timeline"):
        await compile_agent(Timeline(**wrong), ["hi"])
