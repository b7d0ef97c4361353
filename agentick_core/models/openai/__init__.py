"""OpenAI and every server that speaks Chat Completions, through the official SDK."""

from agentick_core.models.openai.model import OpenAIModel, openai

__all__ = ["OpenAIModel", "openai"]
