"""The questions that wait, one after the other, and the guard against keys typed ahead; pure."""

from agentick_tui.confirm.question import Question

GUARD_SECONDS = 0.3


class QuestionQueue:
    """Waiting questions in the order in which they came; none displaces another.

    The first one's keys count only after `guard` seconds without a key since it appeared. All times are seconds
    of one monotonic clock.
    """

    def __init__(self, guard: float = GUARD_SECONDS) -> None:
        self.guard = guard
        self._waiting: list[Question] = []
        self._answered = 0
        self._quiet_since = 0.0
        self._open = False

    @property
    def current(self) -> Question | None:
        """The question that is asked now."""
        return self._waiting[0] if self._waiting else None

    @property
    def position(self) -> tuple[int, int]:
        """Which question of how many this is, counted since none waited."""
        return self._answered + 1, self._answered + len(self._waiting)

    def add(self, question: Question, now: float) -> bool:
        """Let a question wait; True when it is asked at once. The same call asks only once."""
        if any(question.call_id == other.call_id for other in self._waiting):
            return False
        self._waiting.append(question)
        if len(self._waiting) > 1:
            return False
        self._appear(now)
        return True

    def remove(self, call_id: str, now: float) -> bool:
        """Take a question out, answered or not; True when it was the one being asked."""
        for at, question in enumerate(self._waiting):
            if question.call_id == call_id:
                del self._waiting[at]
                self._answered += 1
                break
        else:
            return False
        if not self._waiting:
            self._answered = 0
        if at == 0:
            self._appear(now)
        return at == 0

    def clear(self) -> None:
        """Ask none of them any more."""
        self._waiting.clear()
        self._answered = 0

    def _appear(self, now: float) -> None:
        self._quiet_since = now
        self._open = False

    def heard(self, at: float) -> bool:
        """A key came: True when it counts as an answer, False when it was typed ahead and belongs to the prompt.

        `at` is when the key was pressed, which may lie well before the moment it is looked at.
        """
        if self._open:
            return at >= self._quiet_since
        if at - self._quiet_since >= self.guard:
            self._open = True
            return True
        self._quiet_since = max(self._quiet_since, at)
        return False
