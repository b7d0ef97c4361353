"""Inboxes: messages for sessions from outside, kept until they are answered."""

from agentick_core.inbox.memory import MemoryInbox
from agentick_core.inbox.message import InboxInput, InboxMessage
from agentick_core.inbox.sqlite import SqliteInbox
from agentick_core.inbox.storage import InboxStorage

__all__ = ["InboxInput", "InboxMessage", "InboxStorage", "MemoryInbox", "SqliteInbox"]
