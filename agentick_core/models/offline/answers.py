"""What the offline model says: texts only."""

WHO = (
    "I am the **offline model**: built into agentick, without a key and without a network, and to the same "
    "question I always give the same answer."
)

REAL_MODEL = (
    "For real answers set `ANTHROPIC_API_KEY` or `OPENAI_API_KEY` and start again, or name a model with "
    "`agentick --model openai:NAME`. Any server that speaks one of their protocols will do: add `--base-url`."
)

TRY = """\
| say | and you see |
|---|---|
| `code`, `table`, `list` | Markdown as it streams |
| `long` | an answer of several screens |
| `think` | reasoning before the answer |
| `tool` | one tool call and its result |
| `parallel` | two tools at once |
| `note` | a tool that asks for your approval |
| `child` | a sub-agent with a session of its own |
| `slow` | an answer you have time to interrupt |
| `error` | how a failure looks |
"""

ONE_SENTENCE = (
    "agentick is an engine for AI agents whose context window is a tree of components, with a chat around it "
    "for your terminal."
)

AGENT = '''\
```python
from agentick_core import System, Timeline, component, create_app, tool


@tool
async def search(query: str) -> str:
    """Search the knowledge base."""
    return f"What is known about {query}."


@component
def Researcher(topic: str = "bees"):
    yield System(f"Research {topic}, then write a summary.")
    yield search
    yield Timeline()


app = create_app(Researcher)
```
'''

ABOUT = f"""\
## What agentick is

**agentick** is an engine for AI agents, and a chat for your terminal around it. An agent is a tree of \
components. Before every call of the model the tree is rendered anew, and what it yields *is* the context \
window: instructions, sections, tools, the conversation.

{AGENT}
Save this as `researcher.py` and talk to it with `agentick --app researcher.py`.

## How it is used

- **Enter** sends, **Esc** interrupts, **Ctrl+J** begins a new line.
- `/` lists the commands, `/help` explains them, **F12** opens DevTools.
- Every conversation is kept: `agentick --continue` goes on with the last one.

## What you can try here

{WHO} Each of these words shows one thing:

{TRY}
{REAL_MODEL}
"""

GREETING = f"""\
Hello, and welcome to **agentick**.

{WHO} Ask me what agentick is, or say one of these words and see what it can do:

{TRY}
{REAL_MODEL}
"""

CODE = '''\
Here is an agent with a memory. Its state lives in the session, so it is still there tomorrow:

```python
from agentick_core import Section, System, Timeline, component, tool, use_session_state


@component
def Gardener():
    plants, set_plants = use_session_state("plants", ())

    @tool
    async def plant(name: str) -> str:
        """Put a plant into the bed."""
        set_plants.update(lambda plants: (*plants, name))
        return f"{name} is growing."

    yield System("You keep a small garden. Speak calmly.")
    yield Section(", ".join(plants) or "The bed is empty.", id="garden")
    yield plant
    yield Timeline()
```

After each planting the section shows the new bed, and the model sees it in its next call.
'''

TABLE = """\
Three ways to run the same agent:

| command | screen | good for |
|:---|:---:|---:|
| `agentick` | yes | talking |
| `agentick run "..."` | no | scripts and pipes |
| `agentick run --json` | no | other programs |

All three read and write the same sessions.
"""

LIST = """\
What happens between **Enter** and the answer:

1. The message gets an id and is stored.
2. The tree of components is rendered, and rendered again until it is stable:
   - `System` and `Section` become instructions,
   - tools become definitions,
   - `Timeline` becomes the conversation.
3. The request goes to the model, and its answer streams back.
4. Tools run, side by side where they may.
5. Everything that was said is committed, and the loop decides:
   - [x] tools were called: another tick,
   - [ ] nothing is left to do: the end.
"""

LONG_HEAD = """\
# A long walk through agentick

This answer is long on purpose: scroll while it streams, fold it, search in it, interrupt it with **Esc**.
"""

