"""How far estimates of tokens are off, learnt from what providers report."""

from collections.abc import Mapping

# Short requests are mostly what the provider adds by itself, and teach nothing about text.
FEWEST_TOKENS = 100
MEMORY = 0.7
LEAST, MOST = 0.25, 6.0


class Calibration:
    """For each model the ratio of reported tokens to estimated ones; what was learnt last weighs most."""

    def __init__(self, ratios: Mapping[str, float] | None = None) -> None:
        self._ratios = dict(ratios or {})

    @property
    def ratios(self) -> Mapping[str, float]:
        """What was learnt, by the model's id."""
        return dict(self._ratios)

    def learn(self, model: str, *, estimated: int, reported: int) -> None:
        """Take note of how many tokens a request had that was estimated so."""
        if estimated < FEWEST_TOKENS or reported <= 0:
            return
        seen = min(MOST, max(LEAST, reported / estimated))
        before = self._ratios.get(model)
        self._ratios[model] = seen if before is None else before * MEMORY + seen * (1 - MEMORY)

    def corrected(self, model: str, estimated: int) -> int:
        """Give the estimate as it is to be taken for this model; of a model not heard of yet, as it is."""
        return round(estimated * self._ratios.get(model, 1.0))

    def estimated(self, model: str, reported: int) -> int:
        """Give the estimate that would be corrected to this many tokens."""
        return round(reported / self._ratios.get(model, 1.0))
