"""pyBKT's half of `kt_fit.py`: run by any Python that has pyBKT, with numpy and pandas and nothing of ours.

    python pybkt_side.py IN.npz OUT.npz

IN holds `user`, `skill`, `item` and `correct` of each answer (sorted by user and time), `starts` of each skill, and
whether items have guess and slip of their own (`multigs`). OUT holds what was found, what it cost, and the predictions.
"""

import json
import platform
import resource
import sys
import time
import warnings
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import pandas as pd

ENOUGH_S = 5.0
"""A side that is done sooner is repeated, and the median taken."""
NAMES = ("prior", "learns", "guesses", "slips", "forgets")


def main(read, write):
    warnings.simplefilter("ignore")
    with np.load(read) as given:
        data = dict(given)
    names = np.array([f"s{code}" for code in range(len(data["starts"]))])  # pyBKT reads names as patterns
    frame = pd.DataFrame({"user_id": data["user"], "skill_name": names[data["skill"]], "correct": data["correct"]})
    frame["order_id"] = np.arange(len(frame))
    if data["multigs"]:
        frame["template_id"] = data["item"]
    from pyBKT.models import Model

    def fit():
        model = Model(seed=0, num_fits=1, parallel=False)
        model.coef_ = {
            name: start_of(start, classes(data, code))
            for code, (name, start) in enumerate(zip(names, data["starts"], strict=True))
        }
        model.fit(data=frame.copy(), multigs=bool(data["multigs"]))
        return model

    model, fit_cpu = timed(fit)
    predicted, predict_cpu = timed(lambda: model.predict(data=frame.copy()))
    found = {key: np.concatenate([np.ravel(model.coef_[name][key]) for name in names]) for key in NAMES}
    facts = {
        "fit_cpu_s": fit_cpu,
        "predict_cpu_s": predict_cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        "build": "C++" if find_spec("pyBKT.fit.E_step") else "pure Python",
        "versions": {"python": platform.python_version()} | {n: version(n) for n in ("pyBKT", "numpy", "pandas")},
    }
    score = predicted["correct_predictions"].sort_index().to_numpy()
    np.savez(write, score=score, facts=json.dumps(facts), **found)


def classes(data, skill):
    """How many classes of guess and slip the skill has."""
    return len(np.unique(data["item"][data["skill"] == skill])) if data["multigs"] else 1


def start_of(start, n):
    prior, learn, guess, slip = start[:4]
    out = {"prior": float(prior), "learns": np.array([learn]), "forgets": np.array([0.0])}
    return out | {"guesses": np.full(n, guess), "slips": np.full(n, slip)}


def timed(work):
    """What it returns, and the CPU time: the median of five runs, or of as many as fit into some seconds."""
    spent = []
    while len(spent) < 5 and sum(spent) < ENOUGH_S:
        before = time.process_time()
        out = work()
        spent.append(time.process_time() - before)
    return out, float(np.median(spent))


if __name__ == "__main__":
    main(*sys.argv[1:])
