"""How many tokens each part of a tree takes, and whose they are."""

from agentick_core.compile.annotate import annotate
from agentick_core.compile.calibration import Calibration
from agentick_core.components import Ephemeral, Section, System, Timeline, User
from agentick_core.messages.blocks import Base64Source, ImageBlock
from agentick_core.testing import compile_agent
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


@tool
async def look(query: str) -> str:
    """Look something up."""
    return query


@component
def Notes() -> Nodes:
    yield Section("12345678", id="notes")
    yield Section("1234", id="shared")
    yield look


@component
def Root() -> Nodes:
    yield System("1234")
    yield Notes()
    yield Section("5678", id="shared")
    yield User("12345")
    yield Timeline()
    yield Ephemeral("1")


async def test_l7_every_part_has_its_estimate() -> None:
    compiled = await compile_agent(Root, [f"{'x' * 8}"])
    tokens = annotate(compiled.tree, compiled.request.tools)
    assert tokens.system == (1 + 4 + 4,)
    assert tokens.sections == {"notes": 2 + 4 + 4, "shared": 3 + 4 + 4}
    assert tokens.messages == (2 + 4 + 4, 2 + 4 + 4)
    assert tokens.ephemeral == (1 + 4 + 4,)
    assert list(tokens.tools) == ["look"]
    assert tokens.total == 9 + 10 + 11 + 10 + 10 + 9, "without the tools"
    assert tokens.estimated


async def test_the_estimates_are_summed_up_by_component() -> None:
    compiled = await compile_agent(Root, ["x" * 8])
    tokens = annotate(compiled.tree, compiled.request.tools)
    assert tokens.by_component == {
        "Root": 9 + 10 + 9,
        "Notes": 10 + 11 + tokens.tools["look"],
        "Timeline": 10,
    }
    assert sum(tokens.by_component.values()) == tokens.total + sum(tokens.tools.values())


async def test_l7_an_estimator_of_ones_own_counts_every_text_and_pictures_cost_the_same() -> None:
    @component
    def Picture() -> Nodes:
        yield System("123")
        yield User(content=[ImageBlock(Base64Source("x" * 999))])

    compiled = await compile_agent(Picture)
    tokens = annotate(compiled.tree, estimator=len)
    assert (tokens.system, tokens.messages) == ((3 + 4,), (85 + 4,))


def test_estimates_are_corrected_by_what_a_model_reports() -> None:
    learnt = Calibration()
    assert learnt.corrected("m", 1000) == 1000
    learnt.learn("m", estimated=1000, reported=1500)
    assert learnt.corrected("m", 1000) == 1500
    assert learnt.corrected("other", 1000) == 1000
    for _ in range(20):
        learnt.learn("m", estimated=1000, reported=1200)
    assert 1195 <= learnt.corrected("m", 1000) <= 1210
    assert Calibration(learnt.ratios).corrected("m", 1000) == learnt.corrected("m", 1000)


def test_short_requests_and_unreported_usage_teach_nothing_and_nonsense_little() -> None:
    learnt = Calibration()
    learnt.learn("m", estimated=20, reported=400)
    learnt.learn("m", estimated=1000, reported=0)
    assert learnt.corrected("m", 1000) == 1000
    learnt.learn("m", estimated=1000, reported=10_000_000)
    assert learnt.corrected("m", 1000) == 6000
