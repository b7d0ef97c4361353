"""Both adapters through the real SDKs, against a loopback server that speaks the real protocols."""

import asyncio
import json

import pytest

from agentick_core.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ContextLengthError,
    IncompleteStreamError,
    InvalidRequestError,
    ModelNotFoundError,
    OverloadedError,
    PermissionDeniedError,
    ProviderError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
)
from agentick_core.messages.blocks import TextBlock, ToolUseBlock
from agentick_core.messages.message import AssistantMessage
from agentick_core.messages.usage import Usage
from agentick_core.models.anthropic import AnthropicModel
from agentick_core.models.deltas import TextDelta
from agentick_core.models.openai import OpenAIModel
from agentick_core.models.retry import RetryPolicy, stream_with_retry
from tests.core.models.asking import ADAPTERS, SECRET, Adapter, answer_from, asking, deltas_from, served
from tests.fakes import Answer, Call, refusal

both = pytest.mark.parametrize("adapter", ADAPTERS, ids=["openai", "anthropic"])
DEADLINE = 10


@both
async def test_text_streams_in_the_pieces_that_the_server_sends(adapter: Adapter):
    async with served(adapter, [Answer(text=["Hel", "lo", " there"], usage=(12, 7))]) as (model, server):
        deltas = await deltas_from(model, asking("Hi"))
        answer = [delta.text for delta in deltas if isinstance(delta, TextDelta) and delta.text]

    assert answer == ["Hel", "lo", " there"]
    assert server.requests[0].body["model"] == "fake-model"


@both
async def test_an_answer_has_its_text_its_usage_and_its_stop_reason(adapter: Adapter):
    async with served(adapter, [Answer(text=["Hello"], usage=(12, 7), cached=4)]) as (model, _):
        answer = await answer_from(model, asking("Hi"))

    assert answer.message.content == (TextBlock("Hello"),)
    assert answer.usage == Usage(12, 7, 19, cached_input_tokens=4, ticks=1)
    assert answer.stop_reason == "stop"
    assert answer.model == "fake-model"


@both
async def test_reasoning_comes_before_the_text_as_a_block_of_its_own(adapter: Adapter):
    async with served(adapter, [Answer(reasoning=["hm, ", "yes"], text=["Yes."])]) as (model, _):
        answer = await answer_from(model, asking("Hi"))

    assert [(block.type, getattr(block, "text", "")) for block in answer.message.content] == [
        ("reasoning", "hm, yes"),
        ("text", "Yes."),
    ]


@both
async def test_parallel_tool_calls_arrive_whole_and_in_order(adapter: Adapter):
    calls = [Call("add", {"a": 1, "b": 2}, pieces=5), Call("clock"), Call("note", {"text": "ü"}, pieces=1)]
    async with served(adapter, [Answer(text=["Wait."], calls=calls)]) as (model, _):
        answer = await answer_from(model, asking("Hi"))

    assert [(use.name, dict(use.input)) for use in answer.message.tool_uses] == [
        ("add", {"a": 1, "b": 2}),
        ("clock", {}),
        ("note", {"text": "ü"}),
    ]
    assert answer.stop_reason == "tool_use"


@both
@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (refusal(401), AuthenticationError),
        (refusal(402), QuotaError),
        (refusal(403), PermissionDeniedError),
        (refusal(404), ModelNotFoundError),
        (refusal(400), InvalidRequestError),
        (refusal(400, "prompt is too long: 300000 tokens"), ContextLengthError),
        (refusal(413), ContextLengthError),
        (refusal(429), RateLimitError),
        (refusal(429, kind="insufficient_quota"), QuotaError),
        (refusal(500), OverloadedError),
        (refusal(529), OverloadedError),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else value.__name__,
)
async def test_a_refusal_becomes_its_own_error_with_a_hint(
    adapter: Adapter, refused: Answer, expected: type[ProviderError]
):
    async with served(adapter, [refused]) as (model, server):
        with pytest.raises(ProviderError) as caught:
            await deltas_from(model, asking("Hi"))

    assert type(caught.value) is expected
    assert caught.value.status == refused.status
    assert refused.message in caught.value.message
    assert caught.value.hint
    assert len(server.requests) == 1, "the SDK must not retry by itself"


