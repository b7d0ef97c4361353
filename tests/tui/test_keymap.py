"""The table of keys: what each does in each state, and that no two parts of the screen fight over one."""

from itertools import combinations

import pytest

from agentick_tui.keymap import (
    ACTIONS,
    RESERVED,
    Act,
    ScreenState,
    bindings,
    decide,
    hints,
    key_help,
    key_name,
)
from agentick_tui.prompt.editor import DECIDED_KEYS
from agentick_tui.prompt.emacs import EDITING_KEYS

S = ScreenState


@pytest.mark.parametrize(
    ("state", "key", "empty", "typed"),
    [
        (S.OPEN, "enter", Act.ACCEPT, Act.ACCEPT),
        (S.OPEN, "tab", Act.ACCEPT, Act.ACCEPT),
        (S.OPEN, "escape", Act.CLOSE, Act.CLOSE),
        (S.OPEN, "ctrl+c", Act.CLOSE, Act.CLOSE),
        (S.IDLE, "enter", Act.NOTHING, Act.SEND),
        (S.IDLE, "escape", Act.NOTHING, Act.NOTHING),
        (S.IDLE, "ctrl+c", Act.ARM_QUIT, Act.KEEP_DRAFT),
        (S.IDLE, "alt+enter", Act.NEWLINE, Act.NEWLINE),
        (S.IDLE, "ctrl+d", Act.QUIT, Act.NOTHING),
        (S.IDLE, "tab", Act.NOTHING, Act.NOTHING),
        (S.COMMAND, "enter", Act.NOTHING, Act.SEND),
        (S.COMMAND, "escape", Act.INTERRUPT, Act.INTERRUPT),
        (S.COMMAND, "ctrl+c", Act.INTERRUPT, Act.INTERRUPT),
        (S.COMMAND, "alt+enter", Act.NEWLINE, Act.NEWLINE),
        (S.RUNNING, "enter", Act.STEER_FIRST, Act.QUEUE),
        (S.RUNNING, "alt+enter", Act.STEER_FIRST, Act.STEER),
        (S.RUNNING, "escape", Act.INTERRUPT, Act.INTERRUPT),
        (S.RUNNING, "ctrl+c", Act.INTERRUPT, Act.INTERRUPT),
        (S.RUNNING, "ctrl+d", Act.NOTHING, Act.NOTHING),
        (S.STOPPING, "enter", Act.NOTHING, Act.QUEUE),
        (S.STOPPING, "escape", Act.NOTHING, Act.NOTHING),
        (S.STOPPING, "ctrl+c", Act.ARM_QUIT, Act.ARM_QUIT),
        (S.CONFIRMING, "enter", Act.NOTHING, Act.NOTHING),
        (S.CONFIRMING, "escape", Act.REFUSE, Act.REFUSE),
        (S.CONFIRMING, "ctrl+c", Act.REFUSE_CANCELLED, Act.REFUSE_CANCELLED),
        (S.REASON, "enter", Act.REFUSE, Act.REFUSE_WITH_REASON),
        (S.REASON, "escape", Act.EMPTY_REASON, Act.EMPTY_REASON),
        (S.REASON, "ctrl+c", Act.REFUSE_CANCELLED, Act.REFUSE_CANCELLED),
        (S.BLOCK, "enter", Act.OPEN_BLOCK, Act.OPEN_BLOCK),
        (S.BLOCK, "escape", Act.BACK_TO_PROMPT, Act.BACK_TO_PROMPT),
        (S.BLOCK, "ctrl+c", Act.COPY, Act.COPY),
        (S.WHOLE_BLOCK, "enter", Act.NOTHING, Act.NOTHING),
        (S.WHOLE_BLOCK, "escape", Act.BACK_TO_PROMPT, Act.BACK_TO_PROMPT),
        (S.WHOLE_BLOCK, "ctrl+c", Act.COPY, Act.COPY),
    ],
)
def test_each_key_does_in_each_state_what_the_table_says(
    state: ScreenState, key: str, empty: Act, typed: Act
) -> None:
    assert decide(state, key, has_text=False) is empty
    assert decide(state, key, has_text=True) is typed


