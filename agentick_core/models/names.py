"""Names and ids as every provider takes them: a model may have made them up, or another provider."""

import re
from zlib import crc32

_UNFIT = re.compile(r"[^a-zA-Z0-9_-]")


def safe_name(name: str, longest: int = 64) -> str:
    """Write a name, or the id of a call, with the letters that are allowed; names that differ stay different."""
    safe = _UNFIT.sub("_", name)
    if name and safe == name and len(name) <= longest:
        return name
    return f"{safe[: longest - 9]}_{crc32(name.encode('utf-8', 'surrogatepass')):08x}"
