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


async def test_a_pushed_event_keeps_what_it_brings_and_gets_the_rest() -> None:
    async with talking() as session:
        session.push_event("weather", {"type": "rain", "id": 3})
        heard: list[Any] = []
        session.on("event", heard.append)
        session.push_event(
            {"type": "weather", "id": "mine", "tick": 7, "sequence": 99, "executionId": "other", "x": 1}
        )
        session.push_event({"type": "weather", "timestamp": "2026-01-02T03:04:05.000Z", "data": {"x": 2}})
        session.push_event({"type": "weather", "timestamp": "soon", "id": 3})
        session.push_event("weather", {"type": "rain", "id": 3})
        mine, dated, odd, named = heard
        assert (mine.id, mine.tick, mine.sequence, mine.execution_id, mine.data) == (
            "mine",
            7,
            2,
            "other",
            {"x": 1},
        )
        assert (dated.timestamp, dated.sequence, dated.data) == ("2026-01-02T03:04:05.000Z", 3, {"x": 2})
        assert (odd.sequence, odd.data) == (4, {"timestamp": "soon", "id": 3})
        assert (named.type, named.data) == ("weather", {"type": "rain", "id": 3})


async def test_a_listener_that_would_hear_once_can_be_stopped_by_its_function() -> None:
    heard: list[str] = []

    def hear(event: Any) -> None:
        heard.append(event.type)

    async with talking() as session:
        session.once("event", hear)
        assert session.off("event", hear)
        assert not session.off("event", hear)
        session.once("event", hear)
        handle = await session.send("Hello")
        await handle.result
        handle.events.once(hear)
        assert (handle.events.off(hear), handle.events.listener_count()) == (True, 0)
    assert heard == ["execution_start"]
