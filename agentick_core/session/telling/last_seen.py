"""What the last tick left, for whoever looks at the session afterwards."""

from dataclasses import dataclass

from agentick_core.compile.annotate import TreeTokens, annotate
from agentick_core.compile.compiled import CompiledTree
from agentick_core.compile.tokens import TextEstimator
from agentick_core.messages.result import RawOutput
from agentick_core.messages.tool import ToolCall, ToolResult
from agentick_core.session.telling.inspection import ModelOutput


@dataclass(slots=True)
class LastSeen:
    """What the last tick left, for inspection."""

    output: RawOutput | None = None
    model_output: ModelOutput | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    forced_stable: tuple[str, ...] = ()
    compiled: CompiledTree | None = None
    _tokens: tuple[CompiledTree, TreeTokens] | None = None

    def tokens(self, estimator: TextEstimator) -> TreeTokens | None:
        """Estimate what each part of the last context took; counted once, when it is asked for."""
        if self.compiled is None or self.output is None:
            return None
        if self._tokens is None or self._tokens[0] is not self.compiled:
            self._tokens = self.compiled, annotate(self.compiled, self.output.tools, estimator=estimator)
        return self._tokens[1]
