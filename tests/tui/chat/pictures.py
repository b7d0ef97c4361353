"""Pictures of transcripts as plain text, for comparing."""

from agentick_tui.chat.document import Document
from agentick_tui.chat.layout import Layout
from agentick_tui.chat.looks import Looks, looks_of
from agentick_tui.theme import Palette
from agentick_tui.transcript.blocks import AnswerBlock, TranscriptBlock
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.transcript import Transcript

LOOKS: Looks = looks_of(Palette(name="test"))


def picture(block: TranscriptBlock, width: int, *, folded: bool | None = None) -> str:
    """Draw one block."""
    transcript = Transcript()
    item = transcript.add(block)
    if folded is not None:
        transcript.fold(item, folded)
    return drawn(Document(transcript, width, LOOKS))


def answer_picture(text: str, width: int) -> str:
    """Draw Markdown."""
    return picture(AnswerBlock(FlowText(text)), width)


def drawn(document: Document, *, start: int = 0, count: int = 10_000) -> str:
    """Draw lines of a document, all blocks made exact."""
    while document.settle_one(0):
        pass
    return "\n".join([row.drawn.rstrip() for _, _, row in document.rows(start, count)])


def styled(layout: Layout) -> list[list[tuple[str, str]]]:
    """Give the rows of a layout with their styles, cell by cell the same however they are cut into segments."""
    return [
        [(char, str(segment.style)) for segment in row.segments for char in segment.text]
        for row in layout.rows(0, layout.height)
    ]
