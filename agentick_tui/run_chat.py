"""The way into the screen and every way out of it: the terminal is restored, and how to resume is said."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from shutil import get_terminal_size

from agentick_core.errors import AgentickError
from agentick_tui.app import ChatApp
from agentick_tui.engine.exit_codes import exit_code_for
from agentick_tui.engine.options import ChatOptions
from agentick_tui.failure_log import write_failure
from agentick_tui.own_terminal import terminal_to_itself
from agentick_tui.prompt.terminal_keys import mend_terminal_keys
from agentick_tui.streams import say, say_error
from agentick_tui.terminal_background import Background, background, typed_ahead, unechoed
from agentick_tui.terminal_output import write_in_own_thread
from agentick_tui.theme import for_terminal, load_theme

DARK, LIGHT = "agentick-dark", "agentick-light"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_chat(options: ChatOptions) -> int:
    """Open the screen, and give the exit code once it is closed."""
    with unechoed() as found:
        ground = Background(True, typed_ahead()) if options.theme else background()
        mend_terminal_keys(ground.typed)
        name = options.theme or (DARK if ground.dark else LIGHT)
        app = ChatApp(options, for_terminal(load_theme(name, options.themes)))
        app.terminal_found = found
        with terminal_to_itself():
            asyncio.run(_run(app))
    if app.failure is not None:
        _say_failure(app.failure, options)
    if app.begun is not None and app.begun.resume_hint:
        say(app.begun.resume_hint)
    if app.failure is not None:
        # Whoever has left already, with 0, has not seen yet what fails while all is closed.
        return app.return_code or exit_code_for(app.failure)
    return app.return_code or 0


async def _run(app: ChatApp) -> None:
    """Run the screen; a signal to end and a terminal that is gone end it in order."""
    loop = asyncio.get_running_loop()
    for each in SIGNALS:
        loop.add_signal_handler(each, app.quit, 128 + each)

    def from_any_thread(call: Callable[[], object]) -> None:
        # The writer may outlive the loop.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(call)

    write_in_own_thread(
        gone=lambda: from_any_thread(lambda: app.quit(128 + signal.SIGHUP)),
        late=lambda: from_any_thread(app.wake),
    )
    # By itself Textual would measure a stdout that leads nowhere by now, and lay out the first picture for 80x25.
    await app.run_async(size=get_terminal_size())


def _say_failure(failure: BaseException, options: ChatOptions) -> None:
    if isinstance(failure, AgentickError):
        say_error(failure)
    else:
        hint = "" if options.log else "Run it again with --debug to write the details to a log."
        say_error(AgentickError(f"The screen failed: {type(failure).__name__}: {failure}", hint=hint))
    if options.log is not None:
        write_failure(failure, options.log)
