"""How fast is our BKT, and does it fit as well? Against pyBKT, on the same answers, from the same starts, in one run.

    ATTAIN_DATA=... python benchmarks/speed/kt_fit.py          # 12 skills, spread over all sizes: a minute
    ATTAIN_DATA=... python benchmarks/speed/kt_fit.py --all    # every skill: minutes, nearly all of them pyBKT's
    python benchmarks/speed/kt_fit.py --dataset simulated           # no data needed
    ... --peer cpp/bin/python                             # against the pyBKT of another Python too

PyPI's wheel of pyBKT 1.4.3 is pure Python. Its C++ build needs a compiler, and numpy in an environment of its own:

    python3.11 -m venv cpp
    cpp/bin/pip install numpy==2.3.5 scikit-learn==1.7.2 pandas==2.3.3 requests setuptools wheel
    cpp/bin/pip install --no-build-isolation --no-deps --no-binary pyBKT pyBKT==1.4.3

All sides start from the same pandas columns (learner, skill, item, correct) in a process of their own, with one
thread, and end with parameters for each skill. All parameters are then judged by one exact likelihood, ours, which the
tests compare with an enumeration of all hidden paths; and from a peer's parameters we must predict what it predicts.
The exit status is 1 if ours is less likely in all, or predicts otherwise.
In a single skill a peer may end on another, higher top: its steps leave some answers out.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from kt_fit_ours import Found, alone, fit_classes, fit_skills, likelihoods, ns_of_one_update, predict
from numpy.typing import NDArray

from attain.data.interactions import joint_skills
from attain.data.load import load
from attain.models.knowledge_tracing import _bkt_em as em

Floats = NDArray[np.float64]
PEER_TOLERANCE = 0.005
"""At what gain of a step pyBKT means to stop."""
SAME = 1e-6
"""Predictions from the same parameters may lie so far apart: by rounding, in few rows."""
SIDE = Path(__file__).with_name("pybkt_side.py")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", default="assistments2009_split")
    parser.add_argument("--skills", type=int, default=12, help="how many skills, spread evenly over all sizes")
    parser.add_argument("--all", action="store_true", help="every skill")
    parser.add_argument("--items-of", type=int, default=18_481, help="items are tried in the skill nearest this size")
    parser.add_argument("--peer", action="append", default=[], metavar="PYTHON", help="one with pyBKT")
    parser.add_argument("--no-wheel", action="store_true", help="leave out the pyBKT that is installed here")
    parser.add_argument("--seed", type=int, default=0, help="of the starts, drawn as pyBKT draws them")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    peers = chosen.peer if chosen.no_wheel else [sys.executable, *chosen.peer]

    everything = training_answers(chosen.dataset)
    frame = everything if chosen.all else sample(everything, chosen.skills)
    starts = random_starts(frame["skill"].nunique(), np.random.default_rng(chosen.seed))
    result = {"dataset": chosen.dataset, "skills": of_skills(frame, starts, peers)}
    frame = nearest(everything, chosen.items_of)
    result["items"] = of_items(frame, starts[:1], [p for p in peers if p != sys.executable])
    result |= {"update": alone(ns_of_one_update), "machine": machine()}
    print(json.dumps(result) if chosen.json else as_text(result))
    sides = [side for part in ("skills", "items") for side in result[part]["sides"]]
    worse = [s for s in sides if s.get("gain", 0) < 0 or s.get("predicts_otherwise_by", 0) > SAME]
    return 1 if worse else 0


def training_answers(dataset: str) -> pd.DataFrame:
    """Sorted by learner and time."""
    options = {"skills": "joint"} if dataset == "assistments2009_split" else {}
    data = load(dataset, options)
    log = data.log if data.published is None else data.log.of_learners(np.flatnonzero(data.published < 0))
    _, skill = joint_skills(log)
    columns = {"learner": log.learner, "skill": skill, "item": log.item, "correct": log.correct}
    return pd.DataFrame(columns).astype({"correct": int})


def sample(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    by_size = frame["skill"].value_counts(sort=True).index
    places = np.linspace(0, len(by_size) - 1, min(count, len(by_size))).round().astype(int)
    return frame[frame["skill"].isin(by_size[places])].reset_index(drop=True)


def nearest(frame: pd.DataFrame, size: int) -> pd.DataFrame:
    """The answers of the skill that has about so many."""
    sizes = frame["skill"].value_counts()
    return frame[frame["skill"] == (sizes - size).abs().idxmin()].reset_index(drop=True)


def random_starts(n_skills: int, rng: np.random.Generator) -> Floats:
    """As pyBKT draws them; shape (n_skills, 5): prior, learn, guess, slip, forget."""
    return rng.uniform(0, [1, 0.4, 0.4, 0.3, 1e-300], (n_skills, 5))


def of_skills(frame: pd.DataFrame, starts: Floats, peers: list[str]) -> dict[str, object]:
    """Each skill has its own parameters: fit, and predict the same answers."""
    ours = alone(fit_skills, frame, starts, em.TOLERANCE)
    early = alone(fit_skills, frame, starts, PEER_TOLERANCE)
    sides = [described("ours", ours), described(f"ours to {PEER_TOLERANCE}", early)]
    general = alone(fit_classes, frame, starts, PEER_TOLERANCE, "skill")
    sides.append(described("ours, the general way", general))
    own = likelihoods(frame, ours.parameters)
    sides[0]["log_likelihood"], sides[1]["log_likelihood"] = own.sum(), likelihoods(frame, early.parameters).sum()
    for python in peers:
        found, score, facts = theirs(python, frame, starts, items=False)
        parameters = np.column_stack([found[key] for key in ("prior", "learns", "guesses", "slips", "forgets")])
        other, scores = likelihoods(frame, parameters), predict(frame, parameters)
        possible = np.isfinite(other)  # pyBKT may call an answer impossible that a learner with no other answer gave
        shown = possible[pd.factorize(frame["skill"], sort=True)[0]]
        sides.append(
            facts
            | {
                "log_likelihood": other[possible].sum(),
                "gain": (own - other)[possible].sum(),
                "most_below": float((other - own)[possible].max(initial=0)),
                "skills_called_impossible": int((~possible).sum()),
                "skills_above_ours": int((other > own + 1e-6).sum()),
                "predicts_otherwise_by": float(np.abs(score - scores)[shown].max()),
                "fit_ratio": facts["fit_cpu_s"] / ours.fit_cpu_s,
                "predict_ratio": facts["predict_cpu_s"] / ours.predict_cpu_s,
            }
        )
    sequences = len(frame.drop_duplicates(["learner", "skill"]))
    return {"answers": len(frame), "skills": len(starts), "sequences": sequences, "sides": sides}


def of_items(frame: pd.DataFrame, start: Floats, peers: list[str]) -> dict[str, object]:
    """Each item of one skill has its own guess and slip (KT-IDEM)."""
    ours = alone(fit_classes, frame, start, PEER_TOLERANCE, "item")
    sides = [described(f"ours to {PEER_TOLERANCE}", ours)]
    for python in peers:
        found, _, facts = theirs(python, frame, start, items=True)
        parameters = tuple(found[key] for key in ("prior", "learns", "guesses", "slips"))
        other = fit_classes(frame, start, PEER_TOLERANCE, "item", judged=parameters).log_likelihood
        gain = float(ours.log_likelihood - other)
        compared = {"log_likelihood": float(other), "gain": gain, "skills_above_ours": int(gain < -1e-6)}
        compared["most_below"] = max(-gain, 0.0)
        sides.append(facts | compared | {"fit_ratio": facts["fit_cpu_s"] / ours.fit_cpu_s})
    return {"answers": len(frame), "items": frame["item"].nunique(), "sides": sides}


def described(name: str, found: Found) -> dict[str, object]:
    return {"name": name} | {k: v for k, v in asdict(found).items() if isinstance(v, float | int)}


def theirs(python: str, frame: pd.DataFrame, starts: Floats, *, items: bool) -> tuple[dict, Floats, dict]:
    """pyBKT's parameters by its names for them, its predictions, and what they cost."""
    with tempfile.TemporaryDirectory() as scratch:
        given, made = Path(scratch) / "in.npz", Path(scratch) / "out.npz"
        skill, _ = pd.factorize(frame["skill"], sort=True)
        columns = {"user": frame["learner"], "skill": skill, "item": frame["item"], "correct": frame["correct"]}
        np.savez(given, starts=starts, multigs=items, **columns)
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run([python, str(SIDE), str(given), str(made)], check=True, env=environment)
        with np.load(made) as stored:
            found = dict(stored)
    return found, found["score"], json.loads(str(found["facts"]))


