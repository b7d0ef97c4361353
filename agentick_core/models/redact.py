"""Keys never leave this process in words: what a provider says is freed of them before anybody reads it."""

import re
from collections.abc import Iterable

REDACTED = "[key]"
_KEY_LIKE = re.compile(r"\b(?:(?:sk|pk|rk)-[\w*.\-]{8,}|Bearer [\w*.\-]{16,})|(?<=://)[^/@\s]+(?=@)")


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace the secrets, and everything that looks like a key or stands for one in a URL, by "[key]"."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, REDACTED)
    return _KEY_LIKE.sub(REDACTED, text)
