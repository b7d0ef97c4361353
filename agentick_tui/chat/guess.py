"""How high a block will be, before it is laid out: a guess that needs no renderer."""

from agentick_tui.transcript.blocks import AnswerBlock, ReasoningBlock, ToolBlock, UserBlock
from agentick_tui.transcript.items import Item

# Lines wider than this are tiring to read, however wide the terminal is.
MEASURE = 120


def guess(item: Item, width: int) -> int:
    """Guess how high an item will be, without the empty row above it."""
    width = max(8, min(width - 2, MEASURE) - 2 * item.depth - 2)
    match item.block:
        case AnswerBlock(text) | UserBlock(text):
            return 1 + text.breaks + text.size // (width * 2)
        case ReasoningBlock(text) if not item.folded:
            return 2 + text.breaks + text.size // width
        case ToolBlock(output=output) if output.size:
            return 2 + min(output.breaks, 10)
        case _:
            return 1
