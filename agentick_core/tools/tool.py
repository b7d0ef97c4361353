"""Tools as values: `@tool`, `create_tool(...)`, and the `Tool` that both give."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeAlias, TypeVar, Unpack, cast, overload

from agentick_core.messages.blocks import NO_METADATA, Block
from agentick_core.messages.tool import ToolDefinition
from agentick_core.tools.docstring import parse_docstring
from agentick_core.tools.lifecycle import use_with_callbacks
from agentick_core.tools.options import ToolKeywords, ToolOptions, check_names, with_keywords
from agentick_core.tools.signature import Arguments, arguments_of, fitting
from agentick_core.tree.node import ToolNode

if TYPE_CHECKING:
    from agentick_core.tools.context import ToolContext
    from agentick_core.tools.schema import Checked

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
InputT = TypeVar("InputT")

if TYPE_CHECKING:
    Handler: TypeAlias = (
        Callable[[], R_co]
        | Callable[[InputT], R_co]
        | Callable[[InputT, ToolContext], R_co]
        | Callable[[InputT, ToolContext, Mapping[str, Any]], R_co]
    )

# What says which input a tool takes: a function's own arguments, a type (a pydantic model, a dataclass), a JSON
# schema, or nothing.
InputSpec: TypeAlias = Arguments | type[Any] | Mapping[str, Any] | None


class Tool(ToolNode, Generic[P, R_co]):
    """A tool: yield it in a component, list it in `tools=`, call it directly as the function that it is.

    It never changes; `replace` gives another one.
    """

    __slots__ = ("fn", "input", "options")

    def __init__(
        self, fn: Callable[P, R_co] | None, *, name: str, input: InputSpec, options: ToolOptions
    ) -> None:
        check_names(name, options.aliases)
        super().__init__(name, use_with_callbacks(options), options.render)
        self.fn = fn
        self.input = input
        self.options = options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function itself, without validation."""
        if self.fn is None:
            raise TypeError(f'Tool "{self.name}" has no handler')
        return self.fn(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"

    @property
    def description(self) -> str:
        """What the model reads about the tool."""
        if self.options.description is not None:
            return self.options.description
        return parse_docstring(self.fn.__doc__).description if self.fn is not None else ""

    @property
    def output_schema(self) -> Mapping[str, Any] | None:
        """The JSON schema of what the tool gives, if it says so. Raises TypeError for types that have none."""
        from agentick_core.tools.schema import output_schema_of

        return output_schema_of(self.name, self.options.output)

    def key(self, key: str | int) -> "Tool[P, R_co]":
        """Give this tool with an identity among its siblings; the tool itself may be shared, so it stays."""
        keyed = self.replace()
        keyed.node_key = str(key)
        return keyed

    def replace(self, *, name: str | None = None, **options: Unpack[ToolKeywords]) -> "Tool[P, R_co]":
        """Give the same tool with another name or other options."""
        changed = Tool(
            self.fn, name=name or self.name, input=self.input, options=with_keywords(self.options, options)
        )
        changed.node_key = self.node_key
        return changed

    def definition(self, deps: Collection[str] = ()) -> ToolDefinition:
        """Give the tool as it is offered; parameters named in `deps` are not part of the schema."""
        from agentick_core.tools.schema import schema_of

        options = self.options
        return ToolDefinition(
            name=self.name,
            description=self.description,
            input_schema=schema_of(self.name, self.input, deps),
            output_schema=self.output_schema,
            audience=options.audience,
            aliases=options.aliases,
            type=options.type,
            intent=options.intent,
            effects=options.effects,
            requires_confirmation=options.requires_confirmation is not False,
            provider_options=options.provider_options,
            metadata=options.metadata,
        )

    def validate(self, input: Mapping[str, Any], deps: Collection[str] = ()) -> "Checked":
        """Check the input of a call. Raises ToolInputError "Validation failed: path: message"."""
        from agentick_core.tools.schema import check

        return check(self.name, self.input, input, deps)

    def bind(
        self, checked: "Checked", ctx: "ToolContext | None", deps: Mapping[str, Any]
    ) -> Callable[[], Any]:
        """Give the call of the function with checked input, the context and the dependencies."""
        if self.fn is None:
            raise TypeError(f'Tool "{self.name}" has no handler')
        fn = cast("Callable[..., Any]", self.fn)
        spec = self.input
        if not isinstance(spec, Arguments):
            args = fitting(fn, checked.arguments, ctx, deps)
            return lambda: fn(*args)
        names = {argument.name for argument in spec.arguments}
        given = {name: value for name, value in deps.items() if spec.open or name in names}
        context = {} if spec.context is None else {spec.context: ctx}
        return lambda: fn(**checked.arguments, **given, **context)

    async def run(
        self,
        input: Mapping[str, Any],
        *,
        ctx: "ToolContext | None" = None,
        deps: Mapping[str, Any] = NO_METADATA,
    ) -> tuple[Block, ...]:
        """Validate the input, run the tool and give its blocks; without a session there is no context."""
        from agentick_core.tools.coerce import coerce
        from agentick_core.tools.invoke import invoke
        from agentick_core.tools.schema import warm_up
        from agentick_core.tools.threads import ToolThreads

        await warm_up()
        bound = self.bind(self.validate(input, deps), ctx, deps)
        return coerce(await invoke(self.fn, bound, ToolThreads()), self.output_schema)

    def summary(self, input: Mapping[str, Any]) -> str | None:
        """Give the tool's one line about a call; None where it has none or cannot make it."""
        if self.options.display_summary is None:
            return None
        try:
            return self.options.display_summary(input)
        # A summary is decoration: whatever goes wrong in it must not fail the call.
        except Exception:
            return None


@overload
def tool(fn: Callable[P, R_co], /) -> Tool[P, R_co]: ...
@overload
def tool(
    *, name: str | None = None, **options: Unpack[ToolKeywords]
) -> Callable[[Callable[P, R_co]], Tool[P, R_co]]: ...
def tool(
    fn: Callable[..., Any] | None = None, /, *, name: str | None = None, **options: Unpack[ToolKeywords]
) -> Any:
    """Make a function a tool: its name, docstring and signature say what the model sees.

    Use it bare or with options. The function is sync, async, or an async generator of blocks. A parameter
    annotated `ToolContext` receives the context; the dependencies of `use` come to parameters of their names.
    """

    def decorate(fn: Callable[..., Any]) -> Tool[..., Any]:
        called = name or fn.__name__
        return Tool(
            fn, name=called, input=arguments_of(fn, called), options=with_keywords(ToolOptions(), options)
        )

    return decorate if fn is None else decorate(fn)


@overload
def create_tool(
    *,
    name: str,
    handler: "Handler[R_co, InputT]",
    input: type[InputT],
    **options: Unpack[ToolKeywords],
) -> Tool[..., R_co]: ...
@overload
def create_tool(
    *,
    name: str,
    handler: Callable[P, R_co],
    input: Mapping[str, Any] | None = None,
    **options: Unpack[ToolKeywords],
) -> Tool[P, R_co]: ...
@overload
def create_tool(
    *,
    name: str,
    handler: None = None,
    input: type[Any] | Mapping[str, Any] | None = None,
    **options: Unpack[ToolKeywords],
) -> Tool[..., Any]: ...
def create_tool(
    *,
    name: str,
    handler: Callable[..., Any] | None = None,
    input: type[Any] | Mapping[str, Any] | None = None,
    **options: Unpack[ToolKeywords],
) -> Tool[..., Any]:
    """Make a tool of its parts: `handler(input, ctx, deps)` takes as many of the three as it likes.

    `input` is a pydantic model or a dataclass, of which the handler gets an instance, or a JSON schema, with
    which it gets the mapping. Tools of type client, provider and output need no handler.
    """
    made = with_keywords(ToolOptions(), options)
    if handler is None and made.type == "server":
        raise TypeError(f'Tool "{name}" has no handler: give handler=, or the type of a tool that needs none')
    return Tool(handler, name=name, input=input, options=made)
