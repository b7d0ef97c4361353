"""How long what runs has been running; written into the blocks, so that drawing them needs no clock."""

from dataclasses import replace
from math import floor

from agentick_tui.transcript.blocks import AgentBlock, ReasoningBlock, ToolBlock, ToolState, TranscriptBlock
from agentick_tui.transcript.items import ItemList


def note_elapsed(items: ItemList, now: float) -> bool:
    """Bring the whole seconds of all running blocks up to date; tells whether there are any. `now` is in seconds
    since 1970, as the events' times are."""
    running = False
    for item in items.items:
        block = item.block
        if isinstance(block, ReasoningBlock | ToolBlock | AgentBlock) and _runs(block):
            running = True
            seconds = float(floor(max(0.0, now - block.started_at)))
            if seconds != block.seconds:
                items.replace(item, replace(block, seconds=seconds))
    return running


def _runs(block: TranscriptBlock) -> bool:
    match block:
        case ReasoningBlock(open=is_open, started_at=began):
            return is_open and began > 0
        case ToolBlock(state=state, started_at=began) | AgentBlock(state=state, started_at=began):
            return state is ToolState.RUNNING and began > 0
        case _:
            return False
