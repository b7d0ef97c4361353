"""Where lines stand: guessed, made exact, and kept in place."""

import pytest

from agentick_core.events.model import ContentDelta
from agentick_core.messages.message import AssistantMessage, UserMessage
from agentick_tui.chat.document import ROWS_KEPT, Document, Place
from agentick_tui.chat.looks import looks_of
from agentick_tui.theme import Palette
from agentick_tui.transcript.blocks import AnswerBlock, NoticeBlock, ReasoningBlock
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.transcript import Transcript, load_entries
from tests.tui.chat.pictures import LOOKS, drawn
from tests.tui.transcript.stories import entry

PARAGRAPH = "words that fill a line or two on most screens, and then some more of them to be wrapped. "


def conversation(turns: int) -> Transcript:
    entries = [entry("u", UserMessage("question 0", id="m"))]
    for number in range(turns):
        if number:
            entries.append(entry(f"u{number}", UserMessage(f"question {number}", id=f"m{number}")))
        text = f"answer {number}\n\n" + (PARAGRAPH * (number % 5) + "\n\n") * (number % 4) + f"end {number}"
        entries.append(entry(f"a{number}", AssistantMessage(text)))
    return load_entries(entries)


def window(document: Document, place: Place, lines: int) -> list[str]:
    document.settle(place, lines)
    return [row.text for _, _, row in document.rows(document.top(place), lines)]


def test_only_what_is_looked_at_is_laid_out() -> None:
    document = Document(conversation(500), 60, LOOKS)
    place = document.end(30)
    assert place is not None
    shown = window(document, place, 30)
    assert len(shown) == 30
    assert shown[-1] == "end 499"
    guessed = document.height
    while document.settle_one(999):
        pass
    assert document.height != guessed
    assert window(document, place, 30) == shown


@pytest.mark.parametrize("width", [30, 61, 100])
def test_a_reader_keeps_the_place_at_another_width(width: int) -> None:
    document = Document(conversation(60), 60, LOOKS)
    place = document.at(document.height // 2)
    assert place is not None
    before = window(document, place, 1)[0]
    mark = document.mark(place)
    document.resize(width, LOOKS)
    after = window(document, document.find(mark), 1)[0]
    start = " ".join(before.split()[:2])
    assert start in after or after.split()[0] in before


def test_walking_up_and_down_comes_back_to_the_same_line() -> None:
    document = Document(conversation(80), 50, LOOKS)
    place = document.end(20)
    assert place is not None
    shown = window(document, place, 20)
    up = place
    for _ in range(30):
        up = document.walk(up, -7)
    for _ in range(30):
        up = document.walk(up, 7)
    assert window(document, up, 20) == shown


def test_walking_up_passes_every_line_once() -> None:
    transcript = conversation(40)
    whole = drawn(Document(transcript, 50, LOOKS)).split("\n")
    document = Document(transcript, 50, LOOKS)
    place = document.end(1)
    lines: list[str] = []
    while place is not None:
        lines.append(window(document, place, 1)[0])
        above = document.walk(place, -1)
        place = None if (above.item, above.row) == (place.item, place.row) else above
    assert lines[::-1] == [line.strip(" ›") for line in whole]


def test_a_very_long_answer_is_laid_out_where_it_is_looked_at() -> None:
    text = "\n\n".join([f"paragraph {number} {PARAGRAPH * 3}" for number in range(800)])
    transcript = Transcript()
    transcript.add(AnswerBlock(FlowText(text)))
    document = Document(transcript, 50, LOOKS)
    place = document.end(10)
    assert place is not None
    shown = window(document, place, 10)
    assert shown[-1].endswith("wrapped.")
    up = document.walk(place, -25)
    assert window(document, document.walk(up, 25), 10) == shown


def test_little_is_kept_laid_out() -> None:
    document = Document(conversation(2000), 60, LOOKS)
    while document.settle_one(1000):
        pass
    assert sum(layout.height for layout in document._layouts.values()) <= ROWS_KEPT  # pyright: ignore[reportPrivateUsage]  # nothing else tells


def test_a_long_block_that_stays_in_view_is_laid_out_once() -> None:
    transcript = Transcript()
    question = transcript.add(NoticeBlock("\n".join(["a line"] * (ROWS_KEPT + 1))))
    transcript.apply(ContentDelta(delta="an answer"))
    document = Document(transcript, 40, LOOKS)
    kept: set[object] = set()
    for _ in range(3):
        place = document.end(10)
        assert place is not None
        assert window(document, place, 10)[-1] == "an answer"
        document.forget()
        kept.add(document._layouts.get(question.id))  # pyright: ignore[reportPrivateUsage]  # nothing else tells
    assert len(kept) == 1
    assert None not in kept


def test_what_comes_new_is_beneath_and_what_grows_grows() -> None:
    transcript = Transcript()
    document = Document(transcript, 40, LOOKS)
    transcript.apply(ContentDelta(delta="one"))
    assert document.sync()
    transcript.apply(ContentDelta(delta="\n\ntwo"))
    transcript.add(NoticeBlock("saved"))
    assert document.sync()
    assert drawn(document) == "   one\n\n   two\n\n · saved"
    assert not document.sync()


def test_blocks_put_in_the_middle_or_taken_out_move_the_others() -> None:
    transcript = Transcript()
    first = transcript.add(NoticeBlock("first"))
    last = transcript.add(NoticeBlock("last"))
    document = Document(transcript, 40, LOOKS)
    transcript.add(NoticeBlock("middle"), before=last)
    document.sync()
    assert drawn(document) == " · first\n\n · middle\n\n · last"
    transcript.remove([first])
    document.sync()
    assert drawn(document) == " · middle\n\n · last"


def test_folding_changes_the_height() -> None:
    transcript = Transcript()
    item = transcript.add(ReasoningBlock(FlowText("a\nb\nc")))
    document = Document(transcript, 40, LOOKS)
    assert drawn(document).count("\n") == 0
    transcript.fold(item)
    document.sync()
    assert drawn(document) == " ▾ thought\n   a\n   b\n   c"


def test_other_colours_keep_every_height() -> None:
    document = Document(conversation(30), 60, LOOKS)
    place = document.at(40)
    assert place is not None
    before = (window(document, place, 20), document.height)
    document.resize(60, looks_of(Palette(name="other", text="#ffffff")))
    assert (window(document, place, 20), document.height) == before
