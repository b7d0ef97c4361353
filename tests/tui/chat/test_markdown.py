"""What Markdown looks like, as plain text at several widths."""

import pytest

from tests.tui.chat.pictures import answer_picture

TEXT = """# Bees
They are **small** insects, see [this](https://b.ee) or <https://b.ee>.
## Ways
1. gather nectar from flowers
1. make honey
   - in cells
     - of wax

- [x] read
- [ ] write

> A hive
> is a city.
>
> - big

| what | many |
|:--|--:|
| hives | 12 |

---

```py
x = "a"

y = 2
```
"""
AT_40 = """\
   Bees
   They are small insects, see this
   (https://b.ee) or https://b.ee.
   Ways
   1. gather nectar from flowers
   2. make honey
      ◦ in cells
        ▪ of wax

   ☑ read
   ☐ write

   ▎ A hive is a city.
   ▎
   ▎ • big

   what  │ many
   ──────┼─────
   hives │   12

   ────────────────────────────────────

    py
    x = "a"

    y = 2"""
AT_20 = """\
   Bees
   They are small
   insects, see
   this
   (https://b.ee)
   or https://b.ee.
   Ways
   1. gather nectar
      from flowers
   2. make honey
      ◦ in cells
        ▪ of wax

   ☑ read
   ☐ write

   ▎ A hive is a
   ▎ city.
   ▎
   ▎ • big

   what  │ many
   ──────┼─────
   hives │   12

   ────────────────

    py
    x = "a"

    y = 2"""


@pytest.mark.parametrize(("width", "expected"), [(20, AT_20), (40, AT_40), (80, AT_40)])
def test_every_kind_of_block_has_its_picture(width: int, expected: str) -> None:
    drawn = answer_picture(TEXT, width)
    if width == 80:
        # Only what was wrapped and the rule know of the width.
        expected = expected.replace("this\n   (https", "this (https").replace("─" * 36, "─" * 76)
    assert drawn == expected


def test_a_table_too_narrow_for_its_columns_becomes_a_list() -> None:
    table = "| name | age | town | job |\n|-|-|-|-|\n| Ann | 30 | Rome | cook |\n| Bob | 31 | Oslo | smith |"
    assert answer_picture(table, 24) == (
        "   name: Ann\n   age: 30\n   town: Rome\n   job: cook\n   ────────────────────\n"
        "   name: Bob\n   age: 31\n   town: Oslo\n   job: smith"
    )


def test_the_columns_of_a_table_share_what_room_there_is() -> None:
    table = "| a | b |\n|-|-|\n| short | a rather long cell that wraps |"
    assert answer_picture(table, 34) == (
        "   a     │ b\n   ──────┼───────────────────────\n   short │ a rather long cell\n         │ that wraps"
    )


def test_markup_of_the_terminal_library_and_html_are_plain_text() -> None:
    assert answer_picture("[red]not red[/red] <b>x</b> &amp; [@click=quit]q[/]", 80) == (
        "   [red]not red[/red] <b>x</b> & [@click=quit]q[/]"
    )


def test_deep_nesting_and_broken_markdown_are_drawn_anyway() -> None:
    assert answer_picture("> " * 200 + "deep", 40)
    assert answer_picture("- " * 200 + "deep", 40)
    assert answer_picture("**open `code [link](http://", 40).startswith("   **open")
    assert answer_picture("|a|\n|-|\n" + "|" * 500, 40)


def test_a_megabyte_without_a_break_is_drawn() -> None:
    assert answer_picture("QUJD" * 250_000, 80).count("\n") >= 9_999


def test_an_entity_brings_nothing_back_that_the_filter_takes_out() -> None:
    assert answer_picture("a&#x202e;b &#12;c &#27;[31m `&#x9b;` ![alt](u)", 80) == (
        "   a\ufffdb c \ufffd[31m &#x9b; [alt] (u)"
    )
