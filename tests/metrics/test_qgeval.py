"""Ratings of QGEval (Fu et al. 2024, arXiv 2406.05707) against what its authors print, and against other libraries.

Means are those of the table in their repository's README (WeipingFu/QGEval, commit 10686689). The correlations are
defined by their `metrics/coeff.py`: Pearson's of all 3,000 questions together.

Of the paper's own figures, the alphas of its second round of annotation and the span of the correlations between its
dimensions are checked, taken from a published summary of the paper. Its table of correlations between metrics and
people was not at hand.
"""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attain.metrics.krippendorff import krippendorff_alpha
from attain.metrics.metric_to_human import correlations, draws
from attain.metrics.rater_means import rater_means

DIMENSIONS = ("fluency", "clarity", "conciseness", "relevance", "consistency", "answerability", "answer_consistency")
RATERS = ("a1", "a2", "a3")
PRINTED = {
    "reference": (2.968, 2.930, 2.998, 2.993, 2.923, 2.832, 2.768),
    "BART-base_finetune": (2.958, 2.882, 2.898, 2.995, 2.920, 2.732, 2.588),
    "BART-large_finetune": (2.932, 2.915, 2.828, 2.995, 2.935, 2.825, 2.737),
    "T5-base_finetune": (2.972, 2.923, 2.922, 3.000, 2.917, 2.788, 2.652),
    "T5-large_finetune": (2.978, 2.930, 2.907, 2.995, 2.933, 2.795, 2.720),
    "FlanT5-base_finetune": (2.963, 2.888, 2.938, 2.998, 2.925, 2.775, 2.665),
    "FlanT5-large_finetune": (2.982, 2.902, 2.895, 2.995, 2.950, 2.818, 2.727),
    "FlanT5-xl_lora": (2.913, 2.843, 2.880, 2.997, 2.928, 2.772, 2.667),
    "FlanT5-xxl_lora": (2.938, 2.848, 2.907, 3.000, 2.943, 2.757, 2.678),
    "FlanT5-xl_fewshot": (2.975, 2.820, 2.985, 2.955, 2.908, 2.652, 2.193),
    "FlanT5-xxl_fewshot": (2.987, 2.882, 2.990, 2.988, 2.920, 2.687, 2.432),
    "GPT-3.5-turbo_fewshot": (2.972, 2.927, 2.858, 2.995, 2.955, 2.850, 2.335),
    "GPT-4-1106-preview_fewshot": (2.988, 2.987, 2.897, 2.992, 2.947, 2.922, 2.772),
    "GPT-3.5-turbo_zeroshot": (2.995, 2.977, 2.913, 2.992, 2.917, 2.823, 2.157),
    "GPT-4-1106-preview_zeroshot": (2.983, 2.990, 2.943, 2.970, 2.932, 2.883, 2.723),
}
PRINTED_OF_ALL = (2.967, 2.910, 2.917, 2.991, 2.930, 2.794, 2.588)
PRINTED_ALPHAS = (0.427, 0.576, 0.755, 0.437, 0.445, 0.661, 0.800)
METRICS = (
    "BLEU-4",
    "METEOR",
    "ROUGE-L",
    "BERTScore",
    "BLEURT",
    "Q-BLEU4",
    "QSTS",
    "BARTScore-src",
    "QRelScore",
    "RQUGE",
)


@pytest.fixture(scope="module")
def rated() -> pd.DataFrame:
    """Raters' own values and the authors' metrics, one row a question."""
    folders = [Path(folder) / "qgeval" for folder in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if folder]
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        pytest.skip("no folder of ATTAIN_DATA holds qgeval")
    frame = pd.read_csv(folder / "ratings.csv.gz", keep_default_na=False)
    scores = pd.read_csv(folder / "metric_scores.csv.gz", usecols=list(METRICS))
    return frame.assign(system=frame["source"].str.split("_", n=1).str[1], **scores)


def by_system(rated: pd.DataFrame, values: str) -> np.ndarray:
    return rated.pivot(index="system", columns="id", values=values).to_numpy(float)


@pytest.mark.data
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_means_are_the_printed_ones_to_every_digit(rated: pd.DataFrame, dimension: str) -> None:
    systems = sorted(PRINTED)
    values = np.stack([by_system(rated, f"{dimension}_{rater}") for rater in RATERS], axis=2)
    found = rater_means(values, systems, dimension, replicates=100)
    place = DIMENSIONS.index(dimension)
    assert {m.system: round(m.value or 0, 3) for m in found.means} == {s: PRINTED[s][place] for s in systems}
    assert round(float(values.mean()), 3) == PRINTED_OF_ALL[place]
    assert {(m.n_ratings, m.n_items, m.n_raters) for m in found.means} == {(600, 200, 3)}


@pytest.mark.data
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_the_raters_alphas_are_the_printed_ones_at_the_interval_level(rated: pd.DataFrame, dimension: str) -> None:
    values = rated[[f"{dimension}_{rater}" for rater in RATERS]].to_numpy(float)
    found = krippendorff_alpha(values, "interval", replicates=0)
    assert round(found.value or 0, 3) == PRINTED_ALPHAS[DIMENSIONS.index(dimension)]


@pytest.mark.data
def test_dimensions_go_together_as_far_as_is_printed(rated: pd.DataFrame) -> None:
    pairs = [(by_system(rated, one), by_system(rated, other)) for one, other in combinations(DIMENSIONS, 2)]
    levels = [{c.level: c.value for c in correlations(*pair, draws(200, 10), ["pearson"])} for pair in pairs]
    found = [level["pooled"] or 0 for level in levels]
    assert (round(min(found), 2), round(max(found), 2)) == (0.04, 0.67)


@pytest.mark.data
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_the_raters_alphas_are_those_of_nltk(rated: pd.DataFrame, dimension: str) -> None:
    agreement = pytest.importorskip("nltk.metrics.agreement")
    values = rated[[f"{dimension}_{rater}" for rater in RATERS]].to_numpy(float)
    said = [
        (rater, str(row), value) for row, own in enumerate(values) for rater, value in zip(RATERS, own, strict=True)
    ]
    distances = {"nominal": lambda a, b: float(a != b), "interval": lambda a, b: (a - b) ** 2}
    for level, distance in distances.items():
        expected = agreement.AnnotationTask(data=said, distance=distance).alpha()
        found = krippendorff_alpha(values, level, replicates=0)  # type: ignore[arg-type]  # the keys above are levels
        assert found.value == pytest.approx(expected)


@pytest.mark.data
@pytest.mark.parametrize("metric", METRICS)
def test_correlations_are_those_of_the_authors_definition(rated: pd.DataFrame, metric: str) -> None:
    for dimension in DIMENSIONS:
        metric_values, human = by_system(rated, metric), by_system(rated, dimension)
        found = {c.level: c for c in correlations(metric_values, human, draws(200, 50), ["pearson"])}
        expected = stats.pearsonr(rated[dimension], rated[metric]).statistic
        assert round(found["pooled"].value or 0, 4) == round(float(expected), 4)
        assert found["pooled"].n == 3000
        means = rated.groupby("system")[[metric, dimension]].mean()
        assert found["system"].value == pytest.approx(stats.pearsonr(means[metric], means[dimension]).statistic)
        assert found["system"].n == 15
