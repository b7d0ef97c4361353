"""What is stored at the end of an execution: proposed, changed or refused, written, told."""

from dataclasses import replace
from typing import TYPE_CHECKING

from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.session.app.host_hooks import asked, told
from agentick_core.session.keeping.keeper import Proposal

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


async def persist(core: "SessionCore") -> Exception | None:
    """Store the session; give what its runner raised, which fails the send.

    What the host's hook raises, and a write that fails, become `persist_failed`.
    """
    if not core.keeper.stores:
        return None
    proposal = core.keeper.proposed()
    try:
        snapshot = await core.life.runner.persisted(proposal.snapshot)
    # The runner is the host's code: the send fails, and the session can still be used.
    except Exception as error:
        await _failed(core, error)
        return error
    try:
        await offer(core, proposal, snapshot)
    # A hook of the host's: what was committed is stored already, and the send has its result.
    except Exception as error:
        await _failed(core, error)
    return None


async def _failed(core: "SessionCore", error: Exception) -> None:
    # A write that is still under way, and goes well, would make the failure look mended.
    await core.keeper.drain()
    core.keeper.failed(error)


async def offer(core: "SessionCore", proposal: Proposal, snapshot: SessionSnapshot) -> SessionSnapshot | None:
    """Store this for what was proposed if the host lets it be; give what was stored, None where it refused.

    Raises what `on_before_persist` raises.
    """
    hooks = core.options.hooks
    answer = await asked("on_before_persist", hooks.on_before_persist, core.life.session, snapshot)
    if not answer:
        await core.keeper.refuse()
        return None
    await core.keeper.approve(proposal, answer)
    core.origin = replace(core.origin, extra=answer.extra)
    if core.keeper.error is None:
        try:
            await told(hooks.on_after_persist, core.options.id, answer)
        # It is stored: what is done about it later changes nothing.
        except Exception as error:
            core.report_error(error, "on_after_persist")
    return answer
