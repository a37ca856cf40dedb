"""How fast is our BKT, and does it fit as well? Against pyBKT, on the same answers, from the same starts, in one run.

    ATTAIN_DATA=... python benchmarks/speed/kt_fit.py          # 12 skills, spread over all sizes: a minute
    ATTAIN_DATA=... python benchmarks/speed/kt_fit.py --all    # every skill: minutes, nearly all of them pyBKT's
    python benchmarks/speed/kt_fit.py --dataset simulated           # no data needed

Both sides start from the same pandas frame (user, skill, correct) in a process of their own, and end with parameters
for each skill. Both sets of parameters are then judged by one exact likelihood, ours, which the tests compare with
an enumeration of all hidden paths. The exit status is 1 if ours is lower in any skill.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.interactions import joint_skills
from attain.data.load import load
from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._prefix_tree import PrefixTree
from attain.models.knowledge_tracing.pybkt import peer

Floats = NDArray[np.float64]
RUNS = 5
"""Our side is so short that the median of this many runs is taken."""


@dataclass(frozen=True)
class Side:
    """What one side needed, and what it found; parameters of shape (n_skills, 5)."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    parameters: Floats
    iterations: NDArray[np.int64] | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", default="assistments2009_split")
    parser.add_argument("--skills", type=int, default=12, help="how many skills, spread evenly over all sizes")
    parser.add_argument("--all", action="store_true", help="every skill")
    parser.add_argument("--seed", type=int, default=0, help="of the starts, drawn as pyBKT draws them")
    parser.add_argument("--tolerance", type=float, default=em.TOLERANCE, help="of our EM; pyBKT has 0.005")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()

    frame = training_answers(chosen.dataset)
    if not chosen.all:
        frame = sample(frame, chosen.skills)
    n_skills = frame["skill_name"].nunique()
    starts = random_starts(n_skills, np.random.default_rng(chosen.seed))
    ours = alone(fit_ours, frame, starts, chosen.tolerance)
    theirs = alone(fit_theirs, frame, starts, chosen.tolerance)
    result = compared(frame, ours, theirs) | {"dataset": chosen.dataset} | machine()
    print(json.dumps(result) if chosen.json else as_text(result))
    return 0 if result["skills_below"] == 0 else 1


def training_answers(dataset: str) -> pd.DataFrame:
    """Sorted by learner and time; skills are called s0, s1, … because pyBKT reads their names as patterns."""
    options = {"skills": "joint"} if dataset == "assistments2009_split" else {}
    data = load(dataset, options)
    log = data.log if data.published is None else data.log.of_learners(np.flatnonzero(data.published < 0))
    _, skill = joint_skills(log)
    names = np.array([f"s{code}" for code in range(skill.max() + 1)], dtype=object)
    return pd.DataFrame({"user_id": log.learner, "skill_name": names[skill], "correct": log.correct.astype(int)})


