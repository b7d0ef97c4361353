"""The fake provider as other tests start it: in a thread, and as a process."""

import json
import subprocess
import sys

from agentick_core.models.openai import OpenAIModel
from tests.core.models.asking import answer_from, asking
from tests.fakes import fake_provider_thread


async def test_it_runs_in_a_thread_for_tests_without_a_loop():
    with fake_provider_thread(["Hello there"], repeat=True) as server:
        model = OpenAIModel("m", base_url=server.base_url)
        for _ in range(2):
            assert (await answer_from(model, asking("Hi"))).message.text == "Hello there"
        await model.aclose()

    assert len(server.requests) == 2


async def test_it_runs_as_a_process_and_prints_where():
    script = json.dumps([{"text": "Hello", "calls": [{"name": "clock"}], "usage": [1, 2]}])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(script)
        process.stdin.close()
        model = OpenAIModel("m", base_url=process.stdout.readline().strip())
        answer = await answer_from(model, asking("Hi"))
        await model.aclose()
        process.terminate()

    assert answer.message.text == "Hello"
    assert answer.message.tool_uses[0].name == "clock"
