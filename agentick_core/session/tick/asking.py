"""One call of a model: what is told of it, what comes of it, and what it takes of the budget."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields

from agentick_core.errors import ProviderError
from agentick_core.events.orchestration import (
    ContextUpdate,
    ModelRequestEvent,
    ModelResponseEvent,
    ModelRetry,
    ProviderRequestEvent,
)
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.tool import ToolCall
from agentick_core.messages.usage import Usage
from agentick_core.models.accumulate import Accumulator
from agentick_core.models.model import ChatModel
from agentick_core.models.retry import stream_with_retry
from agentick_core.models.stopping import pending_calls, should_stop
from agentick_core.procedures.ambient import current
from agentick_core.procedures.middleware import Invocation, compose
from agentick_core.procedures.token import CancelToken
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.limits import LIMIT_REASONS, Budget, Claim, LimitReason
from agentick_core.session.telling.inspection import ModelOutput
from agentick_core.session.tick.streamed import StreamedText

# What middleware sees of a model call: its request, and the answer.
MODEL_CALL = "model:stream"

_TOLD = frozenset(field.name for field in fields(ContextUpdate))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, and the calls it asks for."""

    message: Message
    stop_reason: str
    usage: Usage
    model: ChatModel
    calls: tuple[ToolCall, ...]


class ModelCall:
    """Asks a model once; while it streams, and where it was cut off, it tells what was said so far."""

    def __init__(self, core: SessionCore, execution_id: str, token: CancelToken, budget: Budget) -> None:
        self._core = core
        self._execution_id = execution_id
        self._token = token
        self._budget = budget
        self._accumulator: Accumulator | None = None
        self._asked: ChatModel | None = None

    @property
    def partial(self) -> Message | None:
        """What the model has said of an answer that is not whole."""
        return self._accumulator.partial_message if self._accumulator is not None else None

    @property
    def partial_text(self) -> str:
        """The text of an answer that is not whole."""
        return self._accumulator.partial_text if self._accumulator is not None else ""

    async def ask(self, models: Sequence[ChatModel], request: ModelRequest, claim: Claim) -> Answer:
        """Ask the first model, the others where it fails, and give the whole answer; `claim` is what the budget
        holds for it.

        Raises:
            ProviderError: the model failed.
        """
        core, emitter = self._core, self._core.emitter
        model = models[0]
        info = model.info
        emitter.publish(ModelRequestEvent(**emitter.stamp(), model_id=info.id, request=request))
        provider_input = model.provider_input(request)
        if provider_input is not None:
            emitter.publish(
                ProviderRequestEvent(
                    **emitter.stamp(), model_id=info.id, provider=info.provider, provider_input=provider_input
                )
            )
        accumulator = Accumulator(
            emitter, summary=core.toolbox.registry.summary, unique_id=core.unique_call_id, model=info.id
        )
        self._accumulator = accumulator
        for tape in core.tapes:
            models = tape.taped(models, provider_input)
        self._asked = model
        try:
            await self._stream(models, request, accumulator)
        finally:
            model = self._asked
            self._budget.settle(claim, model, accumulator.usage)
            core.add_usage(accumulator.usage)
        message = accumulator.finish()
        self._accumulator = None
        answer = Answer(message, accumulator.stop_reason, accumulator.usage, model, pending_calls(message))
        self._answered(answer)
        core.estimates.learn(model.info, request, answer.usage)
        return answer

    def _answered(self, answer: Answer) -> None:
        core, emitter = self._core, self._core.emitter
        core.last.model_output = ModelOutput(content=answer.message.content, stop_reason=answer.stop_reason)
        if answer.calls:
            core.last.tool_calls, core.last.tool_results = answer.calls, ()
        emitter.publish(
            ModelResponseEvent(
                **emitter.stamp(),
                model_id=answer.model.info.id,
                message=answer.message,
                stop_reason=answer.stop_reason,
                usage=answer.usage,
                tool_calls=answer.calls,
                should_stop=should_stop(answer.message, answer.stop_reason),
            )
        )

    async def _stream(
        self, models: Sequence[ChatModel], request: ModelRequest, accumulator: Accumulator
    ) -> None:
        core = self._core
        streamed = StreamedText(core, self._execution_id, lambda: accumulator.partial_text)
        deltas = stream_with_retry(
            models, request, policy=core.options.retry, on_retry=self._retried, on_ask=self._asks
        )
        try:
            async with aclosing(deltas):
                async for delta in deltas:
                    accumulator.add(delta)
                    self._token.raise_if_cancelled()
                    streamed.grown()
        except ProviderError as error:
            error.partial = accumulator.partial_text
            raise
        finally:
            streamed.stop()

    def _asks(self, model: ChatModel) -> None:
        self._asked = model

    def _retried(self, attempt: int, delay: float, reason: str) -> None:
        emitter = self._core.emitter
        emitter.publish(
            ModelRetry(**emitter.stamp(), attempt=attempt, delay_ms=round(delay * 1000), reason=reason)
        )


async def through_middleware(
    core: SessionCore,
    model: ChatModel,
    request: ModelRequest,
    ask: Callable[[ModelRequest], Awaitable[Answer | LimitReason]],
) -> Answer | LimitReason:
    """Ask a model through the app's middleware; what that has changed of the request is measured again."""

    async def innermost(invocation: Invocation) -> Answer | LimitReason:
        given: ModelRequest = invocation.argument()
        return await ask(given if given is request else core.estimates.measured(given))

    layers = core.options.middleware.for_name(MODEL_CALL)
    metadata = {"model": model.info.id}
    invocation = Invocation(name=MODEL_CALL, args=(request,), context=current(), metadata=metadata)
    answer = await compose(layers, innermost)(invocation)
    if not isinstance(answer, Answer) and answer not in LIMIT_REASONS:
        raise TypeError(f"Middleware around {MODEL_CALL!r} gave {answer!r}, not what next() gives")
    return answer


def tell_context(core: SessionCore) -> None:
    """Publish how full the model's window is after the last answer."""
    info = core.estimates.context
    if info is not None:
        told = {field.name: getattr(info, field.name) for field in fields(info) if field.name in _TOLD}
        core.emitter.publish(ContextUpdate(**core.emitter.stamp(), **told))
        core.channel("session:context").publish({"type": "context_update", "payload": info})
