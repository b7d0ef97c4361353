"""Sockets that reach this machine alone."""

import ipaddress
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


class NetworkForbiddenError(OSError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """Tell whether the address is this machine."""
    if not isinstance(host, str | bytes) or not host:
        return True
    text = host.decode() if isinstance(host, bytes) else host
    if text in ("localhost", "localhost."):
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


@contextmanager
def loopback_only() -> Generator[None, None, None]:
    """Let sockets connect, and names be looked up, only on this machine."""
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def allow(host: object) -> None:
        if not is_local(host):
            raise NetworkForbiddenError(f"tests reach nothing but this machine, not {host!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            allow(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            allow(address[0])
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *rest: Any, **options: Any) -> Any:
        allow(host)
        return lookup(host, *rest, **options)

    with (
        patch.object(socket.socket, "connect", guarded_connect),
        patch.object(socket.socket, "connect_ex", guarded_connect_ex),
        patch.object(socket, "getaddrinfo", guarded_lookup),
    ):
        yield