def machine() -> dict[str, object]:
    packages = ("numpy", "numba", "pandas")
    load_now = os.getloadavg()[0]
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {load_now:.1f}",
    }


def as_text(result: dict) -> str:
    s, i, update = result["skills"], result["items"], result["update"]
    lines = [
        f"{result['dataset']}: {s['answers']:,} answers, {s['skills']} skills, {s['sequences']:,} histories; one start",
        *table(s["sides"]),
        "",
        f"Guess and slip by item: {i['answers']:,} answers to {i['items']:,} items of one skill; one start",
        *table(i["sides"]),
        "",
        f"One more answer of one learner: {update['compiled_ns']:.1f} ns in compiled code, "
        f"{update['python_ns']:.0f} ns as a call from Python.",
        "ns are CPU time an answer and EM step, sorting included. Memory includes the imports of each side.",
        f"The general way visits history by history, as classes of items need; to {PEER_TOLERANCE}.",
        f"{result['machine']['machine']}; {result['machine']['versions']}",
    ]
    return "\n".join(lines)


def table(sides: list[dict]) -> list[str]:
    lines = [f"  {'':26}{'fit CPU-s':>10}{'predict':>9}{'MiB':>6}{'ns':>6}{'log-likelihood':>16}"]
    for side in sides:
        name = side.get("name") or f"pyBKT {side['versions']['pyBKT']}, {side['build']}"
        numbers = ((side.get("predict_cpu_s"), "9.4f"), (side.get("peak_mib"), "6.0f"), (side.get("ns"), "6.1f"))
        cells = "".join(" " * int(form.split(".")[0]) if v is None else f"{v:{form}}" for v, form in numbers)
        lines.append(f"  {name:26}{side['fit_cpu_s']:10.4f}{cells}{side['log_likelihood']:16.2f}")
    for side in sides:
        if "fit_ratio" not in side:
            continue
        line = f"  The {side['build']} build needs {side['fit_ratio']:,.1f} times our CPU time"
        if "predict_ratio" in side:
            more, impossible = side["gain"], side["skills_called_impossible"]
            apart = side["predicts_otherwise_by"]
            line += (
                f", and {side['predict_ratio']:,.1f} times to predict (the same, to {apart:.0e}). Ours is {more:,.2f} "
            )
            line += f"nats more likely, without {impossible} skills in which pyBKT calls a given answer impossible"
        below = f" (by at most {side['most_below']:.2f} nats)" if side["skills_above_ours"] else ""
        lines.append(f"{line}; ours is less likely in {side['skills_above_ours']} skills{below}.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
