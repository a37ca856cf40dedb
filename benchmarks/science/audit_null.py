"""Does an audit accuse fair systems, and does it find unfair ones? Simulated worlds, with what is known about each.

    python benchmarks/science/audit_null.py                   # 1,000 fair worlds, 100 of each planted bias: minutes
    python benchmarks/science/audit_null.py --worlds 100      # a look

A fair world: 2,000 enrolments in four courses; cohorts by gender and age have nothing to do with outcomes or scores. An
unfair one: the scores of women are lifted. The highest fifth is flagged. Each audit makes some forty tests, crude and
within courses, and corrects for all of them (Holm); a fair world counts as accused if any gap is found. The same worlds
without correction are counted beside. Where learners repeat, whole learners are dealt.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from attain.audit.capacity import Capacity, flag_highest
from attain.audit.findings import AuditRules, audit
from attain.audit.rates import rates
from attain.audit.rows import AuditRows, audit_rows

ALPHA = 0.05
RATES = rates(["false_positive_rate", "false_negative_rate", "false_discovery_rate", "selection_rate"])
BIASES = (0.25, 0.5, 1.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=1000, help="fair ones; a tenth of it for each bias")
    chosen = parser.parse_args()
    begun = time.process_time()
    rows = [fair(chosen.worlds, repeat=False), fair(chosen.worlds // 10, repeat=True)]
    rows += [unfair(chosen.worlds // 10, bias) for bias in BIASES]
    print(json.dumps({"rows": rows, "cpu_s": round(time.process_time() - begun)}, indent=1))
    return 0 if all(row["interval"][0] <= ALPHA for row in rows[:2]) else 1


def fair(worlds: int, *, repeat: bool) -> dict[str, object]:
    accused, uncorrected, clear, tests = 0, 0, [], []
    for seed in range(worlds):
        made = world(seed, bias=0.0, repeat=repeat)
        numbers = audit(made, flag_highest(made, Capacity(share=0.2)).flag, RATES, AuditRules(seed=seed))
        verdicts = [finding.verdict for finding in numbers.findings]
        accused += "gap found" in verdicts
        uncorrected += any(f.gap.p is not None and f.gap.p < ALPHA for f in numbers.findings)
        clear.append(verdicts.count("no clear gap") / len(verdicts))
        tests.append(numbers.n_tests)
    return {
        "world": f"fair{', learners repeat' if repeat else ''}",
        "worlds": worlds,
        "tests_each": float(np.mean(tests)),
        "accused": accused / worlds,
        "interval": interval(accused, worlds),
        "accused_without_correction": uncorrected / worlds,
        "share_no_clear_gap": round(float(np.mean(clear)), 3),
    }


def unfair(worlds: int, bias: float) -> dict[str, object]:
    found, wrong, gaps, detectable = 0, 0, [], []
    for seed in range(worlds):
        made = world(seed, bias=bias, repeat=False)
        numbers = audit(made, flag_highest(made, Capacity(share=0.2)).flag, RATES, AuditRules(seed=seed))
        (planted,) = [
            finding
            for finding in numbers.findings
            if (finding.gap.attribute, finding.gap.rate) == ("gender", "false_positive_rate") and not finding.gap.within
        ]
        found += planted.verdict == "gap found"
        wrong += any(f.verdict == "gap found" and f.gap.attribute == "age" for f in numbers.findings)
        gaps.append(planted.gap.value)
        detectable.append(planted.gap.detectable)
    return {
        "world": f"scores of women lifted by {bias} logits",
        "worlds": worlds,
        "false_positive_gap": round(float(np.mean(gaps)), 3),
        "detectable_gap_it_prints": round(float(np.mean(detectable)), 3),
        "found": found / worlds,
        "interval": interval(found, worlds),
        "accused_by_age": wrong / worlds,
    }


def interval(count: int, n: int) -> list[float]:
    ends = binomtest(count, n).proportion_ci()
    return [round(float(ends.low), 4), round(float(ends.high), 4)]


def world(seed: int, *, bias: float, repeat: bool, n: int = 2000) -> AuditRows:
    rng = np.random.default_rng(seed)
    learners = n * 2 // 3 if repeat else n
    unit = rng.integers(0, learners, n) if repeat else np.arange(n)
    gender = np.where(rng.random(learners) < 0.5, "F", "M")
    age = rng.choice(["18-24", "25-34", "35-54", "55+"], learners, p=[0.5, 0.3, 0.15, 0.05])
    course = rng.choice([*"ABCD"], n)
    if repeat:
        pairs = pd.DataFrame({"unit": unit, "course": course}).drop_duplicates().index
        unit, course, n = unit[pairs], course[pairs], len(pairs)
    latent = rng.normal(size=learners)[unit] + 0.5 * rng.normal(size=n) + 0.5 * (course == "A")
    target = latent + rng.normal(size=n) > 0.5
    score = 1 / (1 + np.exp(-latent - bias * (gender[unit] == "F") - rng.normal(size=n)))
    names = np.array([f"l{u}" for u in range(learners)])
    frame = pd.DataFrame({"unit": names[unit], "target": target * 1.0, "score": score, "course": course})
    return audit_rows(
        frame, pd.DataFrame({"gender": gender, "age": age}, index=names), by=["gender", "age"], stratum="course"
    )


if __name__ == "__main__":
    sys.exit(main())
