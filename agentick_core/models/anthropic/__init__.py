"""Anthropic and every server that speaks Messages, through the official SDK."""

from agentick_core.models.anthropic.model import AnthropicModel, anthropic

__all__ = ["AnthropicModel", "anthropic"]
