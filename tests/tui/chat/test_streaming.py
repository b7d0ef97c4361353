"""A streamed answer ends in the same picture as the whole text at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.events.model import ContentDelta, ContentEnd
from agentick_tui.chat.layout import Layout
from agentick_tui.transcript.transcript import Transcript
from tests.tui.chat.pictures import LOOKS, styled
from tests.tui.test_sanitize import HOSTILE
from tests.tui.transcript.test_split import LINES

documents = st.lists(
    st.sampled_from((*LINES, *HOSTILE, "def f(x): return '''a", "b''' # c")), max_size=20
).map("\n".join)


def streamed(text: str, ends: list[int], *, frames: bool) -> list[list[tuple[str, str]]]:
    """Draw a text that arrives cut; with `frames` it is drawn after every piece."""
    transcript = Transcript()
    layout: Layout | None = None
    for start, end in zip([0, *ends], ends, strict=False):
        transcript.apply(ContentDelta(delta=text[start:end]))
        if not transcript.items:
            continue
        if layout is None:
            layout = Layout(transcript.items[0], gap=False, width=50, looks=LOOKS)
        elif frames:
            layout.update()
    transcript.apply(ContentEnd(block_type="text", block_index=0))
    if layout is None:
        return []
    layout.update()
    return styled(layout)


@given(documents, st.lists(st.integers(0, 2000), max_size=8))
@settings(deadline=None, max_examples=150)
def test_any_way_of_cutting_ends_in_the_same_picture(text: str, places: list[int]) -> None:
    ends = sorted({place % (len(text) + 1) for place in places} | {len(text)})
    whole = streamed(text, [len(text)], frames=False)
    assert streamed(text, ends, frames=True) == whole
    assert streamed(text, ends, frames=False) == whole


def test_letter_by_letter_is_the_same_too() -> None:
    text = "# T\n- a `b`\n- c\n\n```py\ndef f():\n    '''doc\n    more'''\n```\n| a | b |\n|--|--|\n| 1 | 2 |\n\nend\rEND"
    assert streamed(text, list(range(1, len(text) + 1)), frames=True) == streamed(
        text, [len(text)], frames=False
    )


def test_closed_parts_are_never_drawn_again() -> None:
    transcript = Transcript()
    transcript.apply(ContentDelta(delta="first\n\nsecond\n\nopen"))
    layout = Layout(transcript.items[0], gap=False, width=50, looks=LOOKS)
    before = layout.rows(0, 3)
    transcript.apply(ContentDelta(delta=" and more"))
    layout.update()
    after = layout.rows(0, 5)
    assert [one is other for one, other in zip(before, after, strict=False)] == [True, True, True]
    assert after[4].text == "open and more"


def test_an_open_fence_keeps_the_lines_it_has() -> None:
    transcript = Transcript()
    transcript.apply(ContentDelta(delta="```py\nx = 1\ny = 2\nz"))
    layout = Layout(transcript.items[0], gap=False, width=50, looks=LOOKS)
    before = [row.segments for row in layout.rows(0, 3)]
    transcript.apply(ContentDelta(delta=" = 3\n"))
    layout.update()
    assert [row.segments for row in layout.rows(0, 3)] == before


async def test_a_language_nobody_knows_is_drawn_plain_without_a_search() -> None:
    transcript = Transcript()
    transcript.apply(ContentDelta(delta="```nolanguage\nx = 1\n"))
    layout = Layout(transcript.items[0], gap=False, width=50, looks=LOOKS)
    assert [row.text for row in layout.rows(0, 2)] == ["", "x = 1"]
