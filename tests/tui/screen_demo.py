"""The screen's widgets around a text that stands for the transcript, to be driven by tests and looked at."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

import agentick_tui
from agentick_tui.commands.resolve import candidates
from agentick_tui.confirm.panel import ConfirmPanel
from agentick_tui.confirm.question import Answer, Question, RuleChoice
from agentick_tui.devtools.panel import DevToolsPanel
from agentick_tui.keymap import Act, ScreenState
from agentick_tui.prompt.prompt import Prompt
from agentick_tui.prompt.queue_strip import QueueStrip
from agentick_tui.prompt.terminal_keys import mend_terminal_keys
from agentick_tui.status.bar import StatusBar
from agentick_tui.status.parts import Status
from agentick_tui.theme import load_theme, to_textual

# Read here: the tests watch that nothing blocks their event loop.
PALETTES = {name: load_theme(name) for name in ("agentick-dark", "agentick-light")}
STYLES = Path(agentick_tui.__file__).parent / "styles"
ANSWER = "\n".join(
    f"{number:3}  A line of the answer, as long as an answer's line may well be." for number in range(60)
)


@dataclass
class Heard:
    """What the widgets said, in order."""

    asked: list[tuple[Act, str]] = field(default_factory=list[tuple[Act, str]])
    answers: list[Answer] = field(default_factory=list[Answer])


class ScreenDemo(App[None]):
    """Every widget of the screen, wired as the application does it."""

    CSS_PATH: ClassVar = [STYLES / f"{name}.tcss" for name in ("prompt", "confirm", "status", "devtools")]
    CSS = "#transcript { height: 1fr; padding: 0 1; } Screen { layout: vertical; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *, theme: str = "agentick-dark", clock: Callable[[], float] | None = None) -> None:
        super().__init__()
        self.register_theme(to_textual(PALETTES[theme]))
        self.theme = theme
        self.heard = Heard()
        self.transcript = Static(ANSWER, id="transcript", markup=False)
        self.strip = QueueStrip()
        self.panel = ConfirmPanel(clock=clock) if clock is not None else ConfirmPanel()
        self.prompt = Prompt(
            commands=candidates, asked=lambda act, text: self.heard.asked.append((act, text))
        )
        self.bar = StatusBar(clock=lambda: 100.0)
        self.tools = DevToolsPanel()
        self.running = ScreenState.IDLE

    def compose(self) -> ComposeResult:
        """Stack the parts of the screen."""
        with Horizontal():
            with Vertical():
                yield self.transcript
                yield self.strip
                yield self.panel
                yield self.prompt
                yield self.bar
            yield self.tools

    def on_mount(self) -> None:
        """Bring the keys to the prompt."""
        self.screen.set_focus(self.prompt.editor)

    async def on_event(self, event: events.Event) -> None:
        """Let the question hear first."""
        if not self.panel.heard(event):
            await super().on_event(event)

    def on_resize(self) -> None:
        """Mark a narrow screen."""
        self.screen.set_class(self.size.width < 80, "-narrow")

    def be(self, status: Status) -> None:
        """Take over a state everywhere."""
        self.running = status.state
        self.prompt.set_state(status.state, paused=status.paused)
        self.bar.show(status)

    @on(ConfirmPanel.Answered)
    def _answered(self, event: ConfirmPanel.Answered) -> None:
        self.heard.answers.append(event.answer)

    @on(ConfirmPanel.Changed)
    def _changed(self, event: ConfirmPanel.Changed) -> None:
        self.prompt.set_state(event.state or self.running)
        self.bar.show(Status(state=event.state or self.running, model="offline"))


QUESTION = Question(
    call_id="call-1",
    name="shell",
    arguments={
        "command": "git push origin main\nrm -rf build \x1b[31m\u202e",
        "timeout": 30,
        "environment": {"CI": "1", "PATH": ["/usr/bin", "/bin"]},
    },
    schema={
        "type": "object",
        "properties": {
            "command": {"type": "string"},
            "timeout": {"type": "integer"},
            "environment": {"type": "object"},
        },
        "required": ["command"],
    },
    message="Runs in the workspace.",
    said="I will push the branch, then clean up.",
    asked_by="the tool asks each time",
    effects=("execute", "network"),
    path=("Reviewer",),
    diff="src/app.py\n@@ -1,2 +1,2 @@\n-old line\n+new line\n context",
    rules=(
        RuleChoice(label="this call", detail="exactly these arguments, this session"),
        RuleChoice(label="shell", detail="every call of this tool, this session"),
    ),
)

BUSY = Status(
    state=ScreenState.RUNNING,
    model="claude-sonnet-4-5",
    tokens=12_340,
    context=112_000,
    window=200_000,
    estimated=True,
    tick=3,
    awaiting="first token",
    since=88.0,
    queued=5,
)


class _Look(ScreenDemo):
    """A scene to be looked at."""

    def __init__(self, scene: str, theme: str) -> None:
        super().__init__(theme=theme)
        self.scene = scene

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self._set)

    def _set(self) -> None:
        self.be(
            BUSY if self.scene != "idle" else Status(model="offline", tokens=950, context=950, window=8000)
        )
        if self.scene in ("queue", "ask"):
            texts = ["Then look at the tests.", "And write\nthe change log", "Third", "Fourth", "Fifth"]
            self.strip.show(texts, folded=self.scene == "ask")
        if self.scene == "ask":
            self.panel.ask(QUESTION)
            self.panel.ask(Question(call_id="call-2", name="other"))
        if self.scene == "tools":
            self.tools.update(
                {
                    "status": "tick",
                    "history": [{"reason": "state x", "ms": 1.25}],
                    "is_scheduled": False,
                    "pending_reasons": (),
                },
                BUSY,
            )
            self.tools.toggle()


if __name__ == "__main__":
    mend_terminal_keys()
    _Look(*sys.argv[1:3]).run()
