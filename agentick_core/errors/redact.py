"""Keys never leave this process in words: what a provider says is freed of them before anybody reads it."""

import re
from collections.abc import Iterable

REDACTED = "[key]"
_KEY_LIKE = re.compile(r"\b(?:(?:sk|pk|rk)-[\w*.\-]{8,}|Bearer [\w*.\-]{16,})|(?<=://)[^/@\s]+(?=@)")
_SECRET_NAME = re.compile("api.?key|authorization|cookie|secret|passw", re.IGNORECASE)


def names_a_secret(name: str) -> bool:
    """Tell whether what bears this name, such as a header, is a secret."""
    return _SECRET_NAME.search(name) is not None


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace the secrets, and everything that looks like a key or stands for one in a URL, by "[key]"."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, REDACTED)
    return _KEY_LIKE.sub(REDACTED, text)
