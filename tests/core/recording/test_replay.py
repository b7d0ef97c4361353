"""What was recorded is answered again, without a network."""

import asyncio
from pathlib import Path

import pytest

from agentick_core.recording import Recording
from tests.core.models.asking import ADAPTERS, SECRET, Adapter, served
from tests.core.recording.conversation import SCRIPT, app_with, comparable, converse


@pytest.mark.parametrize("adapter", ADAPTERS, ids=["openai", "anthropic"])
async def test_a_conversation_through_a_provider_replays_into_the_same_events(
    adapter: Adapter, tmp_path: Path
) -> None:
    async with served(adapter, SCRIPT) as (model, server), app_with(model) as app:
        recorded = await converse(app)
        recording = app.sessions["garden"].get_recording()
        assert recording is not None
        assert len(server.requests) == len(SCRIPT)
        await asyncio.to_thread(recording.save, tmp_path / "bees.json")

    loaded = await asyncio.to_thread(Recording.load, tmp_path / "bees.json")
    replaying = loaded.as_model()
    async with app_with(replaying) as app:
        replayed = await converse(app)

    assert comparable(replayed) == comparable(recorded)
    replaying.assert_done()
    assert {"spawn_start", "tool_confirmation_result", "provider_request"} <= {e.type for e in replayed}
    assert SECRET not in await asyncio.to_thread((tmp_path / "bees.json").read_text)
