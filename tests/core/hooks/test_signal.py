"""Signals: who hears of a change, how often, and that nobody is kept who is not needed."""

import asyncio
import gc
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.components import System
from agentick_core.errors import StateError
from agentick_core.hooks import (
    Computed,
    Signal,
    batch,
    computed,
    effect,
    signal,
    untracked,
    use_computed,
    use_on_tick_start,
    use_signal,
)
from agentick_core.testing.compile import render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


def test_a_signal_is_read_set_and_updated() -> None:
    count = signal(1)
    count.set(2)
    count.update(lambda value: value * 5)
    count.value += 1
    assert count.value == 11


def test_an_equal_value_is_no_change() -> None:
    heard: list[list[int]] = []
    numbers = signal([1])
    stop = numbers.subscribe(heard.append)
    numbers.set([1])
    numbers.set([2])
    stop()
    numbers.set([3])
    assert heard == [[2]]


def test_an_effect_runs_at_once_and_after_each_change_and_is_cleaned_up() -> None:
    ran: list[str] = []
    name = signal("a")

    @effect
    def stop() -> object:
        seen = name.value
        ran.append(seen)
        return lambda: ran.append(f"after {seen}")

    name.set("b")
    stop()
    name.set("c")
    assert ran == ["a", "after a", "b", "after b"]


async def test_changes_in_one_turn_of_the_loop_make_one_run() -> None:
    ran: list[int] = []
    count = signal(0)
    stop = effect(lambda: ran.append(count.value))
    count.set(1)
    count.set(2)
    assert ran == [0]
    await asyncio.sleep(0)
    assert ran == [0, 2]
    stop()


async def test_a_batch_is_one_change_and_its_effects_run_at_its_end() -> None:
    ran: list[int] = []
    heard: list[int] = []
    a, b = signal(1), signal(2)
    total = computed(lambda: a.value + b.value)
    stop = effect(lambda: ran.append(total.value))
    total.subscribe(heard.append)
    with batch():
        a.set(10)
        batch(lambda: b.set(20))
        assert (ran, heard, total.value) == ([3], [], 30)
    assert (ran, heard) == ([3, 30], [30])
    assert batch(lambda: "given") == "given"
    stop()


def test_what_is_computed_is_computed_when_it_is_read_and_only_after_a_change() -> None:
    runs: list[int] = []
    count = signal(1)

    @computed
    def double() -> int:
        runs.append(count.value)
        return count.value * 2

    assert runs == []
    assert (double.value, double.value, runs) == (2, 2, [1])
    count.set(2)
    assert (runs, double.value, runs) == ([1, 2], 4, [1, 2])


def test_whoever_reads_two_values_of_one_signal_runs_once_and_sees_both_new() -> None:
    seen: list[tuple[int, int]] = []
    count = signal(1)
    plus, minus = computed(lambda: count.value + 1), computed(lambda: count.value - 1)
    stop = effect(lambda: seen.append((plus.value, minus.value)))
    count.set(5)
    assert seen == [(2, 0), (6, 4)]
    stop()


def test_what_comes_out_the_same_is_no_change_for_those_who_read_it() -> None:
    ran: list[bool] = []
    count = signal(1)
    odd = computed(lambda: count.value % 2 == 1)
    stop = effect(lambda: ran.append(odd.value))
    count.set(3)
    count.set(4)
    assert ran == [True, False]
    stop()


def test_a_signal_that_is_no_longer_read_is_no_longer_followed() -> None:
    ran: list[str] = []
    short, first, second = signal(True), signal("a"), signal("b")
    stop = effect(lambda: ran.append(first.value if short.value else second.value))
    second.set("B")
    short.set(False)
    first.set("A")
    assert ran == ["a", "B"]
    stop()


def test_a_computed_value_that_needs_itself_is_an_error_until_it_no_longer_does() -> None:
    around = signal(True)
    a: Computed[int] = computed(lambda: b.value if around.value else 1)
    b: Computed[int] = computed(lambda: a.value + 1)
    with pytest.raises(StateError, match="Circular dependency detected in computed signal"):
        _ = b.value
    with pytest.raises(StateError, match="Circular dependency"):
        _ = a.value
    around.set(False)
    assert (a.value, b.value) == (1, 2)


