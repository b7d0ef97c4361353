"""Collapsed content: what stands instead of it, who opens it, and when it closes again."""

import pytest

from agentick_core.components import (
    XML,
    Code,
    Collapse,
    Collapsed,
    Document,
    Expandable,
    Image,
    Knobs,
    Message,
    Section,
    Strong,
    System,
    Text,
    Timeline,
    User,
)
from agentick_core.hooks import use_ref, use_state
from agentick_core.testing import ScriptedModel, call, compile_agent, render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Child, Nodes
from tests.core.session.talk import talking


@component
def Shows(*children: Child) -> Nodes:
    yield children
    yield Knobs()


async def test_k7_collapsed_content_is_opened_by_the_model_and_closes_after_the_execution() -> None:
    @component
    def Root() -> Nodes:
        yield Section("The whole long text.", id="notes", collapsed="in short")
        yield Timeline()
        yield Knobs()

    with ScriptedModel(call("set_knob", name="notes-1", value=True), "read", "later") as model:
        async with talking(model, Root) as session:
            await session.send("go").result
            await session.send("again").result
        short = '<collapsed name="notes-1">in short</collapsed>'
        assert [request.sections["notes"] for request in model.requests] == [
            short,
            "The whole long text.",
            short,
        ]
        assert "notes-1" not in model.requests[0].sections["knobs"]
        assert "<collapsed>" in model.requests[0].sections["knobs"]


async def test_k7_a_group_is_opened_at_once_and_may_stay_open() -> None:
    @component
    def Root() -> Nodes:
        for name in ("a", "b"):
            how = Collapse(summary=name, name=f"doc {name}", group='"docs"', momentary=name == "a")
            yield Section(f"all of {name}", id=name, collapsed=how)
        yield Timeline()
        yield Knobs()

    with ScriptedModel(call("set_knob", group='"docs"', value=True), "read", "later") as model:
        async with talking(model, Root) as session:
            await session.send("go").result
            await session.send("again").result
        closed = '<collapsed name="doc a" group="&quot;docs&quot;">a</collapsed>'
        assert model.requests[0].sections["a"] == closed
        opened = {"a": "all of a", "b": "all of b"}
        assert {name: model.requests[1].sections[name] for name in opened} == opened
        assert (model.requests[2].sections["a"], model.requests[2].sections["b"]) == (closed, "all of b")


async def test_messages_system_texts_and_content_collapse_too_each_under_a_name_of_its_own() -> None:
    compiled = await compile_agent(
        Shows(
            System("long", collapsed="system"),
            User("long", collapsed="user"),
            Message(Code("long", collapsed="code"), Code("x = 1"), role="user"),
            User(Text("long", collapsed="text"), Image("http://x/y.png", collapsed="a picture")),
            User("long", collapsed="user too"),
        )
    )
    assert compiled.system == ('<collapsed name="system-1">system</collapsed>',)
    assert [message.text for message in compiled.messages[:4]] == [
        '<collapsed name="user-1">user</collapsed>',
        '<collapsed name="code-1">code</collapsed>\n\n```\nx = 1\n```',
        '<collapsed name="text-1">text</collapsed>\n\n<collapsed name="image-1">a picture</collapsed>',
        '<collapsed name="user-2">user too</collapsed>',
    ]


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ("  two\n\nlines ", "two lines"),
        ("word " * 40, ("word " * 16)[:79].rstrip() + "…"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        (Code("import this\nrest"), "``` import this rest ```"),
        (Document("http://x/y.pdf", title="Report"), "[document: Report]"),
    ],
)
async def test_without_a_summary_the_beginning_stands_there_at_most_80_characters(
    content: Child, summary: str
) -> None:
    compiled = await compile_agent(Shows(Section(content, id="s", collapsed=True)))
    assert len(summary) <= 80
    assert compiled.sections["s"] == f'<collapsed name="s-1">{summary}</collapsed>'


@pytest.mark.parametrize("summary", [None, False])
async def test_what_is_not_to_be_collapsed_has_no_knob(summary: bool | None) -> None:
    compiled = await compile_agent(Shows(Section("long", id="s", collapsed=summary)))
    assert (dict(compiled.sections), compiled.tools) == ({"s": "long"}, ())


async def test_an_empty_summary_collapses_and_a_node_can_be_one() -> None:
    compiled = await compile_agent(
        Shows(
            Section("long", id="a", collapsed=""),
            Section("long", id="b", collapsed=Strong("bold")),
            Section("long", id="c", content="given", collapsed=True),
        )
    )
    assert compiled.sections["a"] == '<collapsed name="a-1"></collapsed>'
    assert compiled.sections["b"] == '<collapsed name="b-1">**bold**</collapsed>'
    assert compiled.sections["c"] == '<collapsed name="c-1">long given</collapsed>'


@pytest.mark.parametrize("summary", [None, "in short"])
async def test_what_collapsed_content_adds_elsewhere_comes_only_when_it_is_open(summary: str | None) -> None:
    @component
    def Root() -> Nodes:
        yield Section(
            Expandable("A manual.", System("Obey the manual."), summary=summary, name="manual"), id="shelf"
        )

    closed = await compile_agent(Root)
    assert closed.system == (closed.sections["shelf"],)
    opened = await compile_agent(Root, state={"knob:manual": True})
    assert opened.system == ("Obey the manual.", "A manual.")


async def test_in_xml_the_summary_is_escaped_once() -> None:
    compiled = await compile_agent(
        Shows(
            XML(
                Section("a < b", id="auto", collapsed=True),
                Section("long", id="given", collapsed="a & b"),
                Section(Collapsed("<", name='n"'), id="tag"),
            )
        )
    )
    assert compiled.sections["auto"] == '<collapsed name="auto-1">a &lt; b</collapsed>'
    assert compiled.sections["given"] == '<collapsed name="given-1">a &amp; b</collapsed>'
    assert compiled.sections["tag"] == '<collapsed name="n&quot;">&lt;</collapsed>'


async def test_collapsed_content_keeps_its_name_from_render_to_render_and_disturbs_nobody() -> None:
    before = False

    @component
    def Counter() -> Nodes:
        count = use_ref(0)
        count.current += 1
        yield f"count {count.current}"

    @component
    def Root() -> Nodes:
        use_state(0)
        if before:
            yield System("x")
        yield Section(Expandable(Counter(), summary="hidden", kind="part"), id="a")
        yield Section(Counter(), id="b")
        yield Knobs()

    async with render_agent(Root) as agent:
        assert (await agent.tick()).sections["a"] == '<collapsed name="part-1">hidden</collapsed>'
        before = True
        second = await agent.tick()
        assert second.sections["a"] == '<collapsed name="part-1">hidden</collapsed>'
        assert (second.sections["b"], second.tree.passes) == ("count 2", 1)
