"""One render: bodies run, and what they yield is matched with what was there before."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from agentick_core.errors import AgentickError, ComponentError, HookOrderError
from agentick_core.messages.blocks import NO_METADATA
from agentick_core.tree.boundary import Attempt, ErrorBoundary, Fallback
from agentick_core.tree.container import Container, Flat, flatten, needs_fiber
from agentick_core.tree.data import Suspended
from agentick_core.tree.element import Element
from agentick_core.tree.fiber import Fiber, Identity, Item
from agentick_core.tree.node import Node, ToolNode
from agentick_core.tree.scope import TreeScope
from agentick_core.tree.slot import check_all_called
from agentick_core.tree.unused import unused

if TYPE_CHECKING:
    from agentick_core.tree.rendering import Place

BODY_CHANGES = 25
SHOWN_STACK = 12


class Pass:
    """One render of the whole tree: who left it, which nodes were made for nothing, and whether data is missing.

    Where a body waits for data, what was below it stays as it was.
    """

    __slots__ = ("forgotten", "removed", "scope", "suspended")

    def __init__(self, scope: TreeScope) -> None:
        self.scope = scope
        self.removed: list[Fiber] = []
        self.forgotten: list[tuple[Fiber, Node, Place]] = []
        self.suspended = False

    def render(self, fiber: Fiber, node: Node) -> None:
        """Render a fiber's node and everything below it."""
        fiber.node = node
        match node:
            case Element():
                self._place_yielded(fiber, self._run(fiber, lambda: _body_of(node)))
            case ToolNode():
                self._place_yielded(fiber, self._run(fiber, lambda: _body_of_tool(fiber, node)))
            case ErrorBoundary():
                self._render_boundary(fiber, node)
            case Container():
                self.place(fiber, node.children)
            case _:
                return

    def place(self, fiber: Fiber, items: Sequence[Flat]) -> None:
        """Match what a fiber yields with its children, and render these.

        Siblings are the same as before if component and key are, or without a key component and how many of it
        came before.
        """
        children: dict[Identity, Fiber] = {}
        content: list[Item] = []
        counts: dict[object, int] = {}
        keyed: set[Identity] = set()
        for item in items:
            if isinstance(item, str):
                content.append(item)
                continue
            identity = _identify(item, counts, keyed, fiber)
            if not needs_fiber(item):
                content.append(item)
                continue
            child = fiber.children.get(identity) or Fiber(item, fiber, self.scope)
            children[identity] = child
            self.render(child, item)
            content.append(child)
        self.removed += [gone for identity, gone in fiber.children.items() if identity not in children]
        fiber.children = children
        fiber.content = content

    def _place_yielded(self, fiber: Fiber, items: tuple[Flat, ...] | None) -> None:
        if items is not None:
            self.place(fiber, items)
            return
        self.suspended = True
        if not fiber.settled:
            # It never was there, and what it keeps may have been made of data that is missing.
            fiber.slots.clear()

    def _run(self, fiber: Fiber, body: Callable[[], tuple[Flat, ...]]) -> tuple[Flat, ...] | None:
        """Run a body; give what it yields, or None where it waits for data."""
        rendering = self.scope.rendering
        _count_changes(fiber)
        fiber.cursor = 0
        rendering.fiber, rendering.made, rendering.waits = fiber, [], False
        try:
            items = body()
        except Suspended:
            return None
        except (HookOrderError, KeyboardInterrupt):
            raise
        # Whatever a body raises becomes an error that says where: no cancellation comes from outside here,
        # since bodies are synchronous, and the end of the program is not theirs to decide.
        except BaseException as error:
            _fail(fiber, error)
        finally:
            rendering.fiber = None
        if rendering.waits:
            return None
        check_all_called(fiber)
        fiber.settled = True
        if rendering.made:
            self.forgotten += [(fiber, node, place) for node, place in unused(rendering.made, items)]
        return items

    def _render_boundary(self, fiber: Fiber, node: ErrorBoundary) -> None:
        knobs, stops = self.scope.knobs.so_far(), len(self.scope.tick.stops)
        try:
            self.place(fiber, (_dynamic(Attempt(*node.children)),))
        except ComponentError as error:
            self.scope.knobs.back_to(knobs)
            del self.scope.tick.stops[stops:]
            self.place(fiber, (_dynamic(Fallback(*self._instead(fiber, node, error))),))

    def _instead(self, fiber: Fiber, node: ErrorBoundary, error: ComponentError) -> tuple[Flat, ...]:
        try:
            return node.instead(error)
        # The fallback is the user's code; its failure goes on to the next boundary.
        except Exception as failure:
            _fail(fiber, failure)


def _body_of(node: Element) -> tuple[Flat, ...]:
    return flatten(node.component.body(*node.args, **node.kwargs))


def _body_of_tool(fiber: Fiber, node: ToolNode) -> tuple[Flat, ...]:
    fiber.deps = node.use() if node.use is not None else NO_METADATA
    return flatten(node.render()) if node.render is not None else ()


def _dynamic(container: Container) -> Container:
    container.dynamic = True
    return container


def _identify(node: Node, counts: dict[object, int], keyed: set[Identity], fiber: Fiber) -> Identity:
    kind = _kind(node)
    if node.node_key is None:
        count = counts.get(kind, 0)
        counts[kind] = count + 1
        return (kind, count)
    identity = (kind, node.node_key)
    if identity in keyed:
        name = node.name if isinstance(node, Element | ToolNode) else type(node).__name__
        raise ComponentError(
            f'{fiber.name} yields two {name} with the key "{node.node_key}"', stack=fiber.stack
        )
    keyed.add(identity)
    return identity


def _kind(node: Node) -> object:
    match node:
        case Element():
            return node.component
        case ToolNode():
            return (ToolNode, node.name)
        case _:
            return type(node)


def _count_changes(fiber: Fiber) -> None:
    fiber.renders_with_change = fiber.renders_with_change + 1 if fiber.changed_in_body else 0
    fiber.changed_in_body = False
    if fiber.renders_with_change < BODY_CHANGES:
        return
    fiber.renders_with_change = 0
    raise ComponentError(
        f"{fiber.name} has set state in its body in {BODY_CHANGES} renders in a row; "
        "set it in a callback or an effect, or only when the value is another",
        stack=fiber.stack,
    )


def _fail(fiber: Fiber, error: BaseException) -> NoReturn:
    stack = fiber.stack
    shown = stack if len(stack) <= SHOWN_STACK else (*stack[:3], "…", *stack[3 - SHOWN_STACK :])
    where = f" (in {' > '.join(shown)})" if len(stack) > 1 else ""
    hint = error.hint if isinstance(error, AgentickError) else ""
    raise ComponentError(
        f"{fiber.name} failed: {type(error).__name__}: {error}{where}", stack=stack, hint=hint
    ) from error
