"""Shows every kind of block: `python -m tests.tui.chat.demo [dark|light|ansi|plain] [seconds per delta]`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator

from textual.app import App, ComposeResult

from agentick_core.events.model import (
    ContentDelta,
    ContentEnd,
    MessageStart,
    ReasoningDelta,
    ReasoningEnd,
    ToolCallEvent,
)
from agentick_core.events.orchestration import (
    EventError,
    ExecutionEnd,
    ExecutionStart,
    MessageQueuedEvent,
    ModelRetry,
    SpawnEnd,
    SpawnStart,
    TickStart,
    ToolConfirmationRequired,
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import UserMessage
from agentick_core.messages.usage import Usage
from agentick_tui.chat.view import TranscriptView
from agentick_tui.theme import Palette
from agentick_tui.transcript.transcript import Transcript

LIGHT = Palette(
    name="light", dark=False, background="#fbfbf9", surface="#eef1f5", panel="#e4e8ee", border="#c3cad5", text="#1f2430",
    muted="#5a6474", faint="#a9b1bf", accent="#0b7a53", user="#1f5fbf", success="#1a7f37", warning="#9a6700",
    error="#c5303a", code_background="#f1f3f6", selection="#b9d4f7", code_style="default",
)  # fmt: skip
ANSI = Palette(
    name="ansi", ansi=True, background="", surface="", panel="", border="ansi_bright_black", text="", muted="ansi_bright_black",
    faint="ansi_bright_black", accent="ansi_green", user="ansi_blue", success="ansi_green", warning="ansi_yellow",
    error="ansi_red", code_background="", selection="ansi_blue",
)  # fmt: skip
PLAIN = Palette(
    name="plain", background="", surface="", panel="", border="", text="", muted="", faint="", accent="", user="", success="",
    warning="", error="", code_background="", selection="",
)  # fmt: skip
PALETTES = {"dark": Palette(name="dark"), "light": LIGHT, "ansi": ANSI, "plain": PLAIN}

ANSWER = """# What I found

