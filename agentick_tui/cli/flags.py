"""The flags that the chat and `agentick run` share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What was said on the command line; None and False where nothing was."""

    model: str | None = None
    base_url: str | None = None
    target: str | None = None
    database: str | None = None
    theme: str | None = None
    resume: str | None = None
    go_on: bool = False
    debug: bool = False

    def under(self, other: "Flags") -> "Flags":
        """Give `other`, with these flags where it says nothing."""
        return Flags(
            model=self.model if other.model is None else other.model,
            base_url=self.base_url if other.base_url is None else other.base_url,
            target=self.target if other.target is None else other.target,
            database=self.database if other.database is None else other.database,
            debug=self.debug or other.debug,
        )
