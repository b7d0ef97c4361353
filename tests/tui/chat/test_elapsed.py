"""What runs shows for how long; nothing is drawn for it while nothing runs."""

from agentick_core.events.orchestration import ToolResultEvent, ToolResultStart
from agentick_core.messages.blocks import TextBlock
from agentick_tui.chat.view import TranscriptView
from agentick_tui.transcript.elapsed import note_elapsed
from agentick_tui.transcript.transcript import Transcript
from tests.tui.chat.pictures import LOOKS, drawn
from tests.tui.chat.test_view import Screen


def running() -> Transcript:
    transcript = Transcript()
    transcript.apply(ToolResultStart(call_id="c", name="dig", input={}, time=100.0))
    return transcript


def picture(transcript: Transcript) -> str:
    from agentick_tui.chat.document import Document

    return drawn(Document(transcript, 60, LOOKS))


def test_a_running_call_says_its_whole_seconds_and_a_finished_one_what_it_took() -> None:
    transcript = running()
    assert note_elapsed(transcript, 100.4)
    assert picture(transcript) == " ◐ dig · running"
    assert note_elapsed(transcript, 103.9)
    assert picture(transcript) == " ◐ dig · running · 3 s"
    assert note_elapsed(transcript, 172.0)
    assert picture(transcript) == " ◐ dig · running · 1 min 12 s"
    done = ToolResultEvent(
        call_id="c",
        name="dig",
        result=(TextBlock("gold"),),
        started_at=100.0,
        completed_at=104.25,
        time=104.25,
    )
    transcript.apply(done)
    assert not note_elapsed(transcript, 200.0)
    assert picture(transcript) == " ✓ dig · done · 4.2 s\n     gold"


async def test_the_seconds_go_on_by_themselves_and_rest_when_nothing_runs() -> None:
    now = [100.0]
    app = Screen(Transcript())
    app.view = TranscriptView(running(), clock=lambda: now[0])
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.changed()
        now[0] = 105.0
        app.view.count_seconds()
        await pilot.pause()
        assert app.shown[0] == " ◐ dig · running · 5 s"
