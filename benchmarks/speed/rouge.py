"""How fast is our ROUGE? ROUGE-1, -2, -L and -Lsum of the same pairs, against the package rouge-score, in one run.

    python benchmarks/speed/rouge.py

10,000 pairs of about 14 words, as questions are, and 2,000 of about 120 in four lines, as feedback is: each text its
reference with words changed, dropped and moved. Both sides make F of each pair; ours starts from a table's rows, cold,
as `attain score` does. CPU seconds of one thread; the exit status is 1 if any F differs by more than 1e-12.
"""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from rouge_score.rouge_scorer import RougeScorer

from attain.core.metric import Metric, Sums
from attain.core.table import Predictions, Rows
from attain.metrics._text import words_of
from attain.metrics.discover import find

Texts = list[tuple[str, str]]
Names = tuple[str, ...]
WORDS = 3_000
PEERS = {"rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_l": "rougeL", "rouge_lsum": "rougeLsum"}
TOGETHER = ("rouge_1", "rouge_2", "rouge_l")


def main() -> None:
    differ = False
    by_us(made(9, 14, 2), tuple(PEERS))  # compiles
    for pairs, length, lines in ((10_000, 14, 1), (2_000, 120, 4)):
        texts = made(pairs, length, lines)
        print(f"{pairs:,} pairs of about {length} words")
        for names in (TOGETHER, *((name,) for name in PEERS)):
            ours, own_seconds = timed(by_us, texts, names)
            theirs, their_seconds = timed(by_them, texts, names)
            worst = float(np.abs(ours - theirs).max())
            differ |= worst > 1e-12
            print(
                f"  {' + '.join(names):28} {own_seconds:6.2f} CPU-s, rouge-score {their_seconds:6.2f}: "
                f"{their_seconds / own_seconds:5.1f} times as fast; greatest difference {worst:.0e}"
            )
    if differ:
        sys.exit("The scores differ.")


def made(pairs: int, length: int, lines: int) -> list[tuple[str, str]]:
    """Texts and their references."""
    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(list("abcdefghijklmnoprstuvw"), rng.integers(2, 9))) for _ in range(WORDS)])
    common = 1 / np.arange(1, WORDS + 1)
    out = []
    for _ in range(pairs):
        size = max(4, int(rng.normal(length, length / 6)))
        reference = rng.choice(words, size, p=common / common.sum())
        kept = reference[rng.random(size) < 0.8]
        changed = np.where(rng.random(len(kept)) < 0.3, rng.choice(words, len(kept)), kept)
        out.append((written(changed, lines), written(reference, lines)))
    return out


def written(words: np.ndarray, lines: int) -> str:
    return "\n".join(" ".join(part).capitalize() + "." for part in np.array_split(words, lines))


def by_us(texts: Texts, names: Names) -> np.ndarray:
    """F of each pair, shape (pairs, metrics): each pair is a unit of its own, so a unit's sum is its F."""
    words_of.cache_clear()
    frame = pd.DataFrame(texts, columns=["text", "references"])
    frame["references"] = [json.dumps([text]) for text in frame["references"]]
    rows = Predictions(frame.assign(fold=0, example=frame.index, unit=frame.index, target=0.0, score=1.0)).rows(
        "answer"
    )
    return np.column_stack([of(find(f"{name}[google]"), rows) for name in names])


def of(metric: Metric, rows: Rows) -> np.ndarray:
    statistic = metric.function(rows)
    assert isinstance(statistic, Sums)
    return statistic.by_unit[:, 0]


def by_them(texts: Texts, names: Names) -> np.ndarray:
    scorer = RougeScorer([PEERS[name] for name in names])
    found = [scorer.score(reference, piece) for piece, reference in texts]
    return np.array([[one[PEERS[name]].fmeasure for name in names] for one in found])


def timed(work: Callable[[Texts, Names], np.ndarray], texts: Texts, names: Names) -> tuple[np.ndarray, float]:
    start = time.process_time()
    found = work(texts, names)
    return found, time.process_time() - start


if __name__ == "__main__":
    main()
