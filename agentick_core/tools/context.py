"""What a running tool may ask of its session: the context that a parameter annotated `ToolContext` receives."""

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

from agentick_core.messages.blocks import ContentLike
from agentick_core.tree.host import SessionContext

Origin: TypeAlias = Literal["model", "user"]


class ToolContext(SessionContext, Protocol):
    """The session as one call of a tool sees it; `origin` says who called, the model or a person."""

    call_id: str
    name: str
    origin: Origin

    def progress(self, content: ContentLike) -> None:
        """Tell how far the call is; the screen shows it, the model does not read it."""
        ...

    def call_soon(self, fn: Callable[[], object]) -> None:
        """Run `fn` on the session's event loop; the way to set state from a tool that runs in a thread."""
        ...
