"""How events leave a session: in order, for everybody."""

from typing import Any

from tests.core.session.talk import kinds, talking


async def test_what_a_listener_publishes_comes_after_what_it_heard_for_everybody() -> None:
    heard: list[int] = []

    def answer(event: Any) -> None:
        if event.type == "tick_start":
            session.push_event("mine", {})

    def note(event: Any) -> None:
        heard.append(event.sequence)

    async with talking() as session:
        session.on("event", answer)
        session.on("event", note)
        handle = await session.send("hi")
        await handle.result
        replayed = [event.sequence for event in handle.events.to_list()]
        assert replayed == sorted(replayed)
        assert heard == sorted(heard)
        assert "mine" in kinds(handle)