Bees are **insects** of the clade *Anthophila*; about `20,000` species are known. See [the overview](https://example.org/bees) \
for more, and ~~wasps~~ for less. 漢字 and 👩‍👩‍👧 are as wide as they are.

## Their ways

1. They gather nectar, which is a rather long story that has to be wrapped on most screens that are not very wide
2. They make honey
   - in cells
   - of wax
     - six-sided
3. They sleep

- [x] read the sources
- [ ] ask a beekeeper

> A hive is a city.
>
> — nobody

| what | how many | note |
|---|---:|---|
| hives | 12 | in the garden behind the house |
| bees | 40,000 | more or less |

```python
def count(hives: list[Hive]) -> int:
    \"\"\"Count the bees.\"\"\"
    return sum(len(hive.bees) for hive in hives)  # they never stand still
```

---

That is all.
"""


def answer(text: str, tick: int, *, index: int = 0) -> Iterator[StreamEvent]:
    for at in range(0, len(text), 7):
        yield ContentDelta(delta=text[at : at + 7], block_index=index, tick=tick)
    yield ContentEnd(block_type="text", block_index=index)


def tool(
    call_id: str, name: str, given: dict[str, object], output: str, **more: object
) -> Iterator[StreamEvent]:
    yield ToolCallEvent(call_id=call_id, name=name, input=given)
    yield ToolResultStart(call_id=call_id, name=name, time=10.0)
    error = more.get("error_type")
    yield ToolResultEvent(
        call_id=call_id, name=name, result=(TextBlock(output),), is_error=error is not None,
        error_type=str(error) if error else None, started_at=10.0, completed_at=10.42,
    )  # fmt: skip


def story() -> Iterator[StreamEvent]:
    """Tell a session in which everything happens."""
    yield from calls()
    yield from agents()
    yield from last_words()


def calls() -> Iterator[StreamEvent]:
    """Tell of a question, a thought, and tools that work and do not."""
    yield MessageQueuedEvent(
        message=UserMessage("What do you know about bees?\nAnd count those in the garden, please.", id="u1")
    )
    yield ExecutionStart()
    yield TickStart(tick=1)
    yield MessageStart()
    for word in ("The user asks about bees. ", "I should look it up before I answer, ", "and count them."):
        yield ReasoningDelta(delta=word, time=1.0)
    yield ReasoningEnd(block_index=0, time=4.2)
    yield from tool(
        "c1",
        "search",
        {"query": "bees", "limit": 5},
        "\n".join(f"result {n}: https://example.org/{n}" for n in range(14)),
    )
    yield from tool("c2", "count", {"where": "garden"}, "\x1b[32m40,213\x1b[0m")
    yield from tool(
        "c3",
        "read_file",
        {"path": "hives/\u202eexe.txt"},
        '{"error": "No such file: hives/exe.txt", "error_type": "NOT_FOUND"}',
        error_type="NOT_FOUND",
    )
    yield from tool(
        "c4",
        "shell",
        {"command": "rm -rf /hives"},
        '{"error": "Tool execution was denied by user: not my bees"}',
        error_type="TOOL_DENIED",
    )


def agents() -> Iterator[StreamEvent]:
    """Tell of sub-agents in sub-agents."""
    yield ToolCallEvent(call_id="c5", name="delegate", input={"to": "beekeeper"})
    yield ToolResultStart(call_id="c5", name="delegate", time=10.0)
    yield SpawnStart(
        spawn_id="s1",
        parent_execution_id="",
        child_execution_id="",
        child_session_id="k",
        component_name="Beekeeper",
        origin_call_id="c5",
        time=10.0,
    )
    path = ("s1",)
    yield ToolCallEvent(call_id="k1", name="inspect", input={"hive": 3}, spawn_path=path)
    yield ToolResultStart(call_id="k1", name="inspect", time=11.0, spawn_path=path)
    yield ToolResultEvent(
        call_id="k1",
        name="inspect",
        result=(TextBlock("healthy\ncalm"),),
        started_at=11.0,
        completed_at=12.5,
        spawn_path=path,
    )
    yield ContentDelta(delta="All hives are well.", spawn_path=path)
    yield SpawnStart(
        spawn_id="s2",
        parent_execution_id="",
        child_execution_id="",
        child_session_id="k2",
        component_name="Smoker",
        spawn_path=path,
        time=12.0,
    )
    yield ToolCallEvent(call_id="k2", name="smoke", input={"how_long": "a while"}, spawn_path=("s1", "s2"))


def last_words() -> Iterator[StreamEvent]:
    """Tell of an answer, a request for approval, a command, and all that can go wrong."""
    yield MessageStart()
    yield from answer(ANSWER, 2)
    yield ModelRetry(attempt=2, delay_ms=2000, reason="the provider is overloaded (529)")
    yield ToolCallEvent(call_id="c6", name="write_note", input={"text": "Buy sugar"})
    yield ToolConfirmationRequired(
        call_id="c6", name="write_note", input={"text": "Buy sugar"}, message="Write it?"
    )
    yield ToolResultStart(call_id="u9", name="tools", origin="user", input={"filter": "bee"})
    yield ToolResultEvent(
        call_id="u9",
        name="tools",
        origin="user",
        result=(TextBlock("search   look something up\ncount    count things"),),
    )
    yield SpawnStart(
        spawn_id="s3",
        parent_execution_id="",
        child_execution_id="",
        child_session_id="k3",
        component_name="Gardener",
        time=10.0,
    )
    yield ToolResultStart(call_id="g1", name="water", time=11.0, spawn_path=("s3",))
    yield SpawnEnd(
        spawn_id="s3",
        parent_execution_id="",
        child_execution_id="",
        child_session_id="k3",
        output="Watered **everything**.",
        usage=Usage(total_tokens=1234),
        time=22.0,
    )
    yield MessageQueuedEvent(message=UserMessage("thanks", id="u2"))
    yield TickStart(tick=3)
    yield MessageStart()
    yield from answer("You are wel", 3)
    yield ExecutionEnd(aborted=True, abort_reason="by the user")
    yield ExecutionEnd(
        error=EventError(
            "401 invalid x-api-key",
            "AuthenticationError",
            hint="Set ANTHROPIC_API_KEY, or choose another model with /model.",
        )
    )


class Demo(App[None]):
    """One transcript, streamed."""

    def __init__(self, palette: Palette, pause: float) -> None:
        super().__init__()
        self.palette = palette
        self.pause = pause
        self.transcript = Transcript()
        self.view = TranscriptView(self.transcript, palette)

    def compose(self) -> ComposeResult:
        yield self.view

    async def on_mount(self) -> None:
        if self.palette.background:
            self.screen.styles.background = self.palette.background
        self.set_interval(0.04, self.view.changed)
        self.run_worker(self._stream())

    async def _stream(self) -> None:
        async for event in self._paced():
            self.transcript.apply(event)

    async def _paced(self) -> AsyncIterator[StreamEvent]:
        for event in story():
            yield event
            if self.pause:
                await asyncio.sleep(self.pause)


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "dark"
    Demo(PALETTES[name], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0).run()
