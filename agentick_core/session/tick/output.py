"""The typed output that an app declares: how a model is asked for it, and how what it gives is checked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from agentick_core.errors import OutputError, ToolInputError
from agentick_core.messages.request import ModelRequest, ResponseFormat
from agentick_core.messages.tool import ToolResult
from agentick_core.models.model import ChatModel
from agentick_core.session.tick.asking import Answer
from agentick_core.tools.tool import Tool, create_tool

OUTPUT_TOOL: Final = "output"
REPAIRS: Final = 2
_DESCRIPTION: Final = "Give the final answer. Call this once, when the work is done: it ends it."


def output_tools(kind: type[Any] | None) -> tuple[Tool[..., Any], ...]:
    """Give the tool by which a model gives its output where its provider takes no schema; none without a type."""
    if kind is None:
        return ()
    return (create_tool(name=OUTPUT_TOOL, description=_DESCRIPTION, input=kind, type="output", effects=()),)


@dataclass(slots=True)
class WantedOutput:
    """The output of one execution: `value` once it is given, and why what was said so far is none.

    After an answer that does not fit the model is asked again, in two ticks at most.
    """

    kind: type[Any]
    value: Any = None
    given: bool = False
    problem: str = "nothing was answered"
    repairs: int = 0
    by_schema: bool = False

    @property
    def asks_again(self) -> bool:
        """Whether the model gets another chance."""
        return not self.given and 0 < self.repairs <= REPAIRS

    def shaped(self, request: ModelRequest, models: Sequence[ChatModel]) -> ModelRequest:
        """Ask for the output: by the provider's schema where each model that may answer takes one, else by the tool."""
        self.by_schema = all(model.info.supports_json_schema for model in models)
        if not self.by_schema:
            return request
        schema = next((tool.input_schema for tool in request.tools if tool.name == OUTPUT_TOOL), None)
        wanted = ResponseFormat(type="json_schema", schema=schema, name=OUTPUT_TOOL)
        return replace(
            request,
            tools=tuple(tool for tool in request.tools if tool.name != OUTPUT_TOOL),
            options=replace(request.options, response_format=wanted),
        )

    def read(self, answer: Answer, results: Sequence[ToolResult]) -> str | None:
        """Take the output out of an answer; where there should be one and is none, give what to tell the model."""
        calls = [call for call in answer.calls if call.name == OUTPUT_TOOL]
        if calls:
            failure = next((each.failure for each in results if each.call_id == calls[-1].call_id), None)
            self._take(calls[-1].input, failure.error if failure else None)
            # The result of the call says what was wrong.
            return None
        if answer.calls:
            return None
        try:
            said = json.loads(answer.message.text)
        except ValueError:
            self._take(None, "the answer is not JSON")
        else:
            self._take(said, None if isinstance(said, Mapping) else "the answer is no JSON object")
        return None if self.given else self._demand()

    def error(self) -> OutputError:
        """Make the error of an execution that ends without its output."""
        return OutputError(
            f"The model gave no output of the type {self.kind.__name__}: {self.problem}",
            hint="The timeline shows what it said. Describe the fields, or use another model.",
        )

    def _take(self, said: object, problem: str | None) -> None:
        from agentick_core.tools.schema import check

        if problem is None:
            try:
                self.value = check(OUTPUT_TOOL, self.kind, cast("Mapping[str, Any]", said)).arguments
            except ToolInputError as error:
                problem = error.message
        self.given = problem is None
        if problem is not None:
            self.problem = problem
            self.repairs += 1

    def _demand(self) -> str:
        if self.by_schema:
            return (
                f"This is not the output that is wanted: {self.problem}. Answer with JSON of that form alone."
            )
        return f"This is not the output that is wanted: {self.problem}. Give it with the tool {OUTPUT_TOOL}."
