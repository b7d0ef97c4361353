"""The agent of the end-to-end tests, as a file that `--app` loads, and the conversation a provider has with it."""

from collections.abc import Sequence
from pathlib import Path

from tests.fakes.script import Answer, Call, refusal, words

SOURCE = '''
"""Weather, payments, and a command for the user."""

import asyncio

from agentick_core.components.structure import System
from agentick_core.components.timeline import Timeline
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component


@tool(effects={"read"})
def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"{city}: 21 degrees"


@tool(effects={"write"}, requires_confirmation=True, confirmation_message="Send the money?")
def pay(amount: int, to: str) -> str:
    """Pay somebody."""
    return f"paid {amount} to {to}"


@tool(audience="user")
async def brood() -> str:
    """Brood for ever."""
    await asyncio.Event().wait()
    return ""


@tool(audience="user")
def greet(name: str, times: int = 1) -> str:
    """Greet somebody."""
    return ", ".join([f"Greetings {name}"] * times)


@component
def app():
    yield System("You compare the weather.")
    yield (weather, pay, greet, brood)
    yield Timeline()
'''

PROVIDERS = ("openai", "anthropic")


def agent_file(folder: Path) -> str:
    """Write the agent's file, and give what `--app` takes."""
    file = folder / "weather_agent.py"
    file.write_text(SOURCE)
    return str(file)


def provider_flags(provider: str, base_url: str) -> tuple[str, ...]:
    """Give the flags that make a fake provider answer."""
    # The Anthropic SDK adds /v1 by itself.
    url = base_url.removesuffix("/v1") if provider == "anthropic" else base_url
    return "--model", f"{provider}:fake-model", "--base-url", url


def keys() -> dict[str, str]:
    """Give the environment with a key for each provider."""
    return {"OPENAI_API_KEY": "sk-test-openai", "ANTHROPIC_API_KEY": "sk-test-anthropic"}


def conversation() -> Sequence[Answer]:
    """Give the answers: a refusal that passes, two tools at once, one that asks, the end; an error; and on."""
    return (
        refusal(429, "Slow down.", headers={"retry-after": "0"}),
        Answer(
            reasoning=words("Two cities are named."),
            text=words("Let me look at both."),
            calls=(Call("weather", {"city": "Oslo"}), Call("weather", {"city": "Rome"}, id="second")),
        ),
        Answer(text=words("Now the money."), calls=(Call("pay", {"amount": 5, "to": "Ann"}, id="third"),)),
        Answer(text=words("Both are equally warm.")),
        refusal(400, "This is not what I take."),
        Answer(text=words("All is well again.")),
    )
