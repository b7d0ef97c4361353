"""The net under every test holds."""

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

from agentick_tui.paths import find_places, write_private
from tests.event_loop_watch import EventLoopWatch
from tests.loopback_only import NetworkForbiddenError


def test_a_test_has_a_home_of_its_own(own_home: Path) -> None:
    assert find_places().config == own_home
    assert not own_home.exists()


def test_no_key_of_the_user_reaches_a_test() -> None:
    assert not [
        name for name in os.environ if name.endswith("_API_KEY") and name.startswith(("OPENAI", "ANTHROPIC"))
    ]


def test_a_connection_to_another_machine_is_refused() -> None:
    with pytest.raises(NetworkForbiddenError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkForbiddenError):
        socket.getaddrinfo("example.com", 80)


def test_a_connection_to_this_machine_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


async def test_a_file_that_our_code_opens_on_the_event_loop_is_found(tmp_path: Path) -> None:
    with EventLoopWatch() as watch:
        write_private(tmp_path / "file", "text")
    assert any("paths.py" in call for call in watch.calls)


async def test_the_same_in_a_thread_is_fine(tmp_path: Path) -> None:
    with EventLoopWatch() as watch:
        await asyncio.to_thread(write_private, tmp_path / "file", "text")
    assert not watch.calls


async def test_a_test_itself_may_block() -> None:
    with EventLoopWatch() as watch:
        time.sleep(0)
    assert not watch.calls
