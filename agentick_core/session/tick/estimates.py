"""What a session believes a request will take, before a provider has counted it, and what it learns from that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agentick_core.compile.calibration import Calibration
from agentick_core.compile.request import Structural, build_request
from agentick_core.compile.tokens import (
    Sizing,
    TextEstimator,
    estimate_request,
    estimate_text,
    estimate_tools,
)
from agentick_core.errors import ContextLengthError
from agentick_core.messages.context_info import ContextInfo
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.model import ChatModel, ModelInfo
from agentick_core.session.execution.limits import Budget, Claim, LimitReason
from agentick_core.tools.merge import ToolRegistry
from agentick_core.tools.schema import warm_up

if TYPE_CHECKING:
    from agentick_core.compile.compiled import CompiledTree
    from agentick_core.session.core import SessionCore

# How much of a model's window is kept for its answer, at most, and how much of the rest is filled: an estimate is one.
ANSWER_SHARE = 4
WINDOW_SHARE = 0.9


class Estimates:
    """The estimates of one session; they are corrected by what each model reports."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._calibration = Calibration()
        self.context: ContextInfo | None = None

    def estimator(self, from_tree: object | None = None) -> TextEstimator:
        """Give what counts text: the model's own estimator where it has one."""
        model = self._core.models.known or from_tree
        own = model.info.token_estimator if isinstance(model, ChatModel) else None
        return own or estimate_text

    def sizing(self, structural: Structural) -> Sizing:
        """Give how a tick is counted while it is compiled."""
        toolbox = self._core.toolbox

        async def whole(compiled: "CompiledTree") -> int:
            await warm_up()
            tools = ToolRegistry.merged(
                app=toolbox.app_tools, session=toolbox.session_tools, send=toolbox.send_tools,
                tree=compiled.tools, beside=compiled.hidden_tools,
            )  # fmt: skip
            estimator = self.estimator(compiled.model)
            request = build_request(compiled, tools.definitions("model"), structural, estimator=estimator)
            return _plain(request, estimator)

        return Sizing(estimator=self.estimator(), request=whole, window=self._window())

    def _window(self) -> int | None:
        """Give what the model in use takes as input, in estimated tokens: less its answer, and less a margin."""
        model = self._core.models.known
        if model is None or model.info.context_window is None:
            return None
        window = model.info.context_window
        answer = min(model.info.max_output_tokens or 0, window // ANSWER_SHARE)
        return self._calibration.estimated(model.info.id, round((window - answer) * WINDOW_SHARE))

    def tokens(self, info: ModelInfo, request: ModelRequest) -> int:
        """Estimate what a model will count as the input of a request, tools included."""
        return self._calibration.corrected(info.id, _plain(request, info.token_estimator or estimate_text))

    def measured(self, request: ModelRequest) -> ModelRequest:
        """Give a request that was not compiled, or was changed since, with its estimate."""
        return replace(request, estimated_tokens=estimate_request(request, self.estimator()))

    def fits(self, info: ModelInfo, request: ModelRequest) -> bool:
        """Tell whether the request fits into the model's window; where that is not known it does."""
        return info.context_window is None or self.tokens(info, request) <= info.context_window

    def check(self, info: ModelInfo, request: ModelRequest) -> None:
        """Make sure that the request fits into the model's window, where that is known.

        Raises:
            ContextLengthError: it does not; nothing was sent.
        """
        if self.fits(info, request):
            return
        raise ContextLengthError(
            f"The request is about {self.tokens(info, request):,} tokens, and {info.name or info.id} takes "
            f"{info.context_window:,}",
            hint="Nothing was sent. Give Timeline a max_tokens, or choose a model with a larger window.",
            provider=info.provider,
        )

    def claim(
        self, budget: Budget, models: Sequence[ChatModel], request: ModelRequest, *, ticks: int = 1
    ) -> Claim | LimitReason:
        """Take from the budget the most that a call of any of these models may take, or say which limit forbids it.

        Raises:
            LimitError: the cost is limited, and the price of a model is not known.
        """
        most = max(self.tokens(model.info, request) for model in models)
        return budget.claim(models, request, most, ticks=ticks)

    def learn(self, info: ModelInfo, request: ModelRequest, usage: Usage) -> None:
        """Take in what the provider has counted."""
        estimated = _plain(request, info.token_estimator or estimate_text)
        self._calibration.learn(info.id, estimated=estimated, reported=usage.input_tokens)
        self.context = self._context_of(info, request, usage)

    def _context_of(self, info: ModelInfo, request: ModelRequest, usage: Usage) -> ContextInfo:
        estimated = usage.input_tokens == 0
        counted = usage
        if estimated:
            tokens = self.tokens(info, request)
            counted = replace(usage, input_tokens=tokens, total_tokens=tokens + usage.output_tokens)
        window = info.context_window
        return ContextInfo(
            model_id=info.id,
            model_name=info.name,
            provider=info.provider,
            context_window=window,
            max_output_tokens=info.max_output_tokens,
            input_tokens=counted.input_tokens,
            output_tokens=counted.output_tokens,
            total_tokens=counted.total_tokens,
            utilization=min(100.0, counted.input_tokens / window * 100) if window else None,
            estimated=estimated,
            supports_vision=info.supports_vision,
            supports_tool_use=info.supports_tool_use,
            is_reasoning_model=info.is_reasoning_model,
            cumulative_usage=self._core.usage,
            estimated_context_tokens=request.estimated_tokens,
        )


def _plain(request: ModelRequest, estimator: TextEstimator) -> int:
    return request.estimated_tokens + estimate_tools(request.tools, estimator)
