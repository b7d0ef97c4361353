"""How something was copied, said truthfully: a terminal never tells whether it took it."""


def copied_how(text: str) -> str:
    """Say what was handed to the terminal."""
    size = f"{len(text)} character{'s' if len(text) != 1 else ''}"
    return f"Handed {size} to the terminal's clipboard (OSC 52); it does not say whether it took them"
