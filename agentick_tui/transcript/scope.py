"""What the reducer remembers of one session: the user's own, or a sub-agent's."""

from dataclasses import dataclass, field

from agentick_core.events.orchestration import MessageQueuedEvent, ModelRetry
from agentick_core.messages.message import Message
from agentick_tui.transcript.blocks import AnswerBlock, ReasoningBlock
from agentick_tui.transcript.items import Item


@dataclass(slots=True, eq=False)
class Scope:
    """One session as far as events have told of it.

    `agent` is the item that stands for a sub-agent, `mark` the one that says that the last answer was cut off.
    `texts` maps the index of each open text or reasoning of the message in progress to its item; `message`
    lists all items of that message in order, and `settled` is the message they were last compared with.
    `users` and `calls` find items by message id and call id. `retry` is the line of the call that is tried again,
    `failed` its last failure.
    """

    agent: Item | None = None
    running: bool = False
    mark: Item | None = None
    texts: dict[tuple[type[AnswerBlock] | type[ReasoningBlock], int], Item] = field(
        default_factory=dict[tuple[type[AnswerBlock] | type[ReasoningBlock], int], Item]
    )
    message: list[Item] = field(default_factory=list[Item])
    settled: Message | None = None
    waiting: list[MessageQueuedEvent] = field(default_factory=list[MessageQueuedEvent])
    users: dict[str, Item] = field(default_factory=dict[str, Item])
    calls: dict[str, Item] = field(default_factory=dict[str, Item])
    retry: Item | None = None
    failed: ModelRetry | None = None

    def begin_message(self) -> None:
        """Forget the message in progress: the next one begins."""
        self.texts.clear()
        self.message = []
        self.settled = None
