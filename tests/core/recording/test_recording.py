"""What a recording holds, and when there is one."""

import asyncio
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core import Nodes, Section, Timeline, component, create_app, use_state
from agentick_core.errors import (
    AgentickError,
    NotFoundError,
    ProviderError,
    StoreDamagedError,
    StoreVersionError,
    ValidationError,
)
from agentick_core.models.model import ModelInfo
from agentick_core.models.retry import RetryPolicy
from agentick_core.recording import FiberNode, RecordedCall, Recording, ReplayModel
from agentick_core.recording.tape import RecordedFailure, RequestPrint
from agentick_core.testing import FunctionModel, ModelRequest, ScriptedModel, call, reply
from tests.core.session.clocks import HandClock
from tests.core.session.talk import Adder, Plain, held, mock, seen, stopped, talking


@component
def Note(text: str, api_key: str = "") -> Nodes:
    use_state(0)
    yield Section(text, id="note")


@component
def Noted(text: str = "hi", api_key: str = "") -> Nodes:
    yield Note(text).key("first")
    yield Timeline()


def names(node: FiberNode | None) -> list[str]:
    """Give the names of a recorded tree, parents first."""
    return [] if node is None else [node.name, *(name for child in node.children for name in names(child))]


async def test_n1_each_tick_has_a_snapshot_with_the_tree_when_recorded_in_full() -> None:
    async with talking(agent=Noted) as session:
        session.start_recording("full")
        await session.render({}).result
        await session.render({}).result
        recording = session.get_recording()
        assert [each.number for each in recording.snapshots] == [1, 2]
        tree = recording.snapshots[0].fiber.tree
        assert names(tree)[:2] == ["Noted", "Note"]
        assert (tree.children[0].key, dict(tree.children[0].hooks)) == ("first", {"use_state": 1})
        assert recording.config.mode == "full"


async def test_n1_a_lightweight_recording_counts_the_tree_and_does_not_keep_it() -> None:
    async with talking(agent=Noted) as session:
        session.start_recording("lightweight")
        await session.send("hi").result
        (snapshot,) = session.get_recording().snapshots
        assert snapshot.fiber.tree is None
        assert snapshot.fiber.summary.component_count >= 2
        assert snapshot.fiber.summary.hooks_by_type["use_state"] == 1
        assert snapshot.com.sections == {"note": "hi"}


async def test_n1_nothing_is_recorded_unless_asked_for() -> None:
    async with talking() as session:
        await session.send("hi").result
        assert session.get_recording() is None
        assert session.get_snapshot_at(1) is None
        session.start_recording("none")
        await session.send("hi").result
        assert session.get_recording() is None


async def test_a_recording_of_another_kind_is_refused_and_the_one_that_runs_goes_on() -> None:
    wrong: Any = "banana"
    async with create_app(Plain, model=mock()) as app:
        session: Any = await app.session("s", recording="full")
        asked: list[Any] = [
            lambda: session.start_recording(wrong),
            lambda: app.run("hi", recording=wrong).result,
            lambda: app.session("other", recording=wrong),
        ]
        for ask in asked:
            with pytest.raises(ValidationError, match='"full", "lightweight" or "none"') as refused:
                await ask()
            assert refused.value.hint
        await session.send("hi").result
        assert len(session.get_recording().snapshots) == 1


async def test_n1_after_stop_nothing_more_is_recorded() -> None:
    async with talking() as session:
        session.start_recording()
        await session.send("one").result
        session.stop_recording()
        await session.send("two").result
        recording = session.get_recording()
        assert len(recording.snapshots) == len(recording.calls) == len(recording.inputs) == 1
        assert recording.ended_at is not None
        assert recording.summary.final_status == "completed"


async def test_n2_snapshots_are_found_by_their_number_or_by_execution_and_tick() -> None:
    model = ScriptedModel(call("add", a=1, b=2), reply("3"), call("add", a=2, b=2), reply("4"))
    async with talking(model, Adder) as session:
        session.start_recording()
        first = await session.send("1+2")
        await first.result
        second = await session.send("2+2")
        await second.result
        recording = session.get_recording()
        assert [each.number for each in recording.snapshots] == [1, 2, 3, 4]
        assert [each.tick for each in recording.snapshots] == [1, 2, 1, 2]
        assert session.get_snapshot_at(3).execution_id == second.execution_id
        assert session.get_snapshot_at(2, execution_id=second.execution_id).number == 4
        assert session.get_snapshot_at(2, execution_id=first.execution_id).number == 2
        assert session.get_snapshot_at(9) is None
        assert recording.summary.tick_count == 4


