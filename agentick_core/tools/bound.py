"""Keeping results within what a model should read: head and tail stay, the whole is kept on disk."""

import asyncio
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from agentick_core.messages.blocks import (
    Block,
    CodeBlock,
    CsvBlock,
    HtmlBlock,
    JsonBlock,
    TextBlock,
    XmlBlock,
)


async def bounded(
    blocks: tuple[Block, ...], limit: int, *, call_id: str, folder: Path | None
) -> tuple[Block, ...]:
    """Give the blocks with at most `limit` characters of text, and the model a note about what is missing.

    The whole text is written to a new file in `folder` that only its owner can read. Pictures and other media
    stay as they are.
    """
    texts = [_text(block) for block in blocks]
    if sum(map(len, texts)) <= limit:
        return blocks
    kept = await asyncio.to_thread(_keep, texts, call_id, folder) if folder else ""
    return _cut(blocks, texts, limit, kept)


def _cut(blocks: Sequence[Block], texts: Sequence[str], limit: int, kept: str) -> tuple[Block, ...]:
    total = sum(map(len, texts))
    head = limit // 2
    tail = total - (limit - head)
    note = TextBlock(f"[{tail - head:,} of {total:,} characters are left out here.{kept}]")
    result: list[Block] = []
    start = 0
    for block, text in zip(blocks, texts, strict=True):
        end = start + len(text)
        if not text or end <= head or start >= tail:
            result.append(block)
        else:
            result += [TextBlock(text[: head - start])] if start < head else []
            result += [note] if start <= head < end else []
            result += [TextBlock(text[tail - start :])] if end > tail else []
        start = end
    return tuple(result)


def _text(block: Block) -> str:
    match block:
        case TextBlock() | CodeBlock() | XmlBlock() | CsvBlock() | HtmlBlock():
            return block.text
        case JsonBlock():
            return block.text or json.dumps(block.data, ensure_ascii=False, default=str)
        case _:
            return ""


def _keep(texts: Sequence[str], call_id: str, folder: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", call_id)[:64]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        from tempfile import mkstemp

        # It makes the file readable by its owner alone, and never opens one that is there already.
        descriptor, path = mkstemp(prefix=f"{name}-", suffix=".txt", dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write("\n\n".join(filter(None, texts)))
    except OSError as error:
        return f" The whole could not be kept: {error.strerror or error}."
    return f" The whole is in {path}."
