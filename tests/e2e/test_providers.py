"""One conversation through each provider's own SDK: from `agentick run`, and from the screen."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agent_file import PROVIDERS, agent_file, conversation, keys, provider_flags
from tests.e2e.terminal import chat
from tests.fakes import fake_provider_thread
from tests.tui.cli.command_line import run_process

pytestmark = pytest.mark.pty


def tool_names(body: Mapping[str, Any]) -> set[str]:
    """Give the names of the tools that a request offers."""
    return {tool.get("name") or tool["function"]["name"] for tool in body["tools"]}


def said(body: Mapping[str, Any]) -> str:
    """Give the messages of a request as text."""
    return json.dumps(body["messages"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_whole_conversation_works_from_run(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, key in keys().items():
        monkeypatch.setenv(name, key)
    with fake_provider_thread(conversation()) as server:
        flags = (
            "--app",
            agent_file(tmp_path),
            *provider_flags(provider, server.base_url),
            "--session",
            "one",
        )
        first = run_process("run", "--json", "--approve", "all", *flags, "Where is it warmer?")
        second = run_process("run", *flags, "And now?")
        third = run_process("run", *flags, "Try again")

    assert first.code == 0, first.err
    events = [json.loads(line) for line in first.out.splitlines()]
    kinds = [event["type"] for event in events]
    assert (kinds[0], kinds[-1]) == ("stream_start", "execution_end")
    for kind in ("model_retry", "reasoning_start", "tool_confirmation_required", "tool_confirmation_result"):
        assert kind in kinds
    assert [event["name"] for event in events if event["type"] == "tool_result"] == [
        "weather",
        "weather",
        "pay",
    ]
    assert events[-2]["result"]["response"] == "Both are equally warm."
    assert second.code == 1
    assert "This is not what I take." in second.err
    assert (third.code, third.out) == (0, "All is well again.\n")

    bodies = [request.body for request in server.requests]
    assert len(bodies) == 6
    assert all(tool_names(body) == {"weather", "pay"} for body in bodies)
    assert "paid 5 to Ann" in said(bodies[3])
    assert "And now?" in said(bodies[5])
    assert "sk-test" not in first.out + first.err + second.err


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_whole_conversation_works_on_the_screen(provider: str, tmp_path: Path) -> None:
    with (
        fake_provider_thread(conversation()) as server,
        chat(
            *("--app", agent_file(tmp_path), *provider_flags(provider, server.base_url)), env=keys()
        ) as terminal,
    ):
        terminal.ready()
        terminal.line("Where is it warmer?")
        terminal.until("Send the money?")
        shown = terminal.until("Let me look at both.")
        assert "answered at attempt 2" in shown
        assert shown.count("21 degrees") == 2
        terminal.press_when_asked("y")
        shown = terminal.until("Both are equally warm.")
        assert "paid 5 to Ann" in shown
        terminal.ready()
        terminal.line("And now?")
        terminal.until("This is not what I take.")
        terminal.ready()
        terminal.line("Try again")
        terminal.until("All is well again.")

    bodies = [request.body for request in server.requests]
    assert len(bodies) == 6
    assert all(tool_names(body) == {"weather", "pay"} for body in bodies)
    assert "paid 5 to Ann" in said(bodies[3])