def test_the_failure_of_a_computed_value_is_told_to_whoever_reads_it_until_it_works() -> None:
    divisor = signal(0)
    result = computed(lambda: 6 // divisor.value)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = result.value
    divisor.set(2)
    assert result.value == 3


async def test_an_effect_that_feeds_itself_is_stopped() -> None:
    count = signal(0)
    with pytest.raises(StateError, match="Cycle detected"):
        batch(lambda: effect(lambda: count.update(lambda value: value + 1 + 0 * count.value)))


def test_what_is_read_untracked_is_not_followed() -> None:
    ran: list[int] = []
    seen, unseen = signal(1), signal(1)
    stop = effect(lambda: ran.append(seen.value + untracked(lambda: unseen.value)))
    unseen.set(5)
    assert ran == [2]
    seen.set(2)
    assert ran == [2, 7]
    stop()


def test_one_failing_effect_does_not_keep_the_others_from_running() -> None:
    ran: list[int] = []
    count = signal(0)
    stops = [effect(lambda: 1 // (1 - count.value)), effect(lambda: ran.append(count.value))]
    with pytest.raises(ZeroDivisionError):
        count.set(1)
    assert ran == [0, 1]
    for stop in stops:
        stop()


async def test_a_task_started_in_an_effect_does_not_read_for_it() -> None:
    ran: list[str] = []
    first, second = signal(1), signal(1)
    tasks: list[asyncio.Task[int]] = []

    async def read_later() -> int:
        return second.value

    @effect
    def stop() -> None:
        ran.append(f"ran {first.value}")
        tasks.append(asyncio.create_task(read_later()))

    await asyncio.gather(*tasks)
    second.set(2)
    await asyncio.sleep(0)
    assert ran == ["ran 1"]
    stop()


def test_what_nobody_waits_for_is_not_kept_by_the_signals_it_was_made_of() -> None:
    count = signal(1)
    made = computed(lambda: count.value + 1)
    over: Computed[int] | None = computed(lambda: made.value + 1)
    assert over is not None
    assert over.value == 3
    gone = weakref.ref(over)
    over = None
    gc.collect()
    assert gone() is None


def test_an_effect_lives_until_it_is_stopped_with_all_it_reads() -> None:
    ran: list[int] = []
    count = signal(1)

    def start() -> "tuple[object, weakref.ref[Computed[int]]]":
        middle = computed(lambda: count.value * 2)
        return effect(lambda: ran.append(middle.value)), weakref.ref(middle)

    stop, middle = start()
    gc.collect()
    count.set(2)
    assert ran == [2, 4]
    assert callable(stop)
    stop()
    del stop
    gc.collect()
    assert middle() is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12))
@settings(deadline=None, max_examples=60)
def test_after_any_changes_everything_is_as_if_computed_anew(changes: list[tuple[int, int]]) -> None:
    sources = [signal(0) for _ in range(4)]
    low = computed(lambda: min(each.value for each in sources[:3]))
    chosen = computed(lambda: sources[low.value].value + sources[3].value)
    seen: list[int] = []
    stop = effect(lambda: seen.append(chosen.value))
    for index, value in changes:
        sources[index].set(value)
        plain = [each.value for each in sources]
        assert chosen.value == plain[min(plain[:3])] + plain[3] == seen[-1]
    stop()


async def test_setting_a_components_signal_renders_again_and_compiles_again() -> None:
    signals: list[Signal[int]] = []
    heard: list[int] = []

    @component
    def Root() -> Nodes:
        count = use_signal(1)
        signals.append(count)

        @use_on_tick_start
        def begin() -> None:
            if count.value == 1:
                count.subscribe(heard.append)
                count.update(lambda value: value + 1)

        yield System(f"count {count.value}")

    async with render_agent(Root) as agent:
        compiled = await agent.tick()
        assert (compiled.system, compiled.tree.passes) == (("count 2",), 2)
        before = len(agent.host.reasons)
        signals[0].set(2)
        assert len(agent.host.reasons) == before + 1
        signals[0].value = 9
        assert (await agent.tick()).system == ("count 9",)
        assert heard == [2, 9]
        assert len({id(each) for each in signals}) == 1


async def test_a_component_follows_what_it_computes_while_it_is_in_the_tree() -> None:
    outside = signal(2)

    @component
    def Root(factor: int) -> Nodes:
        local = use_signal(10)
        product = use_computed(lambda: outside.value * local.value * factor, (factor,))
        yield System(f"product {product.value}")

    async with render_agent(Root(1)) as agent:
        assert (await agent.tick()).system == ("product 20",)
        outside.set(3)
        assert any("use_computed in Root" in reason for reason in agent.host.reasons)
        assert (await agent.tick()).system == ("product 30",)
        agent.set_props(factor=2)
        assert (await agent.tick()).system == ("product 60",)
    before = len(agent.host.reasons)
    outside.set(4)
    assert len(agent.host.reasons) == before