@pytest.mark.parametrize("state", ScreenState)
def test_ctrl_c_copies_a_selection_before_anything_else(state: ScreenState) -> None:
    assert decide(state, "ctrl+c", has_text=True, selection=True) is Act.COPY


@pytest.mark.parametrize("state", [S.IDLE, S.STOPPING])
def test_ctrl_c_twice_quits(state: ScreenState) -> None:
    assert decide(state, "ctrl+c", has_text=False, armed=True) is Act.QUIT
    assert decide(S.RUNNING, "ctrl+c", has_text=False, armed=True) is Act.INTERRUPT


def test_enter_on_an_empty_prompt_resumes_a_paused_queue() -> None:
    assert decide(S.IDLE, "enter", has_text=False, paused=True) is Act.RESUME_QUEUE
    assert decide(S.IDLE, "enter", has_text=True, paused=True) is Act.SEND
    assert decide(S.RUNNING, "enter", has_text=False, paused=True) is Act.STEER_FIRST


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
def test_a_newline_always_works_where_text_is_typed(key: str) -> None:
    for state in (S.IDLE, S.RUNNING, S.STOPPING):
        assert decide(state, key, has_text=True) is Act.NEWLINE
    assert decide(S.CONFIRMING, key, has_text=True) is Act.NOTHING


def test_no_application_key_takes_an_editing_key() -> None:
    editing = {key for keys in EDITING_KEYS.values() for key in keys}
    application = {key for row in ACTIONS if row.scope == "app" for key in row.keys} | set(RESERVED)
    assert not editing & application
    assert not DECIDED_KEYS & application


def test_the_editor_has_the_emacs_keys() -> None:
    editing = {key for keys in EDITING_KEYS.values() for key in keys}
    letters = {f"ctrl+{letter}" for letter in "aebfdhkuwyt"} | {"alt+b", "alt+f", "alt+d"}
    assert letters | {"ctrl+underscore", "alt+underscore"} <= editing


def test_no_two_actions_share_a_key_in_one_state() -> None:
    clashes = [
        (one.id, other.id)
        for one, other in combinations(ACTIONS, 2)
        if set(one.keys) & set(other.keys) and one.states & other.states
    ]
    assert clashes == []


def test_ids_are_unique_and_every_action_is_explained() -> None:
    assert len({row.id for row in ACTIONS}) == len(ACTIONS)
    groups = key_help()
    assert sum(len(rows) for rows in groups.values()) == len(ACTIONS)
    for when, rows in groups.items():
        keys = [key for row, _ in rows for key in row.split(", ")]
        assert len(keys) == len(set(keys)), f"{when}: one key, two meanings"


def test_bindings_are_made_from_the_table() -> None:
    made = {binding.id: binding for binding in bindings()}
    assert set(made) == {row.id for row in ACTIONS if row.scope == "app"}
    assert made["stop"].priority
    assert made["devtools"].key == "f12"


def test_hints_name_the_keys_that_count_now() -> None:
    assert hints(S.RUNNING)[:3] == (("Esc", "stop"), ("Enter", "queue"), ("Alt+Enter", "steer"))
    assert hints(S.IDLE)[0] == ("Enter", "send")
    assert ("Esc", "stop") in hints(S.COMMAND)
    assert "open" in str(hints(S.BLOCK))
    assert "open" not in str(hints(S.WHOLE_BLOCK))
    assert ("y", "yes") in hints(S.CONFIRMING, scopes=("confirm",))


@pytest.mark.parametrize(
    ("key", "name"),
    [("alt+enter", "Alt+Enter"), ("y", "y"), ("ctrl+c", "Ctrl+C"), ("f12", "F12"), ("pageup", "PgUp")],
)
def test_keys_are_written_as_people_read_them(key: str, name: str) -> None:
    assert key_name(key) == name
