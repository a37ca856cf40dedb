"""The published scores of 3,000 generated questions (Fu et al. 2024, QGEval, arXiv 2406.05707), found again.

The paper does not say which ROUGE-L and BLEU-4 they are. They are rouge-score's F with its stemmer, and NLTK's sentence
BLEU with smoothing method 1 on words split at spaces: all 3,000 rows but 6 of each agree to the four digits printed.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from attain.core.metric import Sums
from attain.core.table import Predictions
from attain.metrics.discover import find
from attain.metrics.question_form import asks

NAME = "qgeval"


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    """Questions, their references and the scores printed of them, row by row."""
    folders = [Path(folder) / NAME for folder in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if folder]
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        pytest.skip(f"no folder of ATTAIN_DATA holds {NAME}")
    rated, scored = (
        pd.read_csv(folder / f"{name}.csv.gz", keep_default_na=False) for name in ("ratings", "metric_scores")
    )
    assert (rated[["id", "prediction"]] == scored[["id", "prediction"]]).all(axis=None)
    scores = scored[["BLEU-4", "ROUGE-L"]].astype(float)
    return pd.concat([rated[["reference", "prediction", "source"]], scores], axis=1)


def by_row(identity: str, published: pd.DataFrame) -> NDArray[np.float64]:
    frame = pd.DataFrame(
        {
            "fold": 0,
            "example": np.arange(len(published)),
            "unit": np.arange(len(published)).astype(str),
            "text": published["prediction"],
            "references": [json.dumps([text]) for text in published["reference"]],
        }
    )
    statistic = find(identity).statistic(Predictions(frame))
    assert isinstance(statistic, Sums)
    return statistic.by_unit[:, 0]


@pytest.mark.data
def test_rouge_l_is_the_published_one(published: pd.DataFrame) -> None:
    apart = by_row("rouge_l[google_stemmed]", published).round(4) != published["ROUGE-L"]
    assert apart.sum() == 6
    texts = published.loc[apart, ["reference", "prediction"]]
    assert not texts.map(str.isascii).all(axis=1).any()  # all hold a name with an umlaut
    assert (by_row("rouge_l[google]", published).round(4) != published["ROUGE-L"]).sum() == 399


@pytest.mark.data
def test_bleu_4_is_the_published_one(published: pd.DataFrame) -> None:
    found = by_row("sentence_bleu[none,floor]", published) / 100
    apart = found.round(4) != published["BLEU-4"]
    assert apart.sum() == 6  # three words, a doubled space, or a name with an umlaut
    assert np.abs(found - published["BLEU-4"])[apart].max() < 0.022


@pytest.mark.data
def test_with_other_settings_the_order_of_the_systems_is_another(published: pd.DataFrame) -> None:
    """Why a score without its settings says little: sacrebleu's defaults rank the same 15 systems otherwise."""
    system = published["source"].str.partition("_")[2]
    printed = published["BLEU-4"].groupby(system).mean()
    ours = pd.Series(by_row("sentence_bleu[13a,exp]", published)).groupby(system).mean()
    assert ours.mean() / 100 - printed.mean() > 0.03
    assert (printed.rank() != ours.rank()).any()


@pytest.mark.data
def test_nearly_all_questions_of_people_and_models_have_the_form_of_one(published: pd.DataFrame) -> None:
    has_form = published["prediction"].map(asks).groupby(published["source"].str.partition("_")[2]).mean()
    assert has_form["reference"] >= 0.97
    assert has_form.min() > 0.9