@both
async def test_a_wrong_key_names_the_variable_and_never_shows_a_key(adapter: Adapter):
    echo = refusal(401, f"Incorrect API key provided: {SECRET}, or sk-other*********7890")
    async with served(adapter, [echo]) as (model, _):
        with pytest.raises(AuthenticationError) as caught:
            await deltas_from(model, asking("Hi"))
        shown = (
            repr(model)
            + str(model.provider_input(asking("Hi")))
            + str(vars(caught.value))
            + str(caught.value)
        )

    assert SECRET not in shown
    assert "7890" not in shown
    assert "_API_KEY" in caught.value.hint
    assert caught.value.__suppress_context__, "a printed traceback would show the SDK's own words"


@both
async def test_how_long_to_wait_is_read_from_the_answer(adapter: Adapter):
    async with served(adapter, [refusal(429, headers={"Retry-After": "7"})]) as (model, _):
        with pytest.raises(RateLimitError) as caught:
            await deltas_from(model, asking("Hi"))

    assert caught.value.retry_after == 7


@both
async def test_a_missing_key_says_which_variable_to_set(adapter: Adapter):
    with pytest.raises(AuthenticationError) as caught:
        await deltas_from(adapter("some-model"), asking("Hi"))

    assert "_API_KEY" in caught.value.hint


@both
async def test_an_unknown_model_names_the_nearest(adapter: Adapter):
    async with served(adapter, [refusal(404), refusal(404)]) as (_, server):
        name = "gpt-6-sool" if adapter is ADAPTERS[0] else "claude-sonet-5-5"
        model = adapter(name, base_url=server.base_url)
        with pytest.raises(ModelNotFoundError) as caught:
            await deltas_from(model, asking("Hi"))
        await model.aclose()

    assert "gpt-6-sol" in caught.value.hint or "claude-sonnet-5-5" in caught.value.hint


@both
async def test_a_server_that_is_not_there_is_named(adapter: Adapter):
    model = adapter("fake-model", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ConnectionFailedError) as caught:
        await deltas_from(model, asking("Hi"))
    await model.aclose()

    assert "http://127.0.0.1:9/v1" in caught.value.message


@both
async def test_a_gateway_that_names_the_provider_in_its_path_needs_no_key(
    adapter: Adapter, monkeypatch: pytest.MonkeyPatch
):
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    url = "http://127.0.0.1:9/api.openai.com/api.anthropic.com"
    model = adapter("fake-model", base_url=url)
    with pytest.raises(ConnectionFailedError):
        await deltas_from(model, asking("Hi"))
    await model.aclose()


@both
async def test_a_dropped_connection_is_an_error_after_the_text(adapter: Adapter):
    async with served(adapter, [Answer(text=["Half"], ending="drop")]) as (model, _):
        heard = ""
        with pytest.raises(ConnectionFailedError):
            async for delta in model.stream(asking("Hi")):
                heard += delta.text if isinstance(delta, TextDelta) else ""

    assert heard == "Half"


@both
async def test_a_stream_without_its_closing_event_is_an_error(adapter: Adapter):
    async with served(adapter, [Answer(text=["Half"], ending="unclosed")]) as (model, _):
        with pytest.raises(IncompleteStreamError):
            await deltas_from(model, asking("Hi"))


@both
async def test_an_error_event_inside_the_stream_is_an_error(adapter: Adapter):
    async with served(adapter, [Answer(text=["Half"], ending="error", message="Overloaded")]) as (model, _):
        with pytest.raises(OverloadedError, match="Overloaded"):
            await deltas_from(model, asking("Hi"))


