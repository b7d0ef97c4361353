"""The built-in agent with the offline model that does not pause between words: an application for `--app`."""

from agentick_core import create_app, offline
from agentick_tui.engine.agent import built_in_agent

app = create_app(built_in_agent("offline"), model=offline(pace=0))
