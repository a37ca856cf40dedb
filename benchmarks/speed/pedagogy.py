"""How fast are opportunities and rules of mastery counted, and do they come out the same? Beside group-bys of pandas.

    python benchmarks/speed/pedagogy.py                  # 5 million answers
    python benchmarks/speed/pedagogy.py --answers 500000

Answers of 100,000 learners on 25 skills, sorted by learner, skill and order, as the tables of runs are. For each
practice of a skill: at which opportunity three right answers in a row, a moving average of .6, and a model's .95 came
first. pandas does the same by groups. CPU seconds, one thread; the exit status is 1 where the two differ.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.metrics._practice import EMA_KEEPS, _first_mastered

RULES = (("three in a row", 0, 0.0), ("model>=0.95", 1, 0.95), ("ema>=0.6", 2, 0.6))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--answers", type=int, default=5_000_000)
    n = parser.parse_args().answers
    generator = np.random.default_rng(0)
    practice = np.sort(generator.integers(100_000 * 25, size=n))
    right = (generator.random(n) < 0.65).astype(float)
    mastery = generator.random(n) ** 0.2
    start = np.flatnonzero(np.diff(practice, prepend=-1))
    for _, kind, level in RULES:
        _first_mastered(start[:3], right[:9], mastery[:9], kind, level)
    print(f"{n:,} answers, {len(start):,} practices; load {os.getloadavg()[0]:.1f}")
    frame = pd.DataFrame({"practice": practice, "right": right, "mastery": mastery})
    frame["place"] = frame.groupby("practice").cumcount() + 1
    spent, fine = 0.0, True
    for name, kind, level in RULES:
        ours, found = timed(lambda kind=kind, level=level: _first_mastered(start, right, mastery, kind, level))
        theirs, expected = timed(lambda kind=kind, level=level: by_groups(frame, kind, level))
        same = bool((found == expected).all())
        fine &= same
        spent += ours
        print(
            f"{name:16} ours {ours:.3f}   pandas {theirs:.2f}   {theirs / ours:.0f} times   "
            f"same: {'yes' if same else 'NO'}"
        )
    moved = 3 * right.nbytes + start.nbytes
    print(f"all three rules {spent:.3f} CPU seconds; {moved / 1e6:.0f} MB read, {moved / spent / 1e9:.1f} GB a second")
    return 0 if fine else 1


def timed(work: Callable[[], NDArray[np.int64]]) -> tuple[float, NDArray[np.int64]]:
    before = time.process_time()
    made = work()
    return time.process_time() - before, made


def by_groups(frame: pd.DataFrame, kind: int, level: float) -> NDArray[np.int64]:
    groups = frame.groupby("practice")
    if kind == 0:
        one, two = groups["right"].shift(1, fill_value=0), groups["right"].shift(2, fill_value=0)
        holds = (frame["right"] + one + two == 3) & (frame["place"] >= 3)
    elif kind == 1:
        holds = frame["mastery"] >= level
    else:
        zero = pd.DataFrame({"practice": frame["practice"].unique(), "right": 0.0, "place": 0})
        longer = pd.concat([zero, frame[["practice", "right", "place"]]]).sort_values(["practice", "place"])
        average = longer.groupby("practice")["right"].ewm(alpha=1 - EMA_KEEPS, adjust=False).mean()
        holds = pd.Series(average.to_numpy()[longer["place"].to_numpy() > 0] >= level - 1e-12)
    first = frame["place"].where(holds).groupby(frame["practice"]).min()
    return first.fillna(0).to_numpy(np.int64)


if __name__ == "__main__":
    sys.exit(main())
