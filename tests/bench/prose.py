"""What the model says in the bench: Markdown as chats have it, the same in each run."""

from itertools import cycle, islice
from random import Random

END = "Ω"
"""The last character of an answer: it occurs in no other place."""

SENTENCE = (
    "the answer comes from a small part of system where each value keeps its own place and every reader sees "
    "what was written before it so that nothing has to be looked up twice while the work goes on in order"
)
WORDS = SENTENCE.split()
CODE = '```python\ndef total(values: list[int]) -> int:\n    """Add them."""\n    return sum(values)\n```\n\n'


def sentences(count: int, random: Random) -> str:
    """Write sentences, some words of them emphasised."""
    words = [random.choice(WORDS) for _ in range(count)]
    words[0] = words[0].title()
    words[count // 3] = f"**{words[count // 3]}**"
    words[count // 2] = f"`{words[count // 2]}`"
    return " ".join(words) + ".\n\n"


def bullets(random: Random) -> str:
    """Write a list."""
    return "".join(f"- {sentences(9, random).strip()}\n" for _ in range(4)) + "\n"


def markdown(words: int) -> list[str]:
    """Write about that many words: paragraphs, every fourth time a list, every eighth a code fence; cut into words."""
    random, parts, count = Random(7), [""], 0
    for part in cycle(range(8)):
        text = CODE if part == 7 else bullets(random) if part == 3 else sentences(45, random)
        parts.append(text)
        count += text.count(" ") + 1
        if count >= words:
            break
    return cut_words("".join(parts), words)


def cut_words(text: str, count: int) -> list[str]:
    """Cut a text into so many pieces of one word each, the space after it included."""
    return list(islice((f"{word} " for word in text.split(" ")), count))


def answer(words: int) -> list[str]:
    """Write an answer of that many deltas; the last one is the end mark."""
    return [*markdown(words - 1), f"\n\n{END}"]


def python_fence(size: int, piece: int) -> list[str]:
    """Write an answer that is one code fence of about `size` bytes, cut into pieces of `piece` characters."""
    lines: list[str] = []
    length, number = 0, 0
    while length < size:
        number += 1
        line = f"    value_{number} = total([{number}, {number * 7}], key='part {number}')  # step {number}\n"
        lines.append(line)
        length += len(line)
    text = "```python\ndef work() -> None:\n" + "".join(lines) + "```\n"
    return [*(text[start : start + piece] for start in range(0, len(text), piece)), f"\n\n{END}"]