LONG_PARTS = (
    """\
## The tree

An agent is written as components, and a component is a function whose body yields what the model shall see. \
There is no template and no string to glue together. What depends on something is an `if`, what repeats is a \
`for`, and what belongs together is a component of its own. Between two renders state lives in hooks, as it does \
in the libraries for user interfaces that gave the idea.

> The context window is a user interface whose user is the model.
""",
    """\
## The tick

One tick is one call of the model together with the tools it asked for. At its beginning the tree is rendered; \
an effect or a callback may ask for another pass, and only when nothing asks any more is the request made. At \
its end every callback may say *stop* or *go on*. A run of several ticks is an execution, and many executions \
over days are a session.

```text
send ── tick 1 ── tick 2 ── tick 3 ── result
         │         │         └ text
         │         └ two tools
         └ one tool
```
""",
    """\
## Tools

A tool is a function with a docstring. Its signature becomes the schema; arguments are checked on every path \
before the function sees them, and an error comes back to the model as a result that it can read. Some tools \
ask first: you see exactly what would run, and may edit it, refuse it with a reason, or allow it from now on.

| a tool | is seen by | and is called by |
|---|---|---|
| `audience="model"` | the model | the model |
| `audience="user"` | you | a slash command |
| `audience="all"` | both | both |
""",
    """\
## Sessions

What was said is durable as soon as it is shown as said. Close the terminal, pull the plug, come back with \
`agentick --resume`: the conversation is there, and an answer that was cut off is marked as such. A session can \
be forked at any message, so that a second thought does not cost the first one.

- a message that you send while an answer streams waits in the queue,
- or it is *steered*: the next tick of the running execution sees it,
- and **Esc** stops everything below it: the model, the tools, the children.
""",
    """\
## Sub-agents

Some work is better done apart. An agent can start another one: a session of its own, with its own tree, its own \
tools and its own conversation, of which only the answer comes back. Its events arrive in the stream of the one \
that asked, each with the path on which it came, so a screen can show both without mixing them up. Stop the \
parent, and the child stops too.

1. The parent calls a tool, or a component starts the child.
2. The child runs, tick by tick, and may have children in turn.
3. Its last answer becomes the result.

## Models

A model is an adapter: it takes a request and gives deltas. Anthropic and OpenAI are built in, each over its own \
protocol, and with them every server that speaks the same. What was said is stored in a form that belongs to \
none of them, so a conversation can change the model in the middle. A call that fails before its first word is \
tried again, a little later each time; one that breaks off keeps what had been said.

```python
from agentick_core.testing import ScriptedModel, call

model = ScriptedModel(call("search", query="bees"), "Bees are insects.")
```

The line above is a model too. It says what a test has written down and nothing else, and the test fails when \
it was asked too often, or not often enough.
""",
    """\
## Looking inside

Press **F12**. The scheduler tells which phase the session is in and why it was rendered again; the inspection \
shows the tree with its hooks, the sections, and the request as it was sent. Nothing there is a guess: it is \
read from the running session, event by event, while you watch.
""",
)

LONG_END = "That is the whole way, from a keystroke to a stored answer. Thank you for reading to the end.\n"

SLOW = (
    "This answer takes its time. Word by word it comes, as if somebody were thinking about each of them. While "
    "you wait you can scroll, write the next message, and send it: it waits in the queue until I am done. Or "
    "press **Esc**, and I stop in the middle of a sentence, and what was said until then is kept. You have read "
    "this far, so you may as well stay for the last word, which is *patience*.\n"
)

THOUGHT = (
    "The user wants to see how I think. I have no thoughts of my own, so I show what reasoning looks like: it "
    "comes before the answer, in its own block, and can be folded. A real model would weigh the question here, "
    "try one way, find that it does not hold, and take another."
)

THOUGHT_ANSWER = (
    "What you saw above was **reasoning**: a block of its own, kept in the session, and sent back only to the "
    "provider it came from.\n"
)

BEFORE_TOOL = {
    "clock": "Let me look at the clock.",
    "add": "Let me work that out.",
    "note": "I would like to write this down. It needs your approval.",
    "ask_child": "I will ask a sub-agent; it has a session of its own.",
}
BEFORE_PARALLEL = "I need two things at once: the time, and a sum."

AFTER_TOOLS = "You can open each call above to see what went in and what came out.\n"

BEFORE_ERROR = "Here is half an answer, and then the connection is lost in the middle of"
ERROR = "This is the error you asked for: the offline model broke off in the middle of its answer."
ERROR_HINT = "Nothing is broken. Send another message; what was said so far is kept."


def without_tool(names: tuple[str, ...]) -> str:
    """Say that the agent does not offer what would be needed."""
    offered = ", ".join(f"`{name}`" for name in names)
    has = f"It offers {offered}, which I do not know how to use." if offered else "It offers no tools at all."
    return f"I would show you a tool call, but this agent lacks the tool for it. {has}\n\n{REAL_MODEL}\n"


def unknown(topic: str) -> str:
    """Answer what the offline model knows nothing about, friendly and with a way on."""
    about = f"You wrote about *{topic}*." if topic else "You wrote nothing that I can read."
    return f"""\
{about} I would like to help, but I only know agentick itself.

{WHO} These words show what agentick can do:

{TRY}
{REAL_MODEL}
"""
