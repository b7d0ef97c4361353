"""Sums of heights, against adding them up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_tui.chat.heights import Heights

changes = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("set"), st.integers(0, 9), st.integers(0, 50)),
        st.tuples(st.just("truncate"), st.just(0), st.integers(0, 50)),
    ),
    max_size=40,
)


@given(st.lists(st.integers(0, 9), max_size=20), changes)
@settings(deadline=None, max_examples=100)
def test_sums_and_searches_agree_with_counting(start: list[int], steps: list[tuple[str, int, int]]) -> None:
    heights, plain = Heights(start), list(start)
    for kind, height, place in steps:
        if kind == "append":
            heights.append(height)
            plain.append(height)
        elif kind == "set" and plain:
            heights.set(place % len(plain), height)
            plain[place % len(plain)] = height
        elif kind == "truncate":
            heights.truncate(place % (len(plain) + 1))
            del plain[place % (len(plain) + 1) :]
    assert heights.total == sum(plain)
    assert [heights.top(index) for index in range(len(plain))] == [
        sum(plain[:index]) for index in range(len(plain))
    ]
    owners = [index for index, height in enumerate(plain) for _ in range(height)]
    assert [heights.find(y) for y in range(len(owners))] == owners