async def test_n2_the_number_of_a_tick_is_not_given_again_when_the_session_is_opened_anew(
    tmp_path: Path,
) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError("broken")

    numbers: list[int] = []
    for model in (FunctionModel(broken), mock(), FunctionModel(broken), mock()):
        async with create_app(Plain, model=model, store=tmp_path / "s.db") as app:
            session: Any = await app.session("s", recording="lightweight")
            for text in ("one", "two"):
                with suppress(RuntimeError):
                    await session.send(text).result
            numbers += [each.number for each in session.get_recording().snapshots]
            assert session.inspect().tick_count == len(numbers)
    assert numbers == [*range(1, 9)]


async def test_n2_durations_are_those_of_the_clock_in_milliseconds() -> None:
    clock = HandClock()

    def answer(_: Any) -> Any:
        clock.advance(2.0)
        return "done"

    async with talking(FunctionModel(answer), clock=clock) as session:
        session.start_recording()
        await session.send("one").result
        await session.send("two").result
        recording = session.get_recording()
        assert [each.duration for each in recording.snapshots] == [2000.0, 2000.0]
        assert [each.model.latency for each in recording.snapshots] == [2000.0, 2000.0]
        assert (recording.summary.tick_count, recording.summary.total_duration) == (2, 4000.0)


async def test_beat_29_failed_and_aborted_ticks_are_recorded_too() -> None:
    async with talking(ScriptedModel(ProviderError("no luck"), held(), reply("fine"))) as session:
        session.start_recording()
        with pytest.raises(ProviderError):
            await session.send("fail").result
        handle = await session.send("wait")
        await seen(handle, "content_delta")
        handle.abort("enough")
        await stopped(handle)
        await session.send("go on").result
        recording = session.get_recording()
        phases = [each.execution.phase for each in recording.snapshots]
        assert phases == ["failed", "aborted", "complete"]
        assert recording.snapshots[0].execution.error == "no luck"
        assert recording.snapshots[1].execution.stop_reason == "enough"
        assert [each.number for each in recording.snapshots] == [1, 2, 3]
        assert recording.summary.final_status == "completed"


async def test_beat_29_inputs_props_and_usage_are_those_of_the_recording() -> None:
    async with talking(agent=Noted("hello", api_key="very secret")) as session:
        await session.send("before").result
        session.start_recording()
        await session.send("one").result
        await session.render({"text": "other"}).result
        recording = session.get_recording()
        assert recording.config.component_name == "Noted"
        assert recording.config.initial_props == {"text": "hello", "api_key": "[key]"}
        assert [each.message.text for each in recording.inputs if each.message] == ["one"]
        assert [each.props for each in recording.inputs if each.props] == [{"text": "other"}]
        assert recording.summary.total_usage.ticks == 2
        assert [each.number for each in recording.snapshots] == [2, 3]
        assert recording.snapshots[1].com.sections == {"note": "other"}


async def test_tool_calls_are_recorded_with_what_came_of_them() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), reply("3")), Adder) as session:
        session.start_recording()
        await session.send("1+2").result
        first, second = session.get_recording().snapshots
        assert [(each.name, dict(each.input)) for each in first.tools.calls] == [("add", {"a": 1, "b": 2})]
        assert [(each.name, each.success, each.content[0].text) for each in first.tools.results] == [
            ("add", True, "3")
        ]
        assert first.execution.should_continue
        assert not second.execution.should_continue
        assert second.model.output.content[0].text == "3"
        assert [message.role for message in second.model.input.formatted.messages] == [
            "user",
            "assistant",
            "tool",
        ]


