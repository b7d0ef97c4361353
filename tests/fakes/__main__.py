"""A fake provider as a process of its own.

`python -m tests.fakes ANSWERS.json` serves the answers of a file ("-" is stdin) and prints its base URL; with
`--repeat` the last answer is given again and again.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.fakes.script import Answer, answer_from_json
from tests.fakes.server import FakeProvider


async def _serve_forever(script: Sequence[Answer], *, repeat: bool, port: int) -> None:
    async with FakeProvider(script, repeat=repeat, port=port) as server:
        sys.stdout.write(server.base_url + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve the answers of a file until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", help='a JSON file with a list of answers; "-" is stdin')
    parser.add_argument("--repeat", action="store_true", help="give the last answer again and again")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    text = sys.stdin.read() if options.answers == "-" else Path(options.answers).read_text(encoding="utf-8")
    script = [answer_from_json(value) for value in json.loads(text)]
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve_forever(script, repeat=options.repeat, port=options.port))


if __name__ == "__main__":
    main()
