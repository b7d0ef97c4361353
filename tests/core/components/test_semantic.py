"""Text with a meaning, as Markdown and as XML."""

from typing import Any, cast

import pytest

from agentick_core.components import (
    H1,
    H3,
    XML,
    Blockquote,
    Code,
    Column,
    Deleted,
    Document,
    Em,
    Header,
    Image,
    InlineCode,
    Json,
    Link,
    List,
    ListItem,
    Mark,
    Markdown,
    Paragraph,
    Quote,
    Row,
    Section,
    Strong,
    System,
    Table,
    Text,
)
from agentick_core.errors import ValidationError
from agentick_core.testing.compile import compile_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Child, Nodes


@component
def Root(*children: Child) -> Nodes:
    yield Section(*children, id="s")


async def written(*children: Child) -> str:
    return (await compile_agent(Root(*children))).sections["s"]


@component
def Items(*texts: str) -> Nodes:
    for text in texts:
        yield ListItem(text)


@pytest.mark.parametrize(
    ("child", "text"),
    [
        (H1("Bees"), "# Bees"),
        (H3("Bees ", Strong("now")), "### Bees **now**"),
        (Header("x", level=6), "###### x"),
        (Paragraph("a ", Em("b"), " c"), "a *b* c"),
        (Text("a", InlineCode("b"), Mark("c"), Deleted("d"), Quote("e")), 'a`b`==c==~~d~~"e"'),
        (
            Paragraph(Link("here", href="http://x"), Link(href="http://y")),
            "[here](http://x)[http://y](http://y)",
        ),
        (Blockquote("a\nb"), "> a\n> b"),
        (List("a", ListItem(Strong("b"))), "- a\n- **b**"),
        (List("a", "b", ordered=True), "1. a\n2. b"),
        (List(ListItem("a", checked=True), "b", task=True), "✓ a\n○ b"),
        (List(ListItem("a", List("b", "c")), "d"), "- a\n  - b\n  - c\n- d"),
        (List(Items("a", "b"), "c"), "- a\n- b\n- c"),
        (Table(headers=["a", "long"], rows=[["1", "2"]]), "| a   | long |\n| --- | ---- |\n| 1   | 2    |"),
        (
            Table(Row(Column("n", align="right"), "x", header=True), Row("1", Em("2"))),
            "| n   | x   |\n| --: | --- |\n| 1   | *2* |",
        ),
        (Code("a = '```'", "py"), "````py\na = '```'\n````"),
        (Json([1]), "```json\n[\n  1\n]\n```"),
    ],
)
async def test_it_is_written_as_markdown(child: Child, text: str) -> None:
    assert await written(child) == text


@pytest.mark.parametrize(
    ("child", "text"),
    [
        ("a < b", "a &lt; b"),
        (H1("Bees"), "<h1>Bees</h1>"),
        (Paragraph("a & ", Strong("b")), "<p>a &amp; <strong>b</strong></p>"),
        (List("a", ListItem("b", checked=True)), '<ul>\n<li>a</li>\n<li checked="true">b</li>\n</ul>'),
        (
            Table(headers=["a"], rows=[["<"]]),
            "<table>\n<tr><th>a</th></tr>\n<tr><td>&lt;</td></tr>\n</table>",
        ),
        (Code("a < b", "py"), '<pre><code class="language-py">a &lt; b</code></pre>'),
        (Link("x", href='"'), '<a href="&quot;">x</a>'),
        (Image("http://x/y?a&b", alt_text='"'), '<img src="http://x/y?a&amp;b" alt="&quot;"/>'),
        (Document("http://x/y.pdf", title="a < b"), "[document: a &lt; b]"),
        (Text("a ", Image("http://x/y?a&b")), 'a <img src="http://x/y?a&amp;b" alt=""/>'),
        (Markdown(Strong("b")), "**b**"),
    ],
)
async def test_it_is_written_as_xml_below_xml(child: Child, text: str) -> None:
    assert await written(XML(child)) == text


def test_a_flavour_that_there_is_not_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValidationError, match="plain, gfm, not 'github'"):
        Markdown("x", flavor=cast("Any", "github"))


async def test_blocks_stand_apart_and_inline_words_join_what_stands_beside_them() -> None:
    assert await written("a", "b") == "a\n\nb"
    assert await written("see ", Strong("this"), " now", H1("T"), "c") == "see **this** now\n\n# T\n\nc"


@pytest.mark.parametrize(
    ("child", "text"),
    [
        (
            List(ListItem("run", Code("x = 1", "py"), "then stop")),
            "- run\n  ```py\n  x = 1\n  ```\n  then stop",
        ),
        (Blockquote(Paragraph("a"), "b ", Strong("c")), "> a\n> b **c**"),
        (Paragraph("Dear ", Text("Ann"), ","), "Dear Ann,"),
        (ListItem("one:", List(Items("a")), "", "two"), "one:\n- a\ntwo"),
        (Paragraph("x ", Image("http://x/y.png", alt_text="y"), " z"), "x ![y](http://x/y.png) z"),
    ],
)
async def test_inside_a_text_what_is_a_block_has_lines_of_its_own(child: Child, text: str) -> None:
    assert await written(Text(child) if isinstance(child, ListItem) else child) == text


async def test_components_may_write_parts_of_a_text() -> None:
    @component
    def Name() -> Nodes:
        yield "Maya"

    assert (await compile_agent(Root(Paragraph("I am ", Name(), ".")))).sections["s"] == "I am Maya."
    assert await written(System("aside"), "text") == "text"


async def test_a_table_takes_numbers() -> None:
    @component
    def Root() -> Nodes:
        yield System(Table(headers=["name", "n"], rows=[["a", 1], ["b", 2.5]]))

    assert "| b    | 2.5 |" in (await compile_agent(Root)).text


def test_a_heading_has_a_level_from_1_to_6() -> None:
    with pytest.raises(ValueError, match="1 to 6, not 7"):
        Header("x", level=7)