async def test_a_recording_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    async with talking(ScriptedModel(call("add", a=1, b=2), reply("3")), Adder) as session:
        session.start_recording()
        await session.send("1+2").result
        recording = session.get_recording()
    await asyncio.to_thread(recording.save, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert await asyncio.to_thread(Recording.load, path) == recording


async def test_the_file_tells_when_a_recording_began_and_ended_in_the_same_form(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    async with talking(clock=HandClock()) as session:
        session.start_recording()
        session.stop_recording()
        recording = session.get_recording()
    await asyncio.to_thread(recording.save, path)
    saved = json.loads(await asyncio.to_thread(path.read_text))["recording"]
    assert saved["startedAt"] == saved["endedAt"] == "1970-01-01T00:16:40.000Z"
    assert await asyncio.to_thread(Recording.load, path) == recording


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(["full", "lightweight"]))
def test_whatever_was_said_comes_back_from_the_file(said: list[str], mode: Any) -> None:
    async def record() -> Recording:
        async with talking(ScriptedModel(*(reply(f"I say {text}") for text in said))) as session:
            session.start_recording(mode)
            for text in said:
                await session.send(f"say {text}").result
            return session.get_recording()

    recording = asyncio.run(record())
    with tempfile.TemporaryDirectory() as folder:
        recording.save(Path(folder) / "r.json")
        assert Recording.load(Path(folder) / "r.json") == recording


def test_a_file_that_is_no_recording_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        Recording.load(tmp_path / "none.json")
    for text in ("", "{", "[]", '{"agentick": "recording", "version": 1}', '{"version": 1}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(StoreDamagedError):
            Recording.load(tmp_path / "bad.json")
    (tmp_path / "new.json").write_text('{"agentick": "recording", "version": 99}')
    with pytest.raises(StoreVersionError):
        Recording.load(tmp_path / "new.json")


def recorded_text() -> str:
    """Record a conversation; give its file."""

    async def record() -> Recording:
        model = ScriptedModel(call("add", a=1, b=2), ProviderError("no luck", status=500))
        async with talking(model, Adder, retry=RetryPolicy(retries=0)) as session:
            session.start_recording()
            with pytest.raises(ProviderError):
                await session.send("1+2").result
            return session.get_recording()

    recording = asyncio.run(record())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        recording.save(path)
        return path.read_text()


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_damaged_file_is_refused_and_never_raises_anything_else(data: st.DataObject) -> None:
    text = TEXT[0] if TEXT else TEXT.append(recorded_text()) or TEXT[0]
    place = data.draw(st.integers(0, len(text)))
    broken = data.draw(
        st.sampled_from(
            [
                text[:place],
                text[:place] + text[place + 1 :],
                text[:place] + "0" + text[place + 1 :],
                text[:place] + "null" + text[place:],
                text.replace(
                    '"ProviderError"', data.draw(st.sampled_from(['"\\u0000"', '"a b"', '"Exception"', "7"]))
                ),
            ]
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        path.write_text(broken)
        try:
            model = Recording.load(path).as_model()
        except AgentickError:
            return
        assert model.left >= 0


@pytest.mark.parametrize(
    "wrong",
    [{"contextWindow": "x"}, {"id": {}}, {"price": {}}, {"price": {"input": "x", "output": 1, "longer": 5}}],
    ids=str,
)
def test_what_is_recorded_of_a_model_is_read_as_strictly_as_the_rest(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    file = json.loads(recorded_text())
    file["recording"]["calls"][0]["info"].update(wrong)
    path = tmp_path / "r.json"
    path.write_text(json.dumps(file))
    with pytest.raises(StoreDamagedError, match="info"):
        Recording.load(path)


@pytest.mark.parametrize("name", ["", "x\0y", "x" * 300, "a file/r.json", "no folder/r.json"])
def test_a_place_where_no_recording_can_be_is_told_when_it_is_saved_and_when_it_is_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a file").touch()
    recording = Recording.load(saved(Path("r.json")))
    for use in (recording.save, Recording.load):
        with pytest.raises(AgentickError) as caught:
            use(name)
        assert caught.value.hint
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a file", "r.json"]


def saved(path: Path) -> Path:
    path.write_text(recorded_text())
    return path


TEXT: list[str] = []


async def test_a_failure_of_a_strange_name_is_still_a_failure() -> None:
    failure = RecordedFailure(name="a\0b", message="odd")
    asked = RequestPrint(exact="", shape=RequestPrint.of(ModelRequest()).shape)
    info = ModelInfo(id="m", provider="p")
    model = ReplayModel([RecordedCall(info=info, request=asked, failure=failure)])
    with pytest.raises(Exception, match="odd"):
        _ = [delta async for delta in model.stream(ModelRequest())]
