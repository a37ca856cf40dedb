"""The page on metrics of texts names metrics that there are, and every one that reads texts."""

import re
from pathlib import Path

import pytest

from attain.metrics.discover import find, metric_ids

PAGE = (Path(__file__).parents[2] / "docs/text_metrics.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z_0-9]+(?:@\w+|\[[^\]`]+\])?)`", PAGE))
NO_METRICS = {
    "unicode",
    "maths",
    "google",
    "google_stemmed",
    "effective",
    "attain[transformers]",
    "corpus_score",
    "sentence_score",
}


@pytest.mark.parametrize("name", sorted(NAMED - NO_METRICS))
def test_each_metric_that_is_named_exists(name: str) -> None:
    assert find(name).id


def test_each_metric_that_reads_texts_is_named() -> None:
    reading = {re.split(r"[@\[]", name)[0] for name in metric_ids() if {"text", "state"} & find(name).needs}
    assert reading == {find(name).id.partition("@")[0].partition("[")[0] for name in NAMED - NO_METRICS}