@both
async def test_a_page_instead_of_a_stream_points_to_the_base_url(adapter: Adapter):
    async with served(adapter, [Answer(body="<html>Welcome</html>")]) as (model, _):
        with pytest.raises(InvalidRequestError, match="text/html") as caught:
            await deltas_from(model, asking("Hi"))

    assert "_BASE_URL" in caught.value.hint


@both
async def test_an_event_that_is_no_json_is_a_cut_off_answer(adapter: Adapter):
    garbage = Answer(body="event: message_start\ndata: {oops\n\n")
    async with served(adapter, [garbage]) as (model, _):
        with pytest.raises(IncompleteStreamError):
            await deltas_from(model, asking("Hi"))


@both
async def test_a_silent_server_is_a_time_out(adapter: Adapter):
    async with served(adapter, [Answer(text=["Half"], ending="hang")]) as (_, server):
        model = adapter("fake-model", base_url=server.base_url, timeout=0.2)
        with pytest.raises(ProviderTimeoutError):
            await deltas_from(model, asking("Hi"))
        await model.aclose()


@both
async def test_cancelling_the_reader_closes_the_connection_at_once(adapter: Adapter):
    async with served(adapter, [Answer(text=["Half"], ending="hang")]) as (model, server):
        heard = asyncio.Event()

        async def read() -> None:
            async for delta in model.stream(asking("Hi")):
                if isinstance(delta, TextDelta) and delta.text:
                    heard.set()

        task = asyncio.create_task(read())
        await asyncio.wait_for(heard.wait(), DEADLINE)
        assert not server.left.is_set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        await asyncio.wait_for(server.left.wait(), DEADLINE)


@both
async def test_a_model_can_be_used_again_after_it_was_closed(adapter: Adapter):
    async with served(adapter, ["One", "Two"]) as (model, _):
        assert (await answer_from(model, asking("Hi"))).message.text == "One"
        await model.aclose()
        await model.aclose()
        assert (await answer_from(model, asking("Hi"))).message.text == "Two"


@both
async def test_a_failure_that_passes_is_tried_again_before_the_first_token(adapter: Adapter):
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    script = [refusal(529), refusal(429, headers={"Retry-After": "3"}), Answer(ending="drop"), "Done"]
    async with served(adapter, script) as (model, server):
        policy = RetryPolicy(sleep=sleep, random=lambda: 0.0)
        said = [delta async for delta in stream_with_retry([model], asking("Hi"), policy=policy)]

    assert "".join(delta.text for delta in said if isinstance(delta, TextDelta)) == "Done"
    assert waits == [0.5, 3.0, 2.0]
    assert len(server.requests) == 4


@both
async def test_the_provider_input_is_what_is_sent(adapter: Adapter):
    request = asking("Hi", system=("Be calm.",))
    async with served(adapter, ["Hello"]) as (model, server):
        await deltas_from(model, request)
        shown = model.provider_input(request)

    assert shown == server.requests[0].body


@both
async def test_half_a_surrogate_pair_and_names_that_a_model_made_up_can_be_sent(adapter: Adapter):
    use = ToolUseBlock("x" * 50, "no such.tool", {"a": "\udcff"})
    said = (asking("a \udcff b").messages[0], AssistantMessage([use]))
    async with served(adapter, [Answer(text=["ok"])]) as (model, server):
        await answer_from(model, asking(*said, system=("be \ud800",)))

    sent = json.dumps(server.requests[0].body)
    assert "a \\ufffd b" in sent
    assert "no such.tool" not in sent
    assert "x" * 50 not in sent or adapter is AnthropicModel


async def test_a_password_in_the_address_is_not_shown():
    model = OpenAIModel("m", base_url="http://me:secret@127.0.0.1:9/v1", api_key=SECRET)
    with pytest.raises(ConnectionFailedError) as caught:
        await answer_from(model, asking("Hi"))
    await model.aclose()

    assert "secret" not in f"{caught.value} {caught.value.hint}"
