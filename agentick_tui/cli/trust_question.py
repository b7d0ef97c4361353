"""The question whether a folder is trusted: asked once, before the screen opens, where the folder has settings."""

import sys
import termios
from contextlib import suppress
from pathlib import Path

from agentick_tui.paths import Places
from agentick_tui.sanitize import shown
from agentick_tui.settings.layers import PROJECT_FILE, SettingsError, read_file
from agentick_tui.settings.trust import remember_trust, trust_of
from agentick_tui.streams import say, say_without_end

QUESTION = "Use them? Only if you trust whoever wrote them. [y/N] "


def ask_for_trust(folder: Path, places: Places) -> None:
    """Ask about a folder that has settings of its own and was not asked about yet, and keep the answer.

    Whoever ends the input instead has not answered, and is asked again next time.
    """
    project = folder / PROJECT_FILE
    if not project.is_file() or trust_of(folder, places) is not None:
        return
    say(f"This folder has settings of its own: {shown(str(project))}")
    for line in _contents(project):
        say(f"  {line}")
    # What was typed before the question was there is no answer to it.
    with suppress(termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    say_without_end(QUESTION)
    answer = sys.stdin.readline()
    if not answer:
        return
    trusted = answer.strip().lower() in ("y", "yes")
    remember_trust(folder, places, trusted=trusted)
    if not trusted:
        say(f"They are not used. To be asked again, take the folder out of {shown(str(places.trusted))}.")


def _contents(project: Path) -> list[str]:
    try:
        settings = read_file(project, "project")
    except SettingsError as error:
        return [shown(error.message)]
    return [f"{name} = {shown(setting.value or '')}" for name, setting in settings.items()]
