"""Which known names are nearest to one that is not known."""

from collections.abc import Iterable

LIMIT = 3


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Give up to three known names that are spelt alike or begin alike, the nearest first."""
    from difflib import get_close_matches

    names = tuple(dict.fromkeys(known))
    lowered = {known_name.lower(): known_name for known_name in names}
    alike = get_close_matches(name.lower(), lowered, n=LIMIT, cutoff=0.6)
    begun = [low for low in lowered if name and low.startswith(name.lower()) and low not in alike]
    return tuple(lowered[low] for low in (*alike, *begun))[:LIMIT]
