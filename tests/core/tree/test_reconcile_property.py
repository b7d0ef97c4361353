"""Whatever trees follow each other, state stays exactly where keys and positions say."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.components import Section
from agentick_core.hooks import use_effect, use_on_mount, use_on_unmount, use_state
from agentick_core.testing.compile import render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Child, Nodes

Identity = tuple[str, str | int]
Path = tuple[Identity, ...]


@dataclass(frozen=True)
class Spec:
    """A component of a tree: which, its key if it has one, whether a section stands around it, its children."""

    kind: str
    key: str | None
    wrapped: bool
    children: "tuple[Spec, ...]" = ()


@dataclass
class Life:
    """What the components tell of themselves."""

    tokens: Iterator[int]
    shown: dict[Path, int]
    mounted: list[Path]
    left: list[Path]
    effects: list[Path]


def build(spec: Spec, path: Path, life: Life) -> Child:
    """Make the nodes of a spec."""
    make = First if spec.kind == "First" else Second
    element = make(spec, path, life)
    node = element.key(spec.key) if spec.key is not None else element
    return Section(node, id="around") if spec.wrapped else node


def body(spec: Spec, path: Path, life: Life) -> Nodes:
    """Keep a token, tell of it, and yield the children."""
    token, _ = use_state(factory=lambda: next(life.tokens))
    life.shown[path] = token
    first, _ = use_state(path)
    use_on_mount(lambda: life.mounted.append(path))
    use_on_unmount(lambda: life.left.append(first))
    use_effect(lambda: life.effects.append(path), ())
    yield [build(child, inner, life) for child, inner in zip(spec.children, paths(spec, path), strict=True)]


@component
def First(spec: Spec, path: Path, life: Life) -> Nodes:
    yield body(spec, path, life)


@component
def Second(spec: Spec, path: Path, life: Life) -> Nodes:
    yield body(spec, path, life)


def paths(spec: Spec, path: Path) -> list[Path]:
    """Say, as the rule has it, who each child is: its component and key, or how many of it came before."""
    found: list[Path] = []
    counts: dict[str, int] = {}
    sections = 0
    for child in spec.children:
        # A section that is not keyed is itself told apart by how many sections came before.
        around: Path = (("Section", sections),) if child.wrapped else ()
        sections += child.wrapped
        if child.key is not None:
            identity: Identity = (child.kind, child.key)
        else:
            seen = 0 if child.wrapped else counts.get(child.kind, 0)
            identity = (child.kind, seen)
            if not child.wrapped:
                counts[child.kind] = seen + 1
        found.append((*path, *around, identity))
    return found


def everybody(spec: Spec, path: Path) -> list[Path]:
    """Give the paths of the spec and of everybody below it."""
    below = [
        each
        for child, p in zip(spec.children, paths(spec, path), strict=True)
        for each in everybody(child, p)
    ]
    return [path, *below]


def with_own_keys(children: Sequence[Spec]) -> bool:
    keyed = [(child.kind, child.key) for child in children if child.key is not None and not child.wrapped]
    return len(keyed) == len(set(keyed))


def specs(depth: int) -> st.SearchStrategy[Spec]:
    """Make trees."""
    children: st.SearchStrategy[tuple[Spec, ...]] = st.just(())
    if depth:
        lists = st.lists(specs(depth - 1), max_size=4).filter(with_own_keys)
        children = lists.map(lambda made: tuple(made))
    return st.builds(
        Spec,
        kind=st.sampled_from(["First", "Second"]),
        key=st.sampled_from([None, None, "a", "b"]),
        wrapped=st.booleans(),
        children=children,
    )


def roots(children: st.SearchStrategy[list[Spec]]) -> st.SearchStrategy[Spec]:
    return children.filter(with_own_keys).map(lambda made: Spec("First", None, False, tuple(made)))


@given(st.lists(roots(st.lists(specs(2), max_size=4)), min_size=2, max_size=5))
@settings(deadline=None, max_examples=80)
def test_state_stays_exactly_where_keys_and_positions_say(trees: list[Spec]) -> None:
    asyncio.run(follow(trees))


async def follow(trees: list[Spec]) -> None:
    """Render the trees one after the other, and hold each to the rule."""
    root: Path = (("First", 0),)
    life = Life(count(), {}, [], [], [])
    before: dict[Path, int] = {}
    used: set[int] = set()
    async with render_agent(First(trees[0], root, life)) as agent:
        for tree in trees:
            life.shown, life.mounted, life.left, life.effects = {}, [], [], []
            agent.set_root(First(tree, root, life))
            compiled = await agent.tick()
            assert compiled.tree.passes == 1
            now = everybody(tree, root)
            assert sorted(life.shown, key=repr) == sorted(now, key=repr)
            stayed = before.keys() & life.shown.keys()
            assert {path: life.shown[path] for path in stayed} == {path: before[path] for path in stayed}
            fresh = [path for path in life.shown if path not in before]
            tokens = [life.shown[path] for path in fresh]
            assert len(set(tokens)) == len(tokens)
            assert not used & set(tokens)
            assert sorted(life.mounted, key=repr) == sorted(fresh, key=repr)
            assert sorted(life.effects, key=repr) == sorted(fresh, key=repr)
            gone = [path for path in before if path not in life.shown]
            assert sorted(life.left, key=repr) == sorted(gone, key=repr)
            used |= set(tokens)
            before = dict(life.shown)
        life.left.clear()
    assert sorted(life.left, key=repr) == sorted(before, key=repr)
