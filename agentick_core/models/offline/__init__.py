"""The model that is built in: no key, no network, the same answer every time."""

from agentick_core.models.offline.model import OfflineModel, offline

__all__ = ["OfflineModel", "offline"]
