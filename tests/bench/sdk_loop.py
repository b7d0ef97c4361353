"""The provider's SDK alone: it reads one answer and joins it. Prints the CPU per delta in microseconds."""

import asyncio
import sys
import time

from openai import AsyncOpenAI


async def microseconds_per_delta(base_url: str) -> float:
    """Read one answer."""
    client = AsyncOpenAI(api_key="none", base_url=base_url)
    stream = await client.chat.completions.create(
        model="bench", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    began = time.process_time()
    texts = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    used = time.process_time() - began
    await client.close()
    return used / len(texts) * 1e6


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(microseconds_per_delta(sys.argv[1]))}\n")
