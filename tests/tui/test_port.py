"""What the port of the commands makes of what is stored."""

from agentick_tui.port import short_ids


def test_an_id_is_shown_by_its_beginning_where_that_names_it() -> None:
    ids = ["ab4908fc-73ac", "abcdefgh1", "abcdefgh2", "books"]
    assert short_ids(ids) == {
        "ab4908fc-73ac": "ab4908fc",
        "abcdefgh1": "abcdefgh1",
        "abcdefgh2": "abcdefgh2",
        "books": "books",
    }
    assert short_ids([]) == {}
