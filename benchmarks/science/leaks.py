"""What a leak is worth: each family of tracers with copies of answers planted, and clean, on answers drawn at random.

    python benchmarks/science/leaks.py                                         # simulated learners
    ATTAIN_DATA=... python benchmarks/science/leaks.py --dataset assistments2009_split

No model can foresee coins, so that every AUC but 0.5 is a leak. The leak is the field's usual one: an answer with
several skills stands in several rows, and the second row is told by the first. The exit status is 1 if a canary lets a
leaky model pass, or stops a clean one.
"""

import argparse
import sys

from attain.core.rng import rng
from attain.data import split
from attain.data.dataset import Dataset
from attain.data.interactions import Interactions
from attain.data.load import load
from attain.data.split import ByLearner, Fold
from attain.tasks.canaries import ERRORS, Canary, Experiment, canaries
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS, KnowledgeTracer, judge
from attain.testing.leaks import DuplicateRows, Leak, SkillRows

FAMILIES: dict[str, type[Leak]] = {
    "bkt": DuplicateRows,
    "pfa": DuplicateRows,
    "best_lr": SkillRows,
    "irt": SkillRows,
    "dkt": SkillRows,
}
"""How the copies reach each: with the joint skill of the answer, or with one of its skills each."""
SEVERAL = {"learners": 300, "multi_skill": 0.9}
"""Simulated learners whose answers nearly all practise two skills."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dataset", default="simulated")
    name = parser.parse_args().dataset
    data = load(name, SEVERAL if name == "simulated" else {})
    wrong = False
    print(f"AUC on answers drawn at random, {name}, ±{ERRORS} standard errors\n")
    print(f"{'model':<10}{'clean':>18}{'leaky':>18}   canaries that the leak killed")
    for model, leak in FAMILIES.items():
        clean, leaky = ask(data, model, None), ask(data, model, leak)
        killed = [canary.name for canary in leaky if not canary.passed]
        print(f"{model:<10}{figure(clean):>18}{figure(leaky):>18}   {', '.join(killed) or 'none'}", flush=True)
        wrong |= not killed or not all(canary.passed for canary in clean)
    if wrong:
        sys.exit("A leaky model passed, or a clean one did not.")


def ask(data: Dataset, model: str, leak: type[Leak] | None) -> list[Canary]:
    """The canaries of a model, with a leak around it or without."""

    def fold(log: Interactions) -> Fold:
        return split.make(ByLearner(folds=3), log, None, 0)

    def fit(part: Fold) -> KnowledgeTracer:
        honest = MODELS.get(model).create()
        made = honest if leak is None else leak(honest)
        made.fit(part.train, FitContext(rng(0, "fit")))
        return made

    return canaries(Experiment(data.log, fold, fit, judge), seed=0)


def figure(found: list[Canary]) -> str:
    """The AUC on random answers with its interval."""
    first = found[0]
    assert first.standard_error is not None
    return f"{first.value:.4f} ±{ERRORS * first.standard_error:.4f}"


if __name__ == "__main__":
    main()
