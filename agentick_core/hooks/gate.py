"""Gates: what must be done before an execution may end. `gate` describes one, `use_gate` puts it up."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from agentick_core.errors import ValidationError
from agentick_core.hooks.context import use_session
from agentick_core.hooks.continuation import use_on_tick_end
from agentick_core.hooks.knob import use_knob
from agentick_core.hooks.session_state import SetSessionState
from agentick_core.tree.knobs import Knob, knob_key
from agentick_core.tree.tick_state import Continue, TickResult, Verdict

if TYPE_CHECKING:
    from agentick_core.components.structure import Ephemeral

Position: TypeAlias = Literal["inactive", "active", "deferred"]
Condition: TypeAlias = Callable[[TickResult], bool | Awaitable[bool]]

GROUP = "gates"
POSITIONS: tuple[Position, ...] = ("inactive", "active", "deferred")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What keeps an execution from ending: what it is for, what the model is told, and when it comes down."""

    description: str
    instructions: str
    activate_when: Condition


def gate(*, description: str, instructions: str, activate_when: Condition) -> Gate:
    """Describe a gate: `activate_when` is asked with the result of each tick while the gate is inactive."""
    if not callable(cast("object", activate_when)):
        raise ValidationError(
            f"A gate's activate_when is a function, not {activate_when!r}",
            hint="It is asked with the result of each tick: activate_when=lambda result: bool(result.tool_calls).",
        )
    return Gate(description=description, instructions=instructions, activate_when=activate_when)


class GateState:
    """A gate as it stands in this render; `element` is what the model is told while it is active."""

    __slots__ = ("_instructions", "_position", "_set")

    def __init__(self, position: str, instructions: str, set_position: SetSessionState[str]) -> None:
        self._position = position
        self._instructions = instructions
        self._set = set_position

    @property
    def active(self) -> bool:
        """Whether the model is told what to do."""
        return self._position == "active"

    @property
    def deferred(self) -> bool:
        """Whether it waits for the end of the execution to become active again."""
        return self._position == "deferred"

    @property
    def engaged(self) -> bool:
        """Whether it keeps the execution from ending."""
        return self._position != "inactive"

    @property
    def element(self) -> "Ephemeral | None":
        """The instructions, to be yielded; None unless the gate is active."""
        # Components are made with hooks, so here they can be imported only when it is used.
        from agentick_core.components.structure import Ephemeral

        return Ephemeral(self._instructions, type="gate") if self.active else None

    def clear(self) -> None:
        """Let the execution end."""
        self._set("inactive")

    def defer(self) -> None:
        """Be silent until the execution would end."""
        self._set("deferred")


def use_gate(name: str, gate: Gate) -> GateState:
    """Keep the execution from ending while the gate is up; yield its `element`.

    It is a knob of the group "gates", so the model clears or defers it with `set_knob`, if `Knobs()` is shown.
    At the end of a tick that would be the last, a deferred gate becomes active, and another tick follows. It
    never interferes while the execution goes on anyway, and the limit of ticks holds.
    """
    if not isinstance(cast("object", gate), Gate):
        raise ValidationError(
            f"use_gate takes a gate, not {gate!r}",
            hint="Make one with gate(description=..., instructions=..., activate_when=...), outside of the components.",
        )
    knob = Knob("inactive", description=gate.description, options=POSITIONS, group=GROUP)
    position, set_position = use_knob(name, knob)
    state = use_session().state

    @use_on_tick_end
    async def decide(result: TickResult) -> Verdict:
        now = knob.or_default(state.get(knob_key(name), knob.default))
        if now == "inactive":
            answer = gate.activate_when(result)
            if not (await answer if inspect.isawaitable(answer) else answer):
                return None
            set_position("active")
        if result.should_continue:
            return None
        set_position("active")
        return Continue(f'the gate "{name}" is up')

    return GateState(position, gate.instructions, set_position)
