"""Which model answers, and how it is asked to."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from agentick_core.compile.collect import Collector, Part
from agentick_core.compile.transformation import MessageTransformation
from agentick_core.messages.blocks import NO_METADATA
from agentick_core.messages.request import ModelOptions as Options
from agentick_core.messages.request import ResponseFormat
from agentick_core.tree.fiber import Item

_UNSET = Options()


class Model(Part):
    """Names the model of this tree, its options, or both; where there are several, the later ones win.

    A model that the app or the session names goes before this one; the options hold for any model.
    """

    __slots__ = ("message_transformation", "model", "options")

    def __init__(
        self,
        model: object | None = None,
        *,
        temperature: float | None = None,
        max_tokens: int | None = None,
        top_p: float | None = None,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        stop: Sequence[str] = (),
        response_format: ResponseFormat | None = None,
        provider_options: Mapping[str, Any] = NO_METADATA,
        message_transformation: MessageTransformation | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.message_transformation = message_transformation
        self.options = Options(
            temperature=temperature,
            max_tokens=max_tokens,
            top_p=top_p,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            stop=(stop,) if isinstance(stop, str) else tuple(stop),
            response_format=response_format,
            provider_options=provider_options,
        )

    def collect(self, items: Sequence[Item], sink: Collector) -> None:
        """Set the model and the options that were given."""
        if self.model is not None:
            sink.model = self.model
        if self.message_transformation is not None:
            sink.transformation = self.message_transformation
        names = [field.name for field in fields(Options)]
        given = {name: getattr(self.options, name) for name in names}
        changed = {name: value for name, value in given.items() if value != getattr(_UNSET, name)}
        sink.options = replace(sink.options, **changed)


def ModelOptions(
    *,
    temperature: float | None = None,
    max_tokens: int | None = None,
    top_p: float | None = None,
    frequency_penalty: float | None = None,
    presence_penalty: float | None = None,
    stop: Sequence[str] = (),
    response_format: ResponseFormat | None = None,
    provider_options: Mapping[str, Any] = NO_METADATA,
    message_transformation: MessageTransformation | None = None,
) -> Model:
    """Say how the model is asked, whichever it is; later ones win, option by option."""
    return Model(
        temperature=temperature,
        max_tokens=max_tokens,
        top_p=top_p,
        frequency_penalty=frequency_penalty,
        presence_penalty=presence_penalty,
        stop=stop,
        response_format=response_format,
        provider_options=provider_options,
        message_transformation=message_transformation,
    )
