"""The smallest agent: it streams an answer.

python examples/hello.py "What are you?"           the offline model, without a key
python examples/hello.py "Hello" anthropic:NAME    a real one
agentick --app examples/hello.py                   the same agent in the chat
"""

import asyncio
import sys

from agentick_core import ContentDelta, Nodes, System, Timeline, component, create_app


@component
def Hello() -> Nodes:
    """Answer kindly."""
    yield System("You are friendly, and you answer in a few sentences.")
    yield Timeline()


app = create_app(Hello)


async def main(question: str, model: str = "offline") -> None:
    """Ask once, and print the answer as it comes."""
    async with app.replace(model=model) as asked:
        session = await asked.session()
        async for event in session.send(question):
            if isinstance(event, ContentDelta):
                print(event.delta, end="", flush=True)
        print()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:] or ["One sentence, please: what are you?"]))
