"""One send without a screen: the answer on stdout, the progress on stderr."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from agentick_core.errors import AbortError, AgentickError
from agentick_core.events.model import MessageStart
from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.events.union import StreamEvent
from agentick_core.messages.result import SendResult
from agentick_core.session.app.app import App
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.limits import Limits
from agentick_core.session.session import Session
from agentick_core.storage.database import Database
from agentick_core.storage.sqlite import SqliteStore
from agentick_tui.engine.approval import Approver
from agentick_tui.engine.exit_codes import ExitCode, exit_code_for
from agentick_tui.engine.make_app import make_app
from agentick_tui.engine.options import WORKSPACE
from agentick_tui.engine.project_rules import ProjectRules, agent_of
from agentick_tui.engine.run_options import RunOptions
from agentick_tui.engine.run_output import (
    AnswerText,
    EventLines,
    LiveText,
    Progress,
    RunOutput,
    failed_before_start,
)
from agentick_tui.engine.stopping import Stopping
from agentick_tui.failure_log import write_failure
from agentick_tui.garbage import settle
from agentick_tui.sanitize import shown
from agentick_tui.streams import out_is_terminal, say, say_error

LIMITS = frozenset(("max_ticks", "token_limit", "cost_limit", "time_limit"))


def run_once(options: RunOptions) -> int:
    """Send the prompt, print what comes, and give the exit code."""
    run = _Run(options)
    code = asyncio.run(run.go())
    if run.failure is not None and options.log is not None:
        write_failure(run.failure, options.log)
    return code


@asynccontextmanager
async def _rules_database(app: App[Any], options: RunOptions) -> AsyncGenerator[Database]:
    """Give the file in which the project's rules are: the store's own, or the chat's where the app keeps another."""
    if isinstance(app.store, SqliteStore):
        yield app.store.database
        return
    database = Database(options.database)
    try:
        yield database
    finally:
        await database.aclose()


class _Run:
    """One run, from the app to the exit code."""

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.progress = Progress()
        self.refused = 0
        self.failure: AgentickError | None = None
        self._answered = False

    async def go(self) -> ExitCode:
        """Open the session, send, and tell how it went."""
        try:
            app = make_app(self.options)
        except AgentickError as error:
            return self._not_begun(error)
        async with app, _rules_database(app, self.options) as database:
            try:
                session = await self._open(app, database)
                limits = Limits(seconds=self.options.timeout)
                handle = await session.send(
                    self.options.prompt, max_ticks=self.options.max_ticks, limits=limits
                )
            except AgentickError as error:
                return self._not_begun(error)
            if session.model is not None:
                say(f"· {shown(session.model.info.spec)} ({shown(self._why())})")
            code = await self._follow(session, handle)
        say(f"· session {shown(session.id)}")
        return code

    async def _open(self, app: App[Any], database: Database) -> Session[Any]:
        asked = app.options.callbacks.on_tool_confirmation
        rules = ProjectRules(database, self.options.workspace, agent_of(self.options.loaded), asked)
        session = await app.session(
            self.options.session_id,
            metadata={WORKSPACE: str(self.options.workspace)},
            on_tool_confirmation=rules.decide,
        )
        model = app.options.model
        if self.options.model.fixed and model is not None and session.snapshot().model is not None:
            session.set_model(model)
        return session

    def _why(self) -> str:
        choice = self.options.model
        return choice.why if choice.fixed or self.options.loaded is None else "the app's own"

    async def _follow(self, session: Session[Any], handle: SessionExecutionHandle[Any]) -> ExitCode:
        approver = Approver(self.options.approve, session)
        output: RunOutput = (
            EventLines() if self.options.json else LiveText() if out_is_terminal() else AnswerText()
        )
        result: SendResult[Any] | None = None
        failure: AgentickError | None = None
        with Stopping(handle.abort) as stopping:
            try:
                async for event in handle:
                    self._note_answer(event)
                    output.show(event)
                    self.progress.show(event)
                    if isinstance(event, ToolConfirmationRequired):
                        await approver.answer(event)
                result = await handle.result
            except AgentickError as error:
                failure = error
            finally:
                # whatever stops the reading, such as a closed pipe, also stops the work
                handle.abort("nobody reads the answer any more")
        self.refused = approver.refused
        output.finish(None if result is None else result.response)
        return self._code(stopping, result, failure)

    def _note_answer(self, event: StreamEvent) -> None:
        """Collect garbage from the first answer on: by then all that a model needs has been imported."""
        if not self._answered and isinstance(event, MessageStart):
            self._answered = True
            settle()

    def _code(
        self, stopping: Stopping, result: SendResult[Any] | None, failure: AgentickError | None
    ) -> ExitCode:
        """Say why it ended, where it was not by itself, and give the exit code."""
        code = ExitCode.DONE if failure is None else exit_code_for(failure)
        reason = failure.details.get("limit") if failure is not None else result and result.stop_reason
        if stopping.code is not None:
            return stopping.code
        if reason == "time_limit" and self.options.timeout is not None:
            code = ExitCode.LIMIT
            say(f"agentick: stopped after {self.options.timeout:g} seconds (--timeout).")
        elif failure is not None and not isinstance(failure, AbortError):
            self._say(failure)
        elif reason in LIMITS:
            code = ExitCode.LIMIT
            say(f"agentick: stopped by a limit: {reason}.")
        if self.refused:
            say(f"agentick: {self.refused} tool call(s) needed approval. --approve all allows them.")
            return ExitCode.REFUSED
        return code

    def _not_begun(self, error: AgentickError) -> ExitCode:
        if self.options.json:
            failed_before_start(error)
        self._say(error)
        return exit_code_for(error)

    def _say(self, error: AgentickError) -> None:
        say_error(error)
        self.failure = error
