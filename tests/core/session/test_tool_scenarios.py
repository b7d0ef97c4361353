"""Tools as a session shows them: their context, what is asked and told about a call, the sandbox, streamed results."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from agentick_core import (
    Decision,
    Knobs,
    Nodes,
    TextBlock,
    Timeline,
    ToolContext,
    component,
    create_app,
    create_context,
    create_tool,
    use_context,
    use_knob,
    use_state,
)
from agentick_core.errors import NotFoundError
from agentick_core.messages.blocks import Block, ImageBlock, UrlSource
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.sandbox import SandboxAccessError
from tests.core.session.talk import result_texts, talking, tool


async def test_d2_a_tool_has_its_context_its_dependencies_and_neither_when_it_is_run_directly() -> None:
    seen: list[tuple[Any, Any]] = []

    def use() -> Mapping[str, Any]:
        count, _ = use_state(7)
        return {"count": count}

    async def handle(input: Any, ctx: Any, deps: Any = None) -> str:
        seen.append((ctx, deps))
        if ctx is not None:
            ctx.state.set("ran", True)
        return "ok"

    made = create_tool(name="made", handler=handle, use=use)
    async with talking(ScriptedModel(call("made"), "done"), tools=[made]) as session:
        await session.send("go").result
        assert session.snapshot().com_state == {"ran": True}
    (context, deps), *_ = seen
    assert context.name == "made"
    assert deps["count"] == 7
    await made.run({})
    assert seen[-1][0] is None


async def asked_and_called(made: Any, decision: Decision | None = None) -> tuple[Any, Any, Any]:
    """Let a model call the tool; give the question, the call and the result as they were told."""
    model = ScriptedModel(call(made.name), "done")
    told: dict[str, Any] = {}
    async with talking(model, tools=[made]) as session:
        handle = await session.send("go")
        async for event in handle:
            told[event.type] = event
            if event.type == "tool_confirmation_required":
                assert session.submit_tool_result(told[event.type].call_id, decision)
        assert (await handle.result).response == "done"
    return told.get("tool_confirmation_required"), told["tool_call"], told["tool_result"]


def broken(*_: object) -> Any:
    raise RuntimeError("out of ink")


def diff(*_: object) -> Any:
    return {"diff": "- a\n+ b"}


def told_in_words(*_: object) -> str:
    return "edits a file"


@pytest.mark.parametrize(("preview", "metadata"), [(diff, {"diff": "- a\n+ b"}), (broken, {})])
async def test_d19_a_preview_is_part_of_the_question_and_one_that_raises_is_left_out(
    preview: Any, metadata: dict[str, Any]
) -> None:
    @tool(requires_confirmation=True, confirmation_preview=preview)
    async def edit() -> str:
        return "edited"

    asked, _, result = await asked_and_called(edit, Decision(True))
    assert dict(asked.metadata or {}) == metadata
    assert not result.is_error


@pytest.mark.parametrize(("summary", "told"), [(told_in_words, "edits a file"), (broken, None)])
async def test_d20_a_summary_is_told_with_the_call_and_one_that_raises_is_left_out(
    summary: Any, told: str | None
) -> None:
    @tool(display_summary=summary)
    async def edit() -> str:
        return "edited"

    _, called, result = await asked_and_called(edit)
    assert called.summary == told
    assert not result.is_error


class Box:
    """A sandbox whose tool leaves it until it is let."""

    def __init__(self, *, recoverable: bool = True) -> None:
        self.log: list[str] = []
        self.recoverable = recoverable

    def tool(self) -> Any:
        async def read(ctx: ToolContext) -> str:
            """Read a file."""
            if not any(line.startswith("recover") for line in self.log):
                recover = self.recover if self.recoverable else None
                raise SandboxAccessError("outside", requested_path="../x", recover=recover)
            self.log.append("read")
            return "content"

        return tool(read)

    async def recover(self, always: bool) -> Any:
        self.log.append(f"recover {always}")
        return lambda: self.log.append("cleanup")


@pytest.mark.parametrize("always", [True, False])
async def test_d22_a_sandbox_is_opened_for_one_retry_and_closed_again(always: bool) -> None:
    box = Box()
    asked, _, result = await asked_and_called(box.tool(), Decision(True, always=always))
    assert box.log == [f"recover {always}", "read", "cleanup"]
    assert asked.metadata["type"] == "sandbox_access"
    assert not result.is_error


async def test_d22_a_sandbox_stays_closed_where_it_is_refused_or_cannot_be_opened() -> None:
    refused, lost = Box(), Box(recoverable=False)
    for box, words in ((refused, "stay inside"), (lost, "SANDBOX_ACCESS")):
        _, _, result = await asked_and_called(box.tool(), Decision(False, "stay inside"))
        assert result.is_error
        assert words in result.result[0].text
        assert box.log == []


async def test_d23_all_blocks_that_a_tool_gives_one_by_one_are_in_the_result() -> None:
    @tool
    async def stream() -> AsyncIterator[Block]:
        """Give blocks."""
        yield TextBlock("one")
        yield ImageBlock(UrlSource("http://x/y.png"))
        yield TextBlock("two")

    _, _, result = await asked_and_called(stream)
    assert [block.type for block in result.result] == ["text", "image", "text"]


async def test_the_question_of_a_tool_may_be_made_by_an_async_function() -> None:
    async def question(input: Mapping[str, Any]) -> str:
        return f"Delete {input.get('path', 'everything')}?"

    @tool(requires_confirmation=True, confirmation_message=question)
    async def delete(path: str = "") -> str:
        """Delete."""
        return "gone"

    asked, _, _ = await asked_and_called(delete, Decision(True))
    assert asked.message == "Delete everything?"


async def test_a_tool_that_both_the_tree_and_the_app_have_is_the_trees() -> None:
    place = create_context("nowhere")

    @tool(use=lambda: {"place": use_context(place)})
    async def look(place: str) -> str:
        """Look around."""
        return place

    @component
    def Inside() -> Nodes:
        yield place.provide("inside", look)
        yield Timeline()

    model = ScriptedModel(call("look"), "done")
    async with create_app(Inside, model=model, tools=[look]) as app:
        session = await app.session("s", tools=[look.replace(use=lambda: {"place": "session"})])
        await session.send("go").result
        assert result_texts(session) == ["inside"]


async def test_a_tool_of_a_send_that_brings_hooks_is_gone_with_it() -> None:
    @tool(use=lambda: {"where": "here"})
    async def look(where: str) -> str:
        """Look around."""
        return where

    async with talking(ScriptedModel(call("look"), "done")) as session:
        await session.send("go", tools=[look]).result
        assert result_texts(session) == ["here"]
        with pytest.raises(NotFoundError):
            await session.dispatch("look")


async def test_a_tool_reads_every_knob_as_it_stands_also_one_that_nobody_has_set() -> None:
    seen: list[Mapping[str, Any]] = []

    @tool
    async def look(ctx: ToolContext) -> str:
        """Look at the knobs."""
        seen.append(dict(ctx.knobs))
        return "seen"

    @component
    def Settings(tone: bool = True) -> Nodes:
        use_knob("depth", 1)
        if tone:
            yield Tone()
        yield look
        yield Knobs()
        yield Timeline()

    @component
    def Tone() -> Nodes:
        use_knob("tone", "plain")
        return None

    async with talking(
        ScriptedModel(call("set_knob", name="depth", value=4), call("look"), "done"), Settings
    ) as session:
        await session.send("go").result
        await session.dispatch("set_knob", {"name": "tone", "value": "grand"})
        await session.dispatch("look")
    assert seen == [{"depth": 4, "tone": "plain"}, {"depth": 4, "tone": "grand"}]
