"""The prompt's pure parts: kill ring, words, history, completion."""

from hypothesis import given
from hypothesis import strategies as st

from agentick_tui.prompt.completion import Candidate, Choice, Match, command_query, rank
from agentick_tui.prompt.history import PromptHistory
from agentick_tui.prompt.kill_ring import RING_SIZE, KillRing
from agentick_tui.prompt.words import blank_word_start, transposed, word_end, word_start

NAMES = [Candidate(name=name) for name in ("help", "new", "sessions", "resume", "steer")]

ROWS = 8


def test_kills_in_a_row_are_yanked_as_one() -> None:
    ring = KillRing()
    ring.kill("one ")
    ring.kill("two", grow=True)
    ring.kill("zero ", grow=True, before=True)
    assert ring.newest == "zero one two"


def test_the_ring_keeps_the_last_sixty() -> None:
    ring = KillRing()
    for number in range(RING_SIZE + 5):
        ring.kill(str(number))
    for _ in range(RING_SIZE - 1):
        ring.rotate()
    assert ring.newest == "5"


def test_words_end_and_begin_at_letters_and_digits() -> None:
    assert word_end("git push --force", 3) == 8
    assert word_start("git push --force", 16) == 11
    assert blank_word_start("git push --force  ", 18) == 9


@given(st.text(alphabet="ab -\n", max_size=20), st.integers(0, 20))
def test_a_word_move_goes_on_until_the_edge(text: str, at: int) -> None:
    index = min(at, len(text))
    assert index < word_end(text, index) <= len(text) or index == len(text)
    assert 0 <= word_start(text, index) < index or index == 0


def test_transposing_swaps_the_characters_around_the_cursor() -> None:
    assert transposed("ab", 2) == (0, "ba", 2)
    assert transposed("abc", 1) == (0, "ba", 2)
    assert transposed("a", 1) is None
    assert transposed("a\nb", 2) is None


def test_history_walks_back_and_gives_the_draft_again() -> None:
    history = PromptHistory(["one", "two"])
    assert history.back("draft") == "two"
    assert history.back("two") == "one"
    assert history.back("one") is None
    assert history.on() == "two"
    assert history.on() == "draft"
    assert history.on() is None


def test_history_stores_what_is_new_once() -> None:
    stored: list[str] = []
    history = PromptHistory(["one"], on_append=stored.append)
    for text in ("one", "two", "two", "  "):
        history.append(text)
    assert stored == ["two"]


def test_history_that_is_loaded_late_goes_in_front() -> None:
    history = PromptHistory()
    history.append("new")
    assert history.back("") == "new"
    history.load(["old"])
    assert history.back("new") == "old"


def test_a_name_is_completed_only_where_one_is_typed() -> None:
    assert command_query("/he", 3) == "he"
    assert command_query("/", 1) == ""
    for text in ("he", "//he", "/help x", " /he", "/usr/bin"):
        assert command_query(text, len(text)) is None


def test_an_empty_query_lists_everything_in_the_given_order() -> None:
    assert [match.candidate.name for match in rank("", NAMES)] == [one.name for one in NAMES]


def test_the_best_fit_comes_first() -> None:
    assert [match.candidate.name for match in rank("se", NAMES)] == ["sessions", "resume", "steer"][:1] + [
        match.candidate.name for match in rank("se", NAMES)[1:]
    ]
    assert rank("new", NAMES)[0].candidate.name == "new"
    assert rank("xyz", NAMES) == ()


def test_an_alias_completes_to_its_command() -> None:
    (match,) = rank("quit", [Candidate(name="exit", aliases=("quit",))])
    assert (match.candidate.name, match.text) == ("exit", "quit")


@given(st.lists(st.sampled_from([-1, 1]), max_size=40), st.integers(1, 20))
def test_the_mark_stays_in_view(steps: list[int], count: int) -> None:
    choice = Choice(tuple(Match(Candidate(name=str(number)), str(number)) for number in range(count)))
    for step in steps:
        choice = choice.moved(step, ROWS)
        assert choice.current in choice.visible(ROWS)
        assert len(choice.visible(ROWS)) == min(ROWS, count) or choice.top + ROWS > count
