"""Messages that were accepted, and those that the running tick shows."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agentick_core.clock import Clock
from agentick_core.messages.message import Message
from agentick_core.messages.snapshot import QueuedMessage, When
from agentick_core.session.execution.input import with_id


class MessageQueue:
    """The accepted messages, in order: first they wait, then a tick shows them, then they are committed."""

    def __init__(self, waiting: Sequence[QueuedMessage] = ()) -> None:
        self._waiting: list[QueuedMessage] = list(waiting)
        self._shown: list[QueuedMessage] = []

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What waits, oldest first."""
        return tuple(item.message for item in self._waiting)

    @property
    def shown(self) -> tuple[Message, ...]:
        """What a tick shows and no entry holds yet."""
        return tuple(item.message for item in self._shown)

    @property
    def items(self) -> tuple[QueuedMessage, ...]:
        """Everything that no entry holds yet: what is shown, then what waits, with the time it waits for."""
        return (*self._shown, *self._waiting)

    @property
    def waiting(self) -> tuple[QueuedMessage, ...]:
        """What waits, with the time it waits for."""
        return tuple(self._waiting)

    def identified(self, message: Message, clock: Clock) -> Message:
        """Give the message with an id of its own: another one, where a message that no entry holds has the same."""
        taken = any(item.message.id == message.id for item in self.items)
        return with_id(replace(message, id="") if taken else message, clock)

    def add(self, message: Message, when: When) -> QueuedMessage:
        """Put a message at the end."""
        item = QueuedMessage(message, when)
        self._waiting.append(item)
        return item

    def has_next_tick(self) -> bool:
        """Tell whether something waits for the next tick."""
        return any(item.when == "next_tick" for item in self._waiting)

    def execution_begins(self) -> None:
        """Let the first tick show all that waits: what waited for an execution has waited for this one."""
        self._waiting = [QueuedMessage(item.message, "next_tick") for item in self._waiting]

    def take(self) -> tuple[Message, ...]:
        """Take what the tick that begins now shows."""
        return self._show([item for item in self._waiting if item.when == "next_tick"])

    def take_again(self, ids: Iterable[str]) -> tuple[Message, ...]:
        """Take what a tick of an earlier process had shown."""
        shown = set(ids)
        return self._show([item for item in self._waiting if item.message.id in shown])

    def _show(self, items: list[QueuedMessage]) -> tuple[Message, ...]:
        self._waiting = [item for item in self._waiting if item not in items]
        self._shown += items
        return tuple(item.message for item in items)

    def committed(self, ids: Iterable[str]) -> None:
        """Let go of messages that entries hold now."""
        gone = set(ids)
        self._shown = [item for item in self._shown if item.message.id not in gone]

    def remove(self, message_id: str) -> Message | None:
        """Take one message back, if it still waits."""
        for item in self._waiting:
            if item.message.id == message_id:
                self._waiting.remove(item)
                return item.message
        return None

    def reorder(self, ids: Sequence[str]) -> None:
        """Put the messages of these ids first, in this order; the others follow as they were."""
        place = {id: index for index, id in enumerate(ids)}
        self._waiting.sort(key=lambda item: place.get(item.message.id, len(place)))
