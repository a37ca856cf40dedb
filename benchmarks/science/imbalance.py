"""What does handling rare outcomes do to ranking and to calibration? On OULAD: who leaves within 28 days of day 28?

    ATTAIN_DATA=... python benchmarks/science/imbalance.py

Learns from 2013B, 2013J and 2014B, is judged on 2014J, and writes `results/imbalance.md`. Two minutes of one core.
The last line makes a mistake on purpose: of rows made up before the data are parted, neighbours are on both sides.
"""

import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from attain.core.table import Predictions
from attain.data.enrolment_split import ByTerm
from attain.data.enrolments import Enrolments
from attain.data.features.table import feature_table
from attain.data.load import load
from attain.data.split import Fold
from attain.metrics.compare import compare
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate
from attain.models.dropout_prediction._features import Columns
from attain.models.dropout_prediction._imbalance import balanced
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import MODELS, make_fold, run

FEATURES = ("course", "demographics", "registration", "prior_results", "assessments")
IMBALANCE = ("none", "class_weights", "undersample", "oversample", "smote")
CALIBRATION = ("none", "sigmoid", "isotonic")
METRICS = [find(name) for name in ("auc", "ece[15,quantile]", "precision@5%", "false_positive_rate@0.5")]
RESULT = Path(__file__).parent / "results" / "imbalance.md"


def main() -> None:
    dataset = load("oulad", {"as_of": 28, "outcome": "withdrawn_within", "horizon": 28})
    fold = make_fold(ByTerm(), dataset, 0)
    rate = [float(part.outcome.mean()) for part in (fold.train, fold.test)]
    lines = [
        "# Rare outcomes on OULAD: leaving within 28 days of day 28\n",
        f"Written by `imbalance.py`. {len(fold.train):,} enrolments to learn from ({rate[0]:.1%} leave), "
        f"{len(fold.test):,} of the next term to be judged on ({rate[1]:.1%} leave). In brackets: 95 % intervals over "
        "learners. *Difference*: AUC less that of the same model with nothing done, on the same resampled learners. "
        "*False alarms*: of those who stay, the share with a score of 0.5 or more.\n",
        "| model | rare outcomes | calibration | AUC | difference | ECE | mean score | precision of the highest 5 % | "
        "false alarms at 0.5 | CPU-s to fit |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for model in ("logistic_regression", "gradient_boosting"):
        plain = None
        for calibration in CALIBRATION:
            for imbalance in IMBALANCE:
                table, seconds = predicted(fold, model, imbalance, calibration)
                plain = plain or table
                lines.append(row([model, imbalance, calibration], table, plain, seconds))
                print(lines[-1], flush=True)
    lines += ["", *mistake(dataset.log)]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def predicted(fold: Fold[Enrolments], name: str, imbalance: str, calibration: str) -> tuple[Predictions, float]:
    model = MODELS.get(name).create(features=FEATURES, imbalance=imbalance, calibration=calibration)
    begun = time.process_time()
    table = run(model, fold, FitContext())
    return table, time.process_time() - begun


def row(names: list[str], table: Predictions, plain: Predictions, seconds: float) -> str:
    auc, ece, precision, alarms = evaluate(table, METRICS)
    apart = compare(table, plain, METRICS[:1])[0]
    between = "–" if table is plain else f"{apart.difference:+.3f} [{apart.low:+.3f}, {apart.high:+.3f}]"
    cells = [
        *names,
        f"{auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}]",
        between,
        f"{ece.value:.3f}",
        f"{table.frame['score'].mean():.3f}",
        f"{precision.value:.3f} [{precision.low:.3f}, {precision.high:.3f}]",
        f"{alarms.value:.3f}",
        f"{seconds:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


def mistake(log: Enrolments) -> list[str]:
    """The AUC of a random split, without and with rows that were made up before it."""
    features = feature_table(log, FEATURES)
    x, y = Columns.learn(features).scaled(features), log.outcome.astype(np.int64)
    found = []
    for how in ("none", "smote"):
        rows = balanced(x, y, how, 0)
        parts = StratifiedKFold(5, shuffle=True, random_state=0)
        score = cross_val_predict(
            HistGradientBoostingClassifier(
                max_iter=150, learning_rate=0.05, max_leaf_nodes=8, early_stopping=False, random_state=0
            ),
            rows.x,
            rows.y,
            cv=parts,
            method="predict_proba",
        )[:, 1]
        found.append(float(roc_auc_score(rows.y, score)))
    return [
        f"With a random split, gradient boosting has an AUC of {found[0]:.3f}; with SMOTE before that split it seems "
        f"to have {found[1]:.3f}. No suite can say so: rows are made up after the split, from the training part alone."
    ]


if __name__ == "__main__":
    main()
