"""Which model a session asks, and which models it has opened itself."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import cast

from agentick_core.errors import NoModelError, ValidationError
from agentick_core.models.model import ChatModel
from agentick_core.session.options import SessionOptions
from agentick_core.session.patience import in_time
from agentick_core.storage.journal import JournalRecord, ModelChosen


class ModelChoice:
    """The session's own model, remembered by its spec; else the app's, else the tree's."""

    def __init__(
        self, options: SessionOptions, spec: str | None, note: Callable[[JournalRecord], None]
    ) -> None:
        self._options = options
        self._note = note
        self._own: ChatModel | None = None
        self._from_tree: ChatModel | None = options.inherited_model
        self._opened: list[ChatModel] = []
        self.spec = spec

    @property
    def known(self) -> ChatModel | None:
        """The session's own model or the app's; None where only the tree knows, or the spec is not opened yet."""
        if self._own is None and self.spec is not None:
            return None
        return self._own or self._options.model

    @property
    def given(self) -> ChatModel | None:
        """The model that the session was given as an object, which whoever made it closes."""
        return None if self._own in self._opened else self._own

    @property
    def of_tree(self) -> ChatModel | None:
        """The model that the tree named last, or the parent's tree; what stands where nothing else is known."""
        return self._from_tree

    def for_tick(self, from_tree: object | None) -> ChatModel:
        """Choose the model of a tick.

        Raises:
            NoModelError: there is none.
            NotFoundError: the spec that is stored names no model here.
            ValidationError: what the tree names is not a model.
        """
        self._open_stored()
        if from_tree is not None and not hasattr(from_tree, "stream"):
            raise ValidationError(
                f"Model takes a model, not {from_tree!r}",
                hint='Write Model(openai("NAME")), or create_app(agent, model="openai:NAME").',
            )
        self._from_tree = cast("ChatModel | None", from_tree) or self._options.inherited_model
        model = self._own or self._options.model or self._from_tree
        if model is None:
            raise NoModelError
        return model

    def for_child(self) -> ChatModel | None:
        """Give the model that a child inherits before any of a tree.

        Raises:
            NotFoundError: the spec that is stored names no model here.
        """
        self._open_stored()
        return self.known

    def choose(self, model: ChatModel | str) -> ChatModel:
        """Use this model from the next tick on, and after a restore.

        Raises:
            NotFoundError: the spec names no model.
        """
        self._own = chosen = self.open(model) if isinstance(model, str) else model
        self.spec = chosen.info.spec or None
        self._note(ModelChosen(self.spec))
        return chosen

    def open(self, spec: str) -> ChatModel:
        """Make the model of a spec; it is closed with the session."""
        model = self._options.open_model(spec)
        self._opened.append(model)
        return model

    def _open_stored(self) -> None:
        if self._own is None and self.spec is not None:
            self._own = self.open(self.spec)

    async def close(self) -> None:
        """Close the models that were opened here."""
        async with AsyncExitStack() as steps:
            for model in self._opened:
                steps.push_async_callback(in_time, f"aclose() of {model.info.id}", model.aclose)
