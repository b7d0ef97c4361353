"""The least a Textual application can do: show each key. `python -m tests.bench.bare_app` is the bound of the start."""

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """Shows the last key."""

    def compose(self) -> ComposeResult:
        """Build the one widget."""
        yield Static("ready")

    def on_key(self, event: events.Key) -> None:
        """Show the key."""
        self.query_one(Static).update(event.character or "")


if __name__ == "__main__":
    BareApp().run()
