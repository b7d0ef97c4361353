"""What the tests of runners are given."""

from tests.core.session.conftest import store

__all__ = ["store"]
