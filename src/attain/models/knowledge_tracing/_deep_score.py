"""How well the held-out learners are predicted: what early stopping goes by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


@dataclass(frozen=True)
class Judged:
    """Predictions of held-out answers, judged; the AUC is None where all answers are alike."""

    loss: float
    auc: float | None

    @property
    def quality(self) -> tuple[float, float]:
        """The higher the better: the AUC, and among those of the same, or of none, the log loss."""
        return self.auc or 0.0, -self.loss

    def curves(self) -> dict[str, float]:
        """As points of training curves."""
        return {"valid_loss": self.loss} | ({} if self.auc is None else {"valid_auc": self.auc})


def judged(correct: NDArray[np.integer], logit: NDArray[np.floating]) -> Judged:
    """Judge the logits of answers; shape (n,) each."""
    loss = np.logaddexp(0, np.where(correct, -logit, logit)).mean()
    return Judged(float(loss), _auc(correct, logit))


def _auc(correct: NDArray[np.integer], score: NDArray[np.floating]) -> float | None:
    """Area under the ROC curve by ranks; None where all answers are alike."""
    right = int(correct.sum())
    wrong = len(correct) - right
    if right == 0 or wrong == 0:
        return None
    return float((rankdata(score)[correct == 1].sum() - right * (right + 1) / 2) / (right * wrong))
