"""Components, and the elements that calling one gives."""

import inspect
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, ClassVar, Generic, ParamSpec, TypeAlias

from agentick_core.errors import PropsError
from agentick_core.tree.node import Node, Nodes
from agentick_core.tree.props import check_types, missing_props, unknown_props

P = ParamSpec("P")


class Component(Generic[P]):
    """A function that yields what the model sees; calling it gives an `Element` and runs nothing yet."""

    def __init__(self, body: Callable[P, Nodes]) -> None:
        if not callable(body):
            raise TypeError(f"@component needs a function, not {type(body).__name__}")
        self.name: str = getattr(body, "__name__", type(body).__name__)
        if inspect.iscoroutinefunction(body) or inspect.isasyncgenfunction(body):
            raise TypeError(
                f"The component {self.name} is `async def`, but rendering is synchronous: make it `def`, "
                "and do what has to be awaited in use_effect or in a tool"
            )
        self.body = body
        self.signature = inspect.signature(body)
        single = [
            parameter
            for parameter in self.signature.parameters.values()
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        positional = [parameter for parameter in single if parameter.kind is not parameter.KEYWORD_ONLY]
        self.required = tuple(parameter.name for parameter in single if parameter.default is parameter.empty)
        self.fewest = sum(parameter.default is parameter.empty for parameter in positional)
        self.most = len(positional) if self.fewest == len(self.required) else -1
        update_wrapper(self, body)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> "Element":
        return Element(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<component {self.name}>"


class Element(Node):
    """A component with its props, to be yielded; immutable but for its key."""

    __slots__ = ("args", "component", "kwargs")
    has_body: ClassVar[bool] = True

    def __init__(self, component: Component[...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        super().__init__()
        self.component = component
        self.args = args
        self.kwargs = kwargs
        if not kwargs and component.fewest <= len(args) <= component.most:
            return  # what binding would say, at a tenth of its cost
        try:
            component.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise PropsError(f"{component.name}: {error}", hint=self.hint) from error

    @property
    def name(self) -> str:
        """The component's name."""
        return self.component.name

    @property
    def hint(self) -> str:
        """How the component is called."""
        return f"It is {self.name}{self.component.signature}."

    def replace_props(self, props: Mapping[str, Any]) -> "Element":
        """Give the same component with these props laid over the element's own.

        Raises:
            PropsError: the component has no prop of that name, or the value has another type.
        """
        signature = self.component.signature
        if unknown := unknown_props(signature, props):
            names = ", ".join(f'"{name}"' for name in unknown)
            raise PropsError(f"{self.name} has no prop {names}", hint=self.hint, details={"props": unknown})
        check_types(self.component.body, self.name, props)
        bound = signature.bind(*self.args, **self.kwargs)
        extra = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), None)
        for name, value in props.items():
            if name in signature.parameters and name != extra:
                bound.arguments[name] = value
            elif extra is not None:
                bound.arguments[extra] = {**bound.arguments.get(extra, {}), name: value}
        replaced = Element(self.component, bound.args, bound.kwargs)
        replaced.node_key = self.node_key
        return replaced

    def __repr__(self) -> str:
        given = [repr(value) for value in self.args]
        given += [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"{self.name}({', '.join(given)})"


AgentLike: TypeAlias = Component[...] | Element


def component(body: Callable[P, Nodes]) -> Component[P]:
    """Make a function that yields nodes into a component.

    Raises:
        TypeError: the function is `async def`; components render synchronously.
    """
    return Component(body)


def as_element(agent: AgentLike) -> Element:
    """Give the element of an agent: itself, or the bare component's whose props all have defaults.

    Raises:
        PropsError: a prop without a default is missing.
    """
    match agent:
        case Element():
            return agent
        case Component():
            if missing := missing_props(agent.required):
                raise PropsError(
                    f"{agent.name} needs {missing}",
                    hint=f"Pass an element, such as {agent.name}({agent.required[0]}=...).",
                    details={"props": agent.required},
                )
            return agent()
        case _:  # pyright: ignore[reportUnnecessaryComparison]  # callers without a type checker come here
            advice = ": decorate it with @component" if inspect.isfunction(agent) else ""
            raise TypeError(f"An agent is a component or an element, not {type(agent).__name__}{advice}")
