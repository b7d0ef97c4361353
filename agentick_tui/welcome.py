"""What a new session says of itself before anything is said in it: who answers, why, and what to try."""

from typing import TYPE_CHECKING

from agentick_core.models.catalog import parse_spec
from agentick_tui.chat.welcome import Welcome
from agentick_tui.engine.options import ChatOptions
from agentick_tui.sanitize import shown

if TYPE_CHECKING:
    from agentick_core.models.model import ModelInfo

OFFLINE = "offline"
KEYS = (
    ("Enter", "send"),
    ("/", "commands"),
    ("F1", "help"),
    ("F12", "DevTools"),
    ("Ctrl+Q", "quit"),
)
WORDS = (
    ("hello", "what this is, and what it can do"),
    ("tool", "a call of a tool, and its result"),
    ("note", "a tool that asks you first"),
    ("long", "an answer to scroll through while it comes"),
)
COMMANDS = (
    ("/help", "the commands and the keys"),
    ("/sessions", "the conversations there are; /resume goes on with one"),
    ("/model", "which model answers, and which others can"),
)
OF_AN_APP = (("/tools", "what this agent can do"), *COMMANDS[:2])


def welcome_of(options: ChatOptions, model: "ModelInfo | None") -> Welcome:
    """Make the welcome of a session in which that model answers; None where the agent's tree decides."""
    if model is None:
        return _welcome(options, "the agent's own model", offline=False)
    return _welcome(options, shown(model.name or model.id), offline=(model.spec or model.id) == OFFLINE)


def first_welcome(options: ChatOptions) -> Welcome:
    """Make the welcome of a new session with the built-in agent, before the engine is there."""
    spec = options.model.spec
    return _welcome(options, shown(parse_spec(spec).name), offline=spec == OFFLINE)


def _welcome(options: ChatOptions, name: str, *, offline: bool) -> Welcome:
    chosen = options.model
    own = options.loaded is not None and not chosen.fixed
    return Welcome(
        title="agentick",
        about="An agent in your terminal, and a look inside it.",
        model=f"{name} model" if offline else name,
        why="chosen by the app" if own else shown(chosen.why),
        advice=(
            "It needs no network and answers the words below. For real answers set ANTHROPIC_API_KEY or "
            "OPENAI_API_KEY and start again."
            if offline and not own
            else ""
        ),
        tries=OF_AN_APP if own else WORDS if offline else COMMANDS,
        keys=KEYS,
    )
