"""Loopback servers that speak the providers' real streaming protocols, for tests, for the bench and for PTYs."""

from tests.fakes.script import Answer, Call, refusal
from tests.fakes.server import FakeProvider, fake_provider_thread

__all__ = ["Answer", "Call", "FakeProvider", "fake_provider_thread", "refusal"]
