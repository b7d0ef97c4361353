"""Rendering outside of ticks: the first time, and again where state has changed while nothing runs."""

import asyncio
from typing import TYPE_CHECKING

from agentick_core.procedures.ambient import current
from agentick_core.tree.tick_state import TickState

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


class Mounting:
    """Keeps the tree of an idle session, and so its tools, as its state wants it."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def is_current(self) -> bool:
        """Whether the tree is mounted and shows the state as it is; in an execution its ticks see to that."""
        core = self._core
        return core.mounted and (core.execution_token is not None or not core.tree.is_stale)

    async def ensure(self) -> None:
        """Render the tree unless it is current; no tick callback is called.

        Raises:
            ComponentError: a component raised.
            SessionClosedError: the session was closed meanwhile.
        """
        core = self._core
        if self.is_current:
            return
        if current().rendering == core.options.id:
            # What renders the tree waits for this very code: what there is so far has to do.
            core.toolbox.update(core.tree.so_far())
            return
        try:
            await core.in_background(self._mount())
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not task.cancelling():
                # Nobody has stopped the caller: the closing has stopped the render.
                core.check_alive()
            raise

    async def _mount(self) -> None:
        core = self._core
        await core.life.runner.ready()
        async with core.tree_lock:
            if self.is_current:
                return
            core.scheduler.compile_started()
            try:
                with core.rendering():
                    compiled = await core.tree.mount(TickState(ctx=core.context))
            finally:
                core.scheduler.mount_ended()
            core.toolbox.update(compiled)
            core.mounted = True

    def refresh_soon(self) -> None:
        """Render again in the background, if the tree was mounted and state has changed since."""
        core = self._core
        if not core.mounted or core.closed or self.is_current:
            return
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = core.in_background(self._refresh())

    async def _refresh(self) -> None:
        try:
            await self.ensure()
        # Nobody waits for this render: what a component raises is shown, and the next tick meets it again.
        except Exception as error:
            self._core.report_error(error, "render")