def sample(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    by_size = frame["skill_name"].value_counts(sort=True).index
    places = np.linspace(0, len(by_size) - 1, min(count, len(by_size))).round().astype(int)
    return frame[frame["skill_name"].isin(by_size[places])].reset_index(drop=True)


def random_starts(n_skills: int, rng: np.random.Generator) -> Floats:
    """As pyBKT draws them; shape (n_skills, 5): prior, learn, guess, slip, forget."""
    return rng.uniform(0, [1, 0.4, 0.4, 0.3, 1e-300], (n_skills, 5))


def alone(side: Callable[[pd.DataFrame, Floats, float], Side], *arguments: object) -> Side:
    """Run a side in a fresh process, so that its peak memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(side, arguments)


def fit_ours(frame: pd.DataFrame, starts: Floats, tolerance: float) -> Side:
    ours_once(frame[:100], starts, tolerance)  # loads the compiled code
    times = []
    for _ in range(RUNS):
        before = (time.process_time(), time.perf_counter())
        fit = ours_once(frame, starts, tolerance)
        times.append((time.process_time() - before[0], time.perf_counter() - before[1]))
    cpu_s, wall_s = np.median(times, axis=0)
    return Side(float(cpu_s), float(wall_s), peak_mib(), fit.parameters, fit.iterations)


def ours_once(frame: pd.DataFrame, starts: Floats, tolerance: float) -> em.Fit:
    skill, _ = pd.factorize(frame["skill_name"], sort=True)
    correct = frame["correct"].to_numpy(np.int8)
    tree = PrefixTree.grow(skill.astype(np.int32), frame["user_id"].to_numpy(np.int32), correct, skill.max() + 1)
    return em.fit(tree, starts[: skill.max() + 1, None], tolerance=tolerance)


def fit_theirs(frame: pd.DataFrame, starts: Floats, tolerance: float) -> Side:
    names = sorted(frame["skill_name"].unique())
    begin = {
        name: {
            "prior": start[0],
            "learns": start[[1]],
            "guesses": start[[2]],
            "slips": start[[3]],
            "forgets": np.zeros(1),
        }
        for name, start in zip(names, starts, strict=True)
    }
    with peer() as pybkt:
        before = (time.process_time(), time.perf_counter())
        model = pybkt.Model(seed=0, num_fits=1, parallel=False)
        model.coef_ = begin
        model.fit(data=frame.assign(order_id=np.arange(len(frame))))
        spent = (time.process_time() - before[0], time.perf_counter() - before[1])
    found = [
        [np.ravel(model.coef_[n][k])[0] for k in ("prior", "learns", "guesses", "slips", "forgets")] for n in names
    ]
    return Side(*spent, peak_mib(), np.array(found, dtype=float))


def compared(frame: pd.DataFrame, ours: Side, theirs: Side) -> dict[str, object]:
    skill, _ = pd.factorize(frame["skill_name"], sort=True)
    learner, correct = frame["user_id"].to_numpy(np.int32), frame["correct"].to_numpy(np.int8)
    tree = PrefixTree.grow(skill.astype(np.int32), learner, correct, skill.max() + 1)
    own, other = (em.log_likelihood(tree, side.parameters) for side in (ours, theirs))
    both = np.isfinite(other)  # pyBKT may call an answer impossible that a learner with no other answer gave
    visits = int((np.bincount(skill) * ours.iterations).sum())
    return {
        "answers": len(frame),
        "skills": int(skill.max() + 1),
        "sequences": int(tree.count[tree.parent < 0].sum()),
        "ours": {k: v for k, v in asdict(ours).items() if isinstance(v, float)}
        | {"log_likelihood": float(own[both].sum())},
        "pybkt": {k: v for k, v in asdict(theirs).items() if isinstance(v, float)}
        | {"log_likelihood": float(other[both].sum())},
        "ratio_cpu": theirs.cpu_s / ours.cpu_s,
        "iterations": int(ours.iterations.sum()),
        "ns_an_answer_and_iteration": 1e9 * ours.cpu_s / visits,
        "skills_impossible_for_pybkt": int((~both).sum()),
        "skills_below": int((own < other - 1e-6).sum()),
        "least_gain_in_a_skill": float((own - other)[both].min()),
        "greatest_gain_in_a_skill": float((own - other)[both].max()),
    }


def peak_mib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def machine() -> dict[str, object]:
    packages = ("pyBKT", "numpy", "numba", "pandas", "scikit-learn")
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def as_text(r: dict) -> str:
    lines = [
        f"{r['dataset']}: {r['answers']:,} answers, {r['skills']} skills, {r['sequences']:,} sequences; one start each",
        "",
        f"{'':12}{'CPU-s':>10}{'wall s':>10}{'peak MiB':>10}{'log-likelihood':>18}",
    ]
    for name in ("ours", "pybkt"):
        side = r[name]
        lines.append(
            f"{name:12}{side['cpu_s']:10.4f}{side['wall_s']:10.4f}{side['peak_mib']:10.0f}{side['log_likelihood']:18.3f}"
        )
    lines += [
        "",
        f"pyBKT needs {r['ratio_cpu']:,.0f} times the CPU time.",
        f"Ours: {r['iterations']:,} EM steps, {r['ns_an_answer_and_iteration']:.1f} ns an answer and step, all in.",
        f"Log-likelihood, ours less pyBKT's, skill by skill: from {r['least_gain_in_a_skill']:.4f} to "
        f"{r['greatest_gain_in_a_skill']:.4f} nats; ours is lower in {r['skills_below']} skills.",
        f"The likelihoods leave out {r['skills_impossible_for_pybkt']} skills, "
        "in which pyBKT's parameters call a given answer impossible.",
        f"Memory includes the imports of each side. {r['machine']}.",
        ", ".join(f"{name} {number}" for name, number in r["versions"].items()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
