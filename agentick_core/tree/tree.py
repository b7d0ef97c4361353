"""The mounted tree of a session: what it renders to, and who is called when."""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentick_core.compile.collect import collect
from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.stable import PASS_LIMIT, RenderPass, settle
from agentick_core.errors import StateError, UnusedNodeWarning
from agentick_core.messages.blocks import NO_METADATA
from agentick_core.procedures.ambient import current, entered
from agentick_core.tree.callbacks import CallbackSlot, call, callbacks_of
from agentick_core.tree.container import Container
from agentick_core.tree.data import ROUNDS
from agentick_core.tree.effects import EffectSlot, run_due
from agentick_core.tree.element import Element
from agentick_core.tree.fiber import Fiber
from agentick_core.tree.hook_events import (
    Compiled,
    EntryAppended,
    ExecutionEnded,
    ExecutionStarted,
    MessageReceived,
    Mounted,
    Unmounted,
)
from agentick_core.tree.host import TreeHost
from agentick_core.tree.knobs import Knob, knob_key
from agentick_core.tree.node import ToolNode
from agentick_core.tree.reconcile import Pass
from agentick_core.tree.scope import TreeScope
from agentick_core.tree.tick_state import Decided, TickResult, TickState, decide


class Tree:
    """A component tree that lives as long as its session.

    `hidden` are tools from outside the tree that bring hooks; they are mounted after the user's tree. `data` is
    what `use_data` had fetched, as it was stored. Only one of the asynchronous methods may run at a time.
    """

    def __init__(
        self,
        root: Element,
        host: TreeHost,
        *,
        hidden: Sequence[ToolNode] = (),
        data: Mapping[str, Any] = NO_METADATA,
    ) -> None:
        self._root = root
        self._hidden = tuple(hidden)
        self._host = host
        self._scope = TreeScope(host, data)
        self._top = Fiber(Container(), None, self._scope)
        self._side = Fiber(Container(), None, self._scope)
        self._execution: ExecutionStarted | None = None
        self._arriving: list[Fiber] = []
        self._leaving: list[Fiber] = []
        self._warned: set[tuple[str, int]] = set()

    @property
    def mounted(self) -> bool:
        """Whether anything has been rendered."""
        return bool(self._top.children)

    @property
    def is_stale(self) -> bool:
        """Whether state has changed since the tree was rendered."""
        return self._scope.is_stale

    @property
    def root(self) -> Element:
        """The element that is rendered from the next pass on."""
        return self._root

    @property
    def knobs(self) -> Mapping[str, Knob[Any]]:
        """The knobs of the last render, by name."""
        return self._scope.knobs.known

    def set_root(self, root: Element) -> None:
        """Render this element from now on; state stays where the component is the same."""
        self._root = root

    def set_hidden(self, tools: Sequence[ToolNode]) -> None:
        """Mount these tools beside the user's tree from now on."""
        self._hidden = tuple(tools)

    def request_recompile(self, reason: str) -> None:
        """Ask for another render; while a tick compiles, that is another pass."""
        self._scope.request_render(reason)

    async def mount(self, tick: TickState, *, limit: int = PASS_LIMIT) -> CompiledTree:
        """Render outside of a tick until stable, and run effects; tick callbacks are not called.

        The first time this mounts the tree; later it brings the tree up to date with changed state.
        """
        self._scope.tick = tick
        self._scope.data.forget_failures()
        try:
            return await self._settle(self._render, limit)
        finally:
            # A render that fails is not tried again before something else changes.
            self._scope.take_reasons()

    async def compile(self, tick: TickState, *, limit: int = PASS_LIMIT) -> CompiledTree:
        """Render for a tick until stable, and give what the model shall see.

        Callbacks that have not yet been called for this tick are called after the pass that mounted them.

        Raises:
            ComponentError: a component raised and no boundary caught it.
            HookOrderError: a component called its hooks in another order than before.
        """
        self._scope.tick = tick
        return await self._settle(self._render_in_tick, limit)

    def so_far(self) -> CompiledTree:
        """Give what the latest render has yielded, while it is not known yet whether that stays so."""
        return collect(self._top, self._side)

    async def tick_start(self, tick: TickState) -> None:
        """Call the tick-start callbacks there are; what they raise fails the tick."""
        self._scope.tick = tick
        await self._start_execution()
        mark = (tick.execution_id, tick.tick)
        for slot in self._callbacks("use_on_tick_start"):
            if slot.mark != mark:
                slot.mark = mark
                await call(slot.callback, tick)

    async def tick_end(self, result: TickResult) -> Decided:
        """Ask the tick-end callbacks in turn whether to go on; what they raise fails the tick."""
        decided = Decided(result.should_continue)
        for slot in self._callbacks("use_on_tick_end"):
            seen = result.after(decided)
            decided = decide(decided, await call(slot.callback, seen), seen.verdicts)
        return decided

    async def execution_start(self, event: ExecutionStarted) -> None:
        """Call the execution-start callbacks; components mounted later are called when they are."""
        self._execution = event
        self._scope.data.forget_failures()
        await self._start_execution()

    async def execution_end(self, event: ExecutionEnded) -> None:
        """Call the execution-end callbacks, then turn momentary knobs back."""
        self._execution = None
        await self._tell("use_on_execution_end", event)
        state = self._host.context.state
        for name, knob in self._scope.knobs.take_momentary().items():
            if state.get(knob_key(name), knob.default) != knob.default:
                state.set(knob_key(name), knob.default)

    def hearers(self) -> tuple[CallbackSlot, ...]:
        """Give the message callbacks of the components that are in the tree now."""
        return tuple(slot for slot in self._callbacks("use_on_message") if slot.fiber.mounted)

    async def message(self, event: MessageReceived, hearers: Sequence[CallbackSlot]) -> None:
        """Call these message callbacks, of the components that are still there."""
        for slot in hearers:
            if slot.fiber.mounted:
                await self._call_safely(slot, event)

    async def entry(self, event: EntryAppended) -> None:
        """Call the entry callbacks, and those for events where it is one."""
        await self._tell("use_on_entry", event)
        if event.entry.message.role == "event":
            await self._tell("use_on_event", event)

    async def unmount(self) -> None:
        """Take everything down: parents are told first, effects are cleaned up, their tasks end."""
        await self._scope.data.stop()
        for top in (self._top, self._side):
            self._leaving += top.children.values()
            top.children, top.content = {}, []
        await self._take_down()

    @property
    def stored_data(self) -> Mapping[str, Any]:
        """What `use_data` has fetched, as it is stored: value, tick and deps by key."""
        return self._scope.data.stored()

    def component_names(self) -> tuple[str, ...]:
        """Give the names of the mounted components, each once, in tree order."""
        names = (fiber.name for fiber in self._top.walk() if isinstance(fiber.node, Element))
        return tuple(dict.fromkeys(names))

    def component_count(self) -> int:
        """Count the mounted components."""
        return sum(isinstance(fiber.node, Element) for fiber in self._top.walk())

    def fibers(self) -> tuple[Fiber, ...]:
        """Give the fibers at the top: of the root, and of what the host mounts beside it."""
        return (*self._top.children.values(), *self._side.children.values())

    def hook_counts(self) -> Mapping[str, int]:
        """Count the hooks in use, by name."""
        return Counter(slot.kind for fiber in self._fibers() for slot in fiber.slots)

    async def _settle(self, render: RenderPass, limit: int) -> CompiledTree:
        self._scope.take_reasons()
        return await settle(render, self._run_effects, self._scope.take_reasons, limit=limit)

    async def _render(self) -> CompiledTree:
        await self._commit(await self._render_whole())
        compiled = collect(self._top, self._side)
        return replace(compiled, stop_reason=self._scope.tick.stop_reason)

    async def _render_in_tick(self) -> CompiledTree:
        await self._commit(await self._render_whole())
        await self.tick_start(self._scope.tick)
        compiled = collect(self._top, self._side)
        await self._tell("use_after_compile", Compiled(ctx=self._host.context, compiled=compiled))
        return replace(compiled, stop_reason=self._scope.tick.stop_reason)

    async def _render_whole(self) -> Pass:
        """Render as often as data is missing; what is on its way when this ends otherwise is cancelled."""
        data = self._scope.data
        try:
            for _ in range(ROUNDS):
                rendered = self._render_pass()
                if not rendered.suspended:
                    return rendered
                await data.arrive()
        finally:
            await data.stop()
        raise StateError(f"The tree has asked for other data in each of {ROUNDS} renders")

    def _render_pass(self) -> Pass:
        rendered = Pass(self._scope)
        self._scope.knobs.begin()
        try:
            with entered(replace(current(), fiber=self._scope.rendering)):
                rendered.place(self._top, (self._root,))
                rendered.place(self._side, self._hidden)
        finally:
            self._leaving += rendered.removed
        if not rendered.suspended and self._scope.knobs.finish():
            self._scope.request_render("the knobs are others than those shown")
        return rendered

    async def _commit(self, rendered: Pass) -> None:
        fresh = [fiber for fiber in self._fibers() if not fiber.mounted]
        for fiber in fresh:
            fiber.mounted = True
            for slot in fiber.slots:
                slot.attach()
        self._arriving += fresh
        await self._take_down()
        event = Mounted(ctx=self._host.context)
        while self._arriving:
            await self._tell_one(self._arriving.pop(0), "use_on_mount", event)
        self._warn(rendered)

    async def _take_down(self) -> None:
        """Take down what has left; if this is cancelled, the next time goes on where it stopped."""
        while self._leaving:
            for fiber in self._leaving[0].walk():
                if fiber.mounted:
                    await self._end(fiber)
            self._leaving.pop(0)

    async def _end(self, fiber: Fiber) -> None:
        fiber.mounted = False
        for slot in fiber.slots:
            slot.dispose()
        await self._tell_one(fiber, "use_on_unmount", Unmounted(ctx=self._host.context))
        for slot in fiber.slots:
            if isinstance(slot, EffectSlot):
                await slot.stop()

    async def _run_effects(self) -> None:
        await run_due(self._fibers())

    async def _start_execution(self) -> None:
        event = self._execution
        if event is None:
            return
        for slot in self._callbacks("use_on_execution_start"):
            if slot.mark != event.execution_id:
                slot.mark = event.execution_id
                await self._call_safely(slot, event)

    async def _tell(self, kind: str, event: object) -> None:
        for slot in self._callbacks(kind):
            await self._call_safely(slot, event)

    async def _tell_one(self, fiber: Fiber, kind: str, event: object) -> None:
        for slot in callbacks_of(fiber, kind):
            await self._call_safely(slot, event)

    async def _call_safely(self, slot: CallbackSlot, event: object) -> None:
        try:
            await call(slot.callback, event)
        # A callback is the user's code: its failure becomes an event, and the run goes on.
        except Exception as error:
            self._host.report_error(error, slot.label)

    def _callbacks(self, kind: str) -> tuple[CallbackSlot, ...]:
        return tuple(slot for fiber in self._fibers() for slot in callbacks_of(fiber, kind))

    def _fibers(self) -> Iterator[Fiber]:
        for top in (self._top, self._side):
            for child in top.children.values():
                yield from child.walk_up()

    def _warn(self, rendered: Pass) -> None:
        for fiber, node, place in rendered.forgotten:
            where = (place.filename, place.line)
            if where in self._warned:
                continue
            self._warned.add(where)
            name = node.name if isinstance(node, Element) else type(node).__name__
            text = f"{fiber.name} makes a {name} that it does not yield, so nobody sees it"
            warnings.warn_explicit(text, UnusedNodeWarning, *where)
