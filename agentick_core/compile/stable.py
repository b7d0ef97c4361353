"""Compile until stable: render again as long as something asks for it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from agentick_core.compile.compiled import CompiledTree

PASS_LIMIT = 50

RenderPass: TypeAlias = Callable[[], Awaitable[CompiledTree]]


async def settle(
    render: RenderPass,
    effects: Callable[[], Awaitable[None]],
    take_reasons: Callable[[], tuple[str, ...]],
    *,
    limit: int,
) -> CompiledTree:
    """Render until nothing asks for another pass, then run effects, and once more if these ask.

    At the limit the last pass is what counts: it is marked `forced_stable`, with the last two reasons.
    """
    reasons: tuple[str, ...] = ()
    passes = 0
    while True:
        compiled = await render()
        passes += 1
        asked = take_reasons()
        if not asked or passes >= limit:
            await effects()
            asked += take_reasons()
        if not asked:
            return replace(compiled, passes=passes)
        reasons = (*reasons, *asked)[-2:]
        if passes >= limit:
            return replace(compiled, passes=passes, forced_stable=True, reasons=reasons)
