"""Whatever is called in whatever order: nothing is lost, nothing is doubled, everything ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core import AbortError, create_app
from agentick_core.messages.request import ModelRequest
from agentick_core.session.execution.calls import ExecutionCall
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import FunctionModel, call
from tests.core.session.talk import SOON, Adder, add, idle, texts, tool

STEPS = st.lists(
    st.sampled_from(
        ["send", "send_tools", "queue", "queue_late", "render", "abort", "abort_last", "interrupt",
         "interrupt_with", "unqueue", "dispatch", "turn", "turns", "cut_wait"]
    ),
    max_size=14,
)  # fmt: skip
ANSWERS = st.lists(st.sampled_from(["text", "tool", "slow_tool", "error", "both"]), max_size=8)


class Play:
    """One session, and everything that was said to it."""

    def __init__(self, answers: list[str]) -> None:
        self.answers = answers
        self.said = 0
        self.expected: Counter[str] = Counter()
        self.calls: list[Any] = []
        self.store = MemoryStore()
        model = FunctionModel(self.answer)
        self.app = create_app(Adder, model=model, tools=[slow], store=self.store, max_ticks=4)

    async def answer(self, request: ModelRequest) -> Any:
        """Give the next answer, after a few turns of the loop."""
        kind = self.answers.pop(0) if self.answers else "text"

        async def pieces() -> AsyncIterator[Any]:
            await asyncio.sleep(0)
            yield "some"
            await asyncio.sleep(0)
            if kind == "error":
                raise RuntimeError("down")
            if kind in ("tool", "both"):
                yield call("add", a=1, b=2)
            if kind in ("slow_tool", "both"):
                yield call("slow")

        return pieces()

    def text(self) -> str:
        """Make a message that was never said before."""
        self.said += 1
        self.expected[f"m{self.said}"] = 1
        return f"m{self.said}"

    async def step(self, session: Any, step: str) -> None:
        """Do one thing to the session."""
        actions: dict[str, Callable[[], Any]] = {
            "send": lambda: session.send(self.text()),
            "send_tools": lambda: session.send(self.text(), tools=[add.replace(name="other")]),
            "queue": lambda: session.queue(self.text()),
            "queue_late": lambda: session.queue(self.text(), when="next_execution"),
            "render": lambda: session.render({}),
            "abort": lambda: session.execution and session.execution.abort(),
            "interrupt": session.interrupt,
            "interrupt_with": lambda: session.interrupt(self.text()),
            "dispatch": lambda: session.dispatch("add", {"a": 1, "b": 2}),
            "turn": lambda: None,
            "turns": lambda: None,
        }
        match step:
            case "abort_last" if self.calls:
                if isinstance(self.calls[-1], ExecutionCall):
                    (await self.calls[-1]).abort()
            case "unqueue" if session.queued_messages:
                message = session.queued_messages[0]
                session.unqueue(message.id)
                del self.expected[message.text]
            case "cut_wait" if session.execution is not None:
                waiting = asyncio.ensure_future(session.execution.result)
                waiting.cancel()
                await asyncio.wait({waiting})
            case _ if step in actions:
                started = actions[step]()
                if hasattr(started, "__await__"):
                    self.calls.append(started)
            case _:
                pass
        for _ in range({"turn": 1, "turns": 7}.get(step, 0)):
            await asyncio.sleep(0)


@tool
async def slow() -> str:
    """Take some turns of the loop."""
    for _ in range(5):
        await asyncio.sleep(0)
    return "slow"


async def play(steps: list[str], answers: list[str]) -> None:
    game = Play(answers)
    async with asyncio.timeout(SOON), game.app:
        session = await game.app.session("s")
        for step in steps:
            await game.step(session, step)
        await idle(session)
        handle = await session.send(game.text(), max_ticks=1)
        await handle.settled()
        await idle(session)
        while session.queued_messages:
            await (await session.render()).settled()
            await idle(session)
        for started in game.calls:
            try:
                result = await started.result
                assert result is not None
            except (AbortError, RuntimeError):
                pass
        user = [entry.message.text for entry in session.timeline if entry.message.role == "user"]
        assert Counter(user) == game.expected
        uses = [use.tool_use_id for entry in session.timeline for use in entry.message.tool_uses]
        results = [each.tool_use_id for entry in session.timeline for each in entry.message.tool_results]
        assert uses == results
        await session.flush()
        stored = await game.store.load("s")
        assert stored is not None
        assert [entry.id for entry in stored.timeline] == [entry.id for entry in session.timeline]
        assert (stored.queued, stored.open_execution) == ((), None)
        assert stored.usage == session.snapshot().usage
        assert texts(stored.timeline) == texts(session.timeline)
        assert session.children == ()


@settings(max_examples=150, deadline=None)
@given(STEPS, ANSWERS)
def test_nothing_is_lost_or_doubled_whatever_is_called_when(steps: list[str], answers: list[str]) -> None:
    asyncio.run(play(steps, answers))


@settings(max_examples=60, deadline=None)
@given(STEPS, ANSWERS, st.integers(0, 12))
def test_closing_at_any_moment_ends_everything_and_keeps_everything(
    steps: list[str], answers: list[str], turns: int
) -> None:
    async def go() -> None:
        game = Play(answers)
        async with asyncio.timeout(SOON):
            session = await game.app.session("s")
            for step in steps:
                await game.step(session, step)
            for _ in range(turns):
                await asyncio.sleep(0)
            await game.app.aclose()
            for started in game.calls:
                await asyncio.wait({asyncio.ensure_future(started.result)})
        stored = await game.store.load("s")
        kept = Counter(
            [entry.message.text for entry in session.timeline if entry.message.role == "user"]
            + [message.text for message in session.queued_messages]
        )
        assert kept == game.expected
        if stored is not None:
            assert [entry.id for entry in stored.timeline] == [entry.id for entry in session.timeline]
            assert [queued.message for queued in stored.queued] == list(session.queued_messages)
        assert session.execution is None

    asyncio.run(go())
