"""How fast is our DKT beside pyKT's, at which AUC of the same answers? Both trained to their own stop, in one run.

    pip install --no-deps --target PLACE pykt-toolkit==0.0.38
    ATTAIN_DATA=... python benchmarks/speed/kt_deep.py --pykt PLACE        # 15 minutes, nearly all pyKT's
    python benchmarks/speed/kt_deep.py --pykt PLACE --dataset simulated --epochs 2   # only to see that it runs

pyKT's own preprocessing splits the learners; both sides learn from its training part, of which a fifth is held out for
early stopping, and are judged on its test part, answer by answer: its own question-level evaluation reads all skills of
an item from the state after the previous item (mean of their probabilities), which is how our tracers read any log.
Each side runs in a process of its own, on one thread, and its CPU time is what is compared. pyKT is trained as its
example does (LSTM of 200, batches of 256, Adam 1e-3, patience 10) and measured twice: up to its best epoch, and to its
stop.
"""

import argparse
import contextlib
import io
import itertools
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from attain.data.interactions import Interactions
from attain.data.load import load
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS

FOLD = 0
"""The fold of pyKT's training part that it stops by."""


@dataclass(frozen=True)
class Side:
    """What one side needed in CPU seconds, and how well it predicts the answers from a learner's second on."""

    fit_cpu_s: float
    best_epoch_cpu_s: float
    judge_cpu_s: float
    auc: float
    answers: int
    epochs: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pykt", type=Path, required=True, help="the folder that pykt-toolkit was installed into")
    parser.add_argument("--dataset", default="assistments2009_split")
    parser.add_argument("--learners", type=int, help="only so many")
    parser.add_argument("--epochs", type=int, default=200, help="of pyKT, at most")
    parser.add_argument("--params", type=json.loads, default={}, help='of our dkt, such as {"item_bias": false}')
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if not (chosen.pykt / "pykt").is_dir():
        parser.error(f"there is no pykt in {str(chosen.pykt)!r}; see the head of this file for how to install it")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        log = load(chosen.dataset, {}).log
        if chosen.learners:
            log = log.of_learners(log.present[: chosen.learners])
        prepare_cpu_s = alone(prepare, chosen.pykt, log, folder)
        ours = alone(fit_ours, log, folder, chosen.params)
        theirs = alone(fit_theirs, chosen.pykt, folder, chosen.epochs)
    result = {
        "dataset": chosen.dataset,
        "answers": len(log),
        "ours": asdict(ours),
        "pykt": asdict(theirs) | {"prepare_cpu_s": prepare_cpu_s},
        "ratio_to_stop": theirs.fit_cpu_s / ours.fit_cpu_s,
        "ratio_to_best_epoch": theirs.best_epoch_cpu_s / ours.fit_cpu_s,
        "ratio_of_judging": theirs.judge_cpu_s / ours.judge_cpu_s,
        "torch": version("torch"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }
    print(json.dumps(result) if chosen.json else as_text(result))
    return 0 if ours.auc >= theirs.auc else 1


def alone(work: Callable[..., Any], *arguments: object) -> Any:  # as the work gives it
    """Run in a fresh process on one thread."""
    os.environ["OMP_NUM_THREADS"] = "1"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def prepare(pykt: Path, log: Interactions, folder: Path) -> float:
    """Write the answers as pyKT's own text, six lines a learner, and let it make its files of them."""
    sys.path.insert(0, str(pykt))
    from pykt.preprocess.split_datasets import main as split

    skills = ["_".join(map(str, log.skill[a:b])) or "none" for a, b in itertools.pairwise(log.skill_start)]
    with (folder / "data.txt").open("w") as text:
        for start, end in itertools.pairwise(log.learner_start):
            columns = (log.item[start:end], skills[start:end], log.correct[start:end])
            text.write(f"{log.learner[start]},{end - start}\n")
            text.writelines(",".join(map(str, column)) + "\n" for column in (*columns, ["NA"], ["NA"]))
    (folder / "config.json").touch()
    before = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        split(str(folder), str(folder / "data.txt"), "assist2009", str(folder / "config.json"))
    return time.process_time() - before


def fit_ours(log: Interactions, folder: Path, params: dict[str, object]) -> Side:
    train, test = (learners_of(log, folder, file) for file in ("train_valid.csv", "test.csv"))
    epochs: list[dict[str, float]] = []
    model = MODELS.get("dkt").create(**{"valid_share": 0.2, "device": "cpu"} | params)
    before = time.process_time()
    model.fit(train, FitContext(np.random.default_rng(42), lambda step, **values: epochs.append(values)))
    fitted = time.process_time()
    scores = model.predict(test)
    judged = time.process_time()
    later = test.step > 0
    auc = roc_auc_score(test.correct[later], scores[later])
    return Side(fitted - before, fitted - before, judged - fitted, float(auc), int(later.sum()), len(epochs))


def learners_of(log: Interactions, folder: Path, file: str) -> Interactions:
    """The answers of the learners in a file of pyKT's, which numbers them anew."""
    names = json.loads((folder / "keyid2idx.json").read_text())["uid"]
    own = {number: int(name) for name, number in names.items()}
    return log.of_learners(np.array([own[number] for number in pd.read_csv(folder / file, usecols=["uid"])["uid"]]))


def fit_theirs(pykt: Path, folder: Path, epochs: int) -> Side:
    sys.path.insert(0, str(pykt))
    import torch
    from pykt.datasets import init_dataset4train, init_test_datasets
    from pykt.models import evaluate_question, init_model
    from pykt.models import train_model as training
    from pykt.utils import set_seed

    torch.set_num_threads(1)
    set_seed(42)
    loader = sys.modules["pykt.datasets.data_loader"]
    loader.FloatTensor, loader.LongTensor = torch.FloatTensor, torch.LongTensor  # it takes those of a GPU
    config = json.loads((folder / "config.json").read_text())
    passed: list[float] = []
    room = sys.modules["pykt.models.train_model"]
    evaluate = room.evaluate

    def timed(*arguments: Any) -> Any:  # as pyKT calls it
        found = evaluate(*arguments)
        passed.append(time.process_time())
        return found

    room.evaluate = timed
    with contextlib.redirect_stdout(io.StringIO()):
        before = time.process_time()
        train, valid, _, _ = init_dataset4train("assist2009", "dkt", config, FOLD, 256)
        model = init_model("dkt", {"emb_size": 200, "dropout": 0.2}, config["assist2009"], "qid")
        optimizer = torch.optim.Adam(model.parameters(), 1e-3)
        best = training(model, train, valid, epochs, optimizer, str(folder), save_model=True)[-1]
        fitted = time.process_time()
        model.load_state_dict(torch.load(folder / "qid_model.ckpt"))
        questions = init_test_datasets(config["assist2009"], "dkt", 256)[2]
        loaded = time.process_time()
        aucs, _ = evaluate_question(model, questions, "dkt", ["late_fusion"], str(folder / "questions.txt"))
        judged = time.process_time()
    count = sum(1 for _ in (folder / "questions.txt").open()) - 1
    return Side(
        fitted - before, passed[best - 1] - before, judged - loaded, float(aucs["late_mean"]), count, len(passed)
    )


def as_text(r: dict[str, Any]) -> str:
    lines = [
        f"{r['dataset']}: {r['answers']:,} answers; pyKT's preparation of them {r['pykt']['prepare_cpu_s']:.1f} CPU-s",
        "",
        f"{'':8}{'fit CPU-s':>11}{'to best':>10}{'judge':>9}{'AUC':>9}{'answers':>10}{'epochs':>8}",
    ]
    for name in ("ours", "pykt"):
        s = r[name]
        lines.append(
            f"{name:8}{s['fit_cpu_s']:11.1f}{s['best_epoch_cpu_s']:10.1f}{s['judge_cpu_s']:9.2f}{s['auc']:9.4f}"
            f"{s['answers']:10,}{s['epochs']:8}"
        )
    lines += [
        "",
        f"pyKT needs {r['ratio_to_stop']:.0f} times the CPU time to its stop, {r['ratio_to_best_epoch']:.0f} times to "
        f"its best epoch, and {r['ratio_of_judging']:.0f} times to judge.",
        f"torch {r['torch']}; {r['machine']}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
