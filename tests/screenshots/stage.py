"""The application as it is photographed: the offline model, and time that passes only with the model's words."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from agentick_core import Knobs, Nodes, System, Timeline, Tool, component, create_app, tool
from agentick_core.messages.request import ModelRequest
from agentick_core.models.deltas import ModelDelta
from agentick_core.models.offline import OfflineModel
from agentick_tui.app import ChatApp
from agentick_tui.chat.view import TranscriptView
from agentick_tui.conversation import Conversation
from agentick_tui.engine.agent import INSTRUCTION, add, ask_child, note
from agentick_tui.engine.load_app import LoadedApp
from agentick_tui.engine.options import ChatOptions, ModelChoice
from agentick_tui.later import begin_conversation
from agentick_tui.status.bar import StatusBar
from agentick_tui.status.follow import Follower
from agentick_tui.theme import Palette

MORNING = datetime(2026, 4, 20, 9, 30, tzinfo=UTC).timestamp()
SECONDS_PER_WORD = 0.03


class StageClock:
    """A clock that stands still until it is moved, ids that count, and a short time for all that is measured."""

    def __init__(self) -> None:
        self._now = MORNING
        self._ids = itertools.count(1)
        self._measured = itertools.count()

    def now(self) -> float:
        """Give the seconds since 1970, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Give half a millisecond more at each call."""
        return next(self._measured) / 2000

    def new_id(self) -> str:
        """Give the next number."""
        return f"{next(self._ids):04}"

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


class StageModel(OfflineModel):
    """The offline model at full speed, in whose time each word takes as long as the other."""

    def __init__(self, clock: StageClock) -> None:
        super().__init__(pace=0)
        self._clock = clock

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Answer as the offline model does, and move the clock."""
        async for delta in super().stream(request):
            self._clock.move(SECONDS_PER_WORD)
            yield delta


def clock_tool(clock: StageClock) -> Tool[[], Awaitable[str]]:
    """Make the tool that tells the time of the stage."""

    @tool(name="clock", effects={"read"})
    async def tell() -> str:
        """Tell the time in UTC."""
        return f"{datetime.fromtimestamp(clock.now(), UTC):%Y-%m-%d %H:%M:%S} UTC"

    return tell


def make_stage(palette: Palette, folder: Path) -> ChatApp:
    """Make the chat in that theme, its database in `folder`."""
    clock = StageClock()
    told = clock_tool(clock)

    @component
    def Agentick() -> Nodes:
        yield System(INSTRUCTION)
        yield (told, add, note, ask_child)
        yield Timeline()
        yield Knobs()

    async def begin(options: ChatOptions, changed: Callable[[], None]) -> Conversation:
        conversation = await begin_conversation(options, changed)
        conversation.follower = Follower(clock.now)
        return conversation

    app = ChatApp(
        ChatOptions(
            model=ModelChoice(spec="offline", why="no key is set"),
            database=folder / "sessions.db",
            workspace=folder,
            session_id="bees",
            loaded=LoadedApp("stage", create_app(Agentick, model=StageModel(clock), clock=clock)),
            theme=palette.name,
        ),
        palette,
        begin=begin,
    )
    app.status = StatusBar(clock=clock.now)
    app.view = TranscriptView(palette=palette, clock=clock.now, id="transcript")
    return app
