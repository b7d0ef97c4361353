"""Half surrogate pairs: some servers cut a character in two, and nothing can store or send the halves."""

from collections.abc import Mapping, Sequence
from typing import Any, cast


def is_whole(text: str) -> bool:
    """Tell whether the text can be written as UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def mended(text: str) -> str:
    """Join the halves that belong together, and replace the others by U+FFFD."""
    if is_whole(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def mended_json(value: Any) -> Any:
    """Give JSON data whose texts can all be sent."""
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, Mapping):
        return {mended(key): mended_json(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [mended_json(item) for item in cast("Sequence[Any]", value)]
    return value
