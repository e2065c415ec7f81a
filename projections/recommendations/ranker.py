"""The online model that weighs the sources against each other."""

from typing import Any

import numpy as np
from river import linear_model, optim

from projections.recommendations.arrays import Counts, Packed, Stored, restored, stored

LEARNING_RATE = 0.01
L2 = 1e-4


class Ranker:
    """A linear ranking, learned by River from pairs: this video was taken up, that one was not.

    Logistic regression on the difference of two videos' features, without an
    intercept, which cancels in a difference (RankNet: Burges et al., 2005).
    River learns, one pair at a time; numpy scores, since River's own prediction
    would walk the catalogue in Python.
    """

    def __init__(self, features: tuple[str, ...], first_weights: Counts) -> None:
        self._features = features
        self._first_weights = first_weights
        self._model = self._fresh(dict(zip(features, first_weights.tolist(), strict=True)), {}, 0)
        self.weights: Counts = first_weights.copy()

    def _fresh(self, weights: dict[str, float], squares: dict[str, float], steps: int) -> Any:
        optimizer = optim.AdaGrad(LEARNING_RATE)
        optimizer.g2.update(squares)
        optimizer.n_iterations = steps
        model: Any = linear_model.LogisticRegression(optimizer, l2=L2, intercept_lr=0.0)
        model._weights.update(weights)  # noqa: SLF001 - River has no other way in
        return model

    def learn(self, taken: Counts, passed_over: Counts, weight: float) -> None:
        """Prefer the features ``taken``, shape ``(features,)``, to each row of ``passed_over``."""
        for difference in (taken - passed_over).tolist():
            pair = dict(zip(self._features, difference, strict=True))
            self._model.learn_one(pair, True, w=weight)  # noqa: FBT003 - the label, where River wants it
        learned = self._model.weights
        self.weights = np.array([learned[name] for name in self._features])

    def packed(self) -> dict[str, Stored | int]:
        """For the checkpoint: weights, AdaGrad's sums of squares, steps taken."""
        squares = self._model.optimizer.g2
        return {
            "weights": stored(self.weights),
            "squares": stored(np.array([squares[name] for name in self._features])),
            "steps": self._model.optimizer.n_iterations,
        }

    def restore(self, written: Packed) -> None:
        """As it was when packed."""
        self.weights = restored(written["weights"])
        squares = restored(written["squares"])
        self._model = self._fresh(
            dict(zip(self._features, self.weights.tolist(), strict=True)),
            dict(zip(self._features, squares.tolist(), strict=True)),
            written["steps"],
        )
