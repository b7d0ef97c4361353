"""The loopback server: HTTP/1.1 with chunked bodies, on nothing but asyncio."""

import asyncio
import json
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

from tests.fakes import chat_completions, messages
from tests.fakes.script import Answer, words

Script: TypeAlias = "Sequence[Answer | str] | Callable[[Recorded], Answer | str]"
OUT_OF_ANSWERS = Answer(status=400, message="The fake has no answer left.")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class FakeProvider:
    """A provider on the loopback: `async with FakeProvider([Answer(text=["Hi"])]) as server: server.base_url`.

    It takes Chat Completions and Messages at any address that ends as theirs do. `requests` records what was
    asked, and `left` is set as soon as a client has gone away in the middle of an answer.
    """

    def __init__(self, script: Script = (), *, repeat: bool = False, port: int = 0) -> None:
        self.requests: list[Recorded] = []
        self.left = asyncio.Event()
        self._script = script
        self._repeat = repeat
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """The address for both SDKs."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            # A client may go away at any byte.
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._serve(reader, writer):
                    pass
        except asyncio.CancelledError:
            # asyncio's own callback logs a connection that was cancelled: ending here is how it stays quiet.
            return
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        recorded = await _read_request(reader)
        if recorded is None:
            return False
        self.requests.append(recorded)
        answer = self._next(recorded)
        protocol = messages if recorded.path.endswith("/messages") else chat_completions
        if answer.body is not None or answer.status != 200:
            body = answer.body if answer.body is not None else json.dumps(protocol.error_body(answer))
            kind = "text/html" if answer.body is not None else "application/json"
            await _write_whole(writer, answer, body.encode(), kind)
            return True
        return await self._stream(reader, writer, answer, protocol.events(answer, recorded.body))

    async def _stream(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Answer,
        events: Iterator[bytes],
    ) -> bool:
        gone = asyncio.ensure_future(reader.read(1))
        gone.add_done_callback(lambda done: None if done.cancelled() else self.left.set())
        try:
            writer.write(
                _head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}, answer)
            )
            for event in events:
                if gone.done():
                    return False
                writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
                await writer.drain()
                await asyncio.sleep(answer.pace)
            if answer.ending == "hang":
                await gone
            if answer.ending in ("drop", "hang"):
                writer.transport.abort()
                return False
            await _cancelled(gone)
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            return True
        except ConnectionError:
            self.left.set()
            raise
        finally:
            await _cancelled(gone)

    def _next(self, recorded: Recorded) -> Answer:
        if callable(self._script):
            answer = self._script(recorded)
        else:
            place = len(self.requests) - 1
            if self._repeat and self._script:
                place = min(place, len(self._script) - 1)
            answer = self._script[place] if place < len(self._script) else OUT_OF_ANSWERS
        return Answer(text=words(answer)) if isinstance(answer, str) else answer


@contextmanager
def fake_provider_thread(script: Script, *, repeat: bool = False) -> Generator[FakeProvider]:
    """Run a fake provider in a thread of its own, for tests that have no event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def opened() -> FakeProvider:
        return await FakeProvider(script, repeat=repeat).__aenter__()

    server = asyncio.run_coroutine_threadsafe(opened(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _read_request(reader: asyncio.StreamReader) -> Recorded | None:
    first = await reader.readline()
    if not first:
        return None
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Recorded(first.decode().split(" ")[1].partition("?")[0], headers, json.loads(body or b"{}"))


async def _cancelled(task: asyncio.Future[bytes]) -> None:
    """End the watch over the client before its next request could be read by it."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _write_whole(writer: asyncio.StreamWriter, answer: Answer, body: bytes, kind: str) -> None:
    headers = {"content-type": kind, "content-length": str(len(body))}
    writer.write(_head(answer.status, headers, answer) + body)
    await writer.drain()


def _head(status: int, headers: Mapping[str, str], answer: Answer) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Fake",
        *(f"{name}: {value}" for name, value in {**headers, **answer.headers}.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
