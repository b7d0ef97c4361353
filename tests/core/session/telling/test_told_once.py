"""Whatever is called in whatever order: each message of the conversation is told to the hooks once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core import AssistantMessage, Nodes, Timeline, component, create_app, tool, use_on_message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import FunctionModel, call
from agentick_core.tree.hook_events import MessageReceived
from tests.core.session.talk import SOON, add, idle

STEPS = st.lists(
    st.sampled_from(
        ["send", "queue", "queue_late", "append", "observe", "set", "render", "abort", "interrupt",
         "interrupt_with", "turn", "turns"]
    ),
    max_size=14,
)  # fmt: skip
ANSWERS = st.lists(st.sampled_from(["text", "tool", "slow_tool", "appends", "empty", "error"]), max_size=8)


class Play:
    """One session, and what its hooks were told."""

    def __init__(self, answers: list[str], *, slow: bool) -> None:
        self.answers = answers
        self.slow = slow
        self.told: list[str] = []
        self.accepted: list[str] = []
        self.session: Any = None
        self.contexts: list[Any] = []
        store = MemoryStore()
        self.app = create_app(self.agent(), model=FunctionModel(self.answer), store=store, max_ticks=4)

    def agent(self) -> Any:
        """Make the agent that listens."""

        @tool
        async def slow() -> str:
            """Take some turns of the loop."""
            for _ in range(5):
                await asyncio.sleep(0)
            return "slow"

        @tool
        async def appends() -> str:
            """Append."""
            await self.session.append("by a tool")
            return "appended"

        @component
        def Listening() -> Nodes:
            use_on_message(self.hear)
            yield from (add, slow, appends)
            yield Timeline()

        return Listening

    async def hear(self, event: MessageReceived) -> None:
        """Take it down, and take a few turns for it."""
        self.told.append(event.id)
        self.contexts = [event.ctx]
        for _ in range(3 if self.slow else 0):
            await asyncio.sleep(0)

    async def answer(self, _: ModelRequest) -> Any:
        """Give the next answer."""
        kind = self.answers.pop(0) if self.answers else "text"

        async def pieces() -> AsyncIterator[Any]:
            await asyncio.sleep(0)
            if kind == "empty":
                return
            yield "some"
            await asyncio.sleep(0)
            match kind:
                case "error":
                    raise RuntimeError("down")
                case "tool":
                    yield call("add", a=1, b=2)
                case "slow_tool":
                    yield call("slow")
                case "appends":
                    yield call("appends")
                case _:
                    pass

        return pieces()

    def set_timeline(self) -> None:
        """Show one entry more."""
        for ctx in self.contexts:
            new = TimelineEntry(id="", message=AssistantMessage("set", id=f"set {len(ctx.timeline.entries)}"))
            ctx.timeline.set((*ctx.timeline.entries, new))

    async def step(self, step: str) -> None:
        """Do one thing to the session."""
        session = self.session
        actions: dict[str, Callable[[], Any]] = {
            "send": lambda: session.send("sent"),
            "queue": lambda: session.queue("queued"),
            "queue_late": lambda: session.queue("late", when="next_execution"),
            "append": lambda: session.append("appended"),
            "observe": lambda: session.observe("door", "it opened"),
            "set": self.set_timeline,
            "render": lambda: session.render({}),
            "abort": lambda: session.execution and session.execution.abort(),
            "interrupt": session.interrupt,
            "interrupt_with": lambda: session.interrupt("no, this"),
        }
        if step in actions:
            actions[step]()
        for _ in range({"turn": 1, "turns": 7}.get(step, 0)):
            await asyncio.sleep(0)


async def play(steps: list[str], answers: list[str], *, slow: bool) -> None:
    game = Play(answers, slow=slow)
    async with asyncio.timeout(SOON), game.app:
        game.session = session = await game.app.session("s")
        session.channel("messages").subscribe(
            lambda event: game.accepted.append(event.payload.id) if event.type == "message_queued" else None
        )
        await session.mount()
        for step in steps:
            await game.step(step)
        await idle(session)
        await (await session.send("the last")).settled()
        await idle(session)
        while session.queued_messages:
            await (await session.render()).settled()
            await idle(session)
        log = [entry.message.id for entry in session.timeline]
        while len(game.told) < len(log):
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert sorted(game.told) == sorted(log)
        if slow:
            return
        # What was sent or queued is told in the order in which it was accepted, everything else behind all that
        # stands before it in the log.
        assert [id for id in game.told if id in game.accepted] == game.accepted
        place = {id: at for at, id in enumerate(game.told)}
        for at, id in enumerate(log):
            if id not in game.accepted:
                assert [other for other in log[:at] if place[other] > place[id]] == []


@settings(max_examples=100, deadline=None)
@given(STEPS, ANSWERS, st.booleans())
def test_each_message_of_the_timeline_is_told_once_and_in_its_order(
    steps: list[str], answers: list[str], slow: bool
) -> None:
    asyncio.run(play(steps, answers, slow=slow))
