"""What the application's commands may do: the port of `commands/`, made of the conversation and the screen."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from agentick_core.errors import ComponentError, NotFoundError
from agentick_core.messages.tool import ToolDefinition
from agentick_core.storage.store import SessionSummary
from agentick_tui.commands.port import ModelLine, SessionLine
from agentick_tui.conversation import Conversation
from agentick_tui.engine.find_session import named_session, session_name

SHORT_ID = 8


class ScreenPort(Protocol):
    """What the commands ask of the screen."""

    def switch_to(self, session_id: str | None, title: str) -> None:
        """Open another session when the command has ended; None makes a new one."""
        ...

    def clear_view(self) -> None:
        """Empty the transcript."""
        ...

    def theme_in_use(self) -> tuple[str, Sequence[str]]:
        """The theme, and the names of all."""
        ...

    def use_theme(self, name: str) -> object:
        """Draw with another theme, soon."""
        ...

    def copy_text(self, text: str) -> str:
        """Copy a text; say how."""
        ...

    def leave(self) -> None:
        """Quit when the command has ended."""
        ...


class ChatPort:
    """The port of the commands."""

    def __init__(self, conversation: Conversation, screen: ScreenPort, model_why: str) -> None:
        self._conversation = conversation
        self._screen = screen
        self._model_why = model_why

    async def definitions(self) -> Sequence[ToolDefinition]:
        """Every tool of the session; none while the agent's tree fails, so that help can still be given."""
        try:
            return await self._conversation.learn_tools()
        except ComponentError:
            return ()

    def clear_view(self) -> None:
        """Empty the transcript on the screen."""
        self._screen.clear_view()

    def new_session(self, title: str) -> None:
        """Ask for a new session."""
        self._screen.switch_to(None, title)

    async def sessions(self) -> Sequence[SessionLine]:
        """The stored sessions, the newest first."""
        current = self._conversation.door.session.id
        stored = await self._conversation.door.stored()
        shorter = short_ids([each.session_id for each in stored])
        return [replace(_line(each, current), id=shorter[each.session_id]) for each in stored]

    async def resume(self, session: str) -> SessionLine:
        """Find a session and ask to switch to it; the one that is open goes on undisturbed."""
        current = self._conversation.door.session.id
        stored = await self._conversation.door.stored()
        wanted = named_session(stored, session)
        if wanted != current:
            self._screen.switch_to(wanted, "")
        found = next(each for each in stored if each.session_id == wanted)
        return _line(found, current)

    async def fork(self, title: str) -> SessionLine:
        """Store a copy of the session, and ask to switch to it."""
        door = self._conversation.door
        fork = await door.fork()
        # What was steered and not taken comes back to what waits.
        self._conversation.follow()
        await door.tables.copy(door.session.id, fork, self._conversation.backlog.texts)
        # What was being answered is stored only now, and with it the name.
        stored = {each.session_id: each for each in await door.stored()}
        source = stored.get(door.session.id)
        name = session_name(source) if source is not None else ""
        title = title or (f"{name} (fork)" if name else "")
        self._screen.switch_to(fork, title)
        return SessionLine(id=short_ids(list({*stored, fork}))[fork], title=title)

    def model(self) -> ModelLine:
        """The model in use."""
        info = self._conversation.door.model
        if info is None:
            return ModelLine("the agent's own", "its tree decides")
        return ModelLine(info.spec or info.id, self._model_why, _known_models())

    async def set_model(self, spec: str) -> ModelLine:
        """Use another model from the next answer on."""
        info = self._conversation.door.set_model(spec)
        self._conversation.follower.use_model(info)
        self._model_why = "chosen with /model"
        return ModelLine(info.spec or info.id)

    def theme(self) -> tuple[str, Sequence[str]]:
        """The theme in use, and the names of all."""
        return self._screen.theme_in_use()

    def set_theme(self, name: str) -> None:
        """Use another theme."""
        names = self._screen.theme_in_use()[1]
        if name not in names:
            raise NotFoundError(f"There is no theme {name!r}.", hint=f"There are: {', '.join(names)}.")
        self._screen.use_theme(name)

    async def steer(self, text: str) -> bool:
        """Send into the next tick: the text, or the first message of the backlog."""
        if not text:
            return self._conversation.send_first()
        self._conversation.send(text)
        return True

    def steered(self) -> Sequence[str]:
        """The messages that the next tick takes."""
        return self._conversation.door.steered

    def queued(self) -> Sequence[str]:
        """The messages that wait."""
        return self._conversation.backlog.texts

    async def rename(self, title: str) -> None:
        """Give the session another title."""
        await self._conversation.rename(title)

    def copy_answer(self) -> str:
        """Copy the last answer; say how."""
        answer = self._conversation.last_answer()
        return self._screen.copy_text(answer) if answer else ""

    def leave(self) -> None:
        """Ask to quit."""
        self._screen.leave()


def _line(summary: SessionSummary, current: str) -> SessionLine:
    return SessionLine(
        id=summary.session_id,
        title=session_name(summary),
        when=_ago(time.time() - summary.updated_at),
        messages=summary.entries,
        current=summary.session_id == current,
    )


def short_ids(ids: Sequence[str]) -> Mapping[str, str]:
    """Give the first characters of each id, or the whole where others begin alike."""
    alike = Counter(id[:SHORT_ID] for id in ids)
    return {id: id[:SHORT_ID] if alike[id[:SHORT_ID]] == 1 else id for id in ids}


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _known_models() -> tuple[str, ...]:
    from agentick_core.models.catalog import known_specs

    return known_specs()
