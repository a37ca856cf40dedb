"""Our half of `kt_fit.py`: from a frame to parameters and predictions, each in a process of its own."""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from attain.data.interactions import Interactions, SkillRows
from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._bkt_classes import By, Classes, histories, keys_of_rows
from attain.models.knowledge_tracing._bkt_climb import Climbed, Rules, climb
from attain.models.knowledge_tracing._bkt_forward import predict as forward
from attain.models.knowledge_tracing._bkt_forward import update
from attain.models.knowledge_tracing._bkt_parameters import Learners, Parameters
from attain.models.knowledge_tracing._bkt_tables import Tables
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

Floats = NDArray[np.float64]
RUNS = 5
"""We are done so soon that the median of this many runs is taken."""


@dataclass(frozen=True)
class Found:
    """What we needed and found; `parameters` of shape (n_skills, 5), `ns` an answer and EM step."""

    fit_cpu_s: float
    peak_mib: float
    iterations: int
    ns: float
    parameters: Floats
    log_likelihood: float | None = None
    predict_cpu_s: float | None = None


def alone(side: Callable[..., Any], *arguments: object) -> Any:  # what `side` returns
    """Call it in a fresh process with one thread, so that its peak memory is its own."""
    os.environ |= {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(side, arguments)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and its CPU time; one more run before loads the compiled code."""
    work()
    spent = []
    for _ in range(RUNS):
        before = time.process_time()
        out = work()
        spent.append(time.process_time() - before)
    return out, float(np.median(spent))


def fit_skills(frame: pd.DataFrame, starts: Floats, tolerance: float) -> Found:
    """Parameters of each skill."""
    fit, cpu_s = timed(lambda: em.fit(tree(frame), starts[:, None], tolerance=tolerance))
    _, predict_cpu_s = timed(lambda: predict(frame, fit.parameters))
    visits = int((frame["skill"].value_counts(sort=False).sort_index().to_numpy() * fit.iterations).sum())
    steps = int(fit.iterations.sum())
    ns = 1e9 * cpu_s / visits
    return Found(cpu_s, peak_mib(), steps, ns, fit.parameters, predict_cpu_s=predict_cpu_s)


def tree(frame: pd.DataFrame) -> PrefixTree:
    skill, names = pd.factorize(frame["skill"], sort=True)
    learner, correct = frame["learner"].to_numpy(np.int32), frame["correct"].to_numpy(np.int8)
    return PrefixTree.grow(skill.astype(np.int32), learner, correct, len(names))


def likelihoods(frame: pd.DataFrame, parameters: Floats) -> Floats:
    """The exact log-likelihood of each skill."""
    return em.log_likelihood(tree(frame), parameters)


def predict(frame: pd.DataFrame, parameters: Floats) -> Floats:
    """The chance of a right answer, of each row."""
    log = log_of(frame)
    values = np.vstack([parameters, parameters[:1]])
    return forward(log, "first", Learners.all_alike(Parameters(log.skills, values, log.items)))


def log_of(frame: pd.DataFrame) -> Interactions:
    """The frame as a log."""
    skill, names = pd.factorize(frame["skill"], sort=True)
    item, items = pd.factorize(frame["item"], sort=True)
    n, learner = len(frame), frame["learner"].to_numpy(np.int32)
    return Interactions(
        learner,
        item.astype(np.int32),
        frame["correct"].to_numpy(np.int8),
        skill.astype(np.int32),
        np.arange(n + 1),
        np.arange(n),
        np.arange(learner.max() + 1).astype(object),
        items.to_numpy().astype(object),
        names.to_numpy().astype(object),
    )


def fit_classes(
    frame: pd.DataFrame, starts: Floats, tolerance: float, by: By, judged: tuple[Floats, ...] | None = None
) -> Found:
    """Parameters of each skill by the general way, history by history; guess and slip are of skills or of their items.

    Args:
        frame: the answers.
        starts: shape (n_skills, 5); every class begins as its skill.
        tolerance: of EM.
        by: whose guess and slip are.
        judged: prior, learn, guess and slip of a peer, of which only the likelihood is wanted.
    """

    def work(steps: int = em.MAX_ITERATIONS) -> Climbed:
        log = log_of(frame)
        rows, n = SkillRows(np.arange(len(log)), log.skill, log.skills), len(log.skills)
        own, parts = (
            Classes.of(keys_of_rows(kind, rows, log, log.skills, log.items), rows.skill, n) for kind in ("skill", by)
        )
        flat, ranges = histories(rows, log, own, parts, by_first_answer=False)
        prior, learn, guess, slip, _ = starts.T
        each = np.diff(parts.start)
        begin = (prior, learn, np.repeat(guess, each), np.repeat(slip, each)) if judged is None else judged
        prior, learn, guess, slip = map(np.atleast_1d, begin)
        tables = Tables.of(prior, np.column_stack([learn, 0 * learn]), np.column_stack([guess, slip]))
        nothing = replace(tables, **{k: 0 * getattr(tables, k) for k in ("prior", "move", "answer")})
        return climb(flat, ranges, tables, nothing, Rules(False, False, tolerance, steps))

    if judged is not None:
        return Found(0, 0, 0, 0, starts, float(work(0).log_likelihood.sum()))
    found, cpu_s = timed(work)
    visits = int((frame["skill"].value_counts(sort=False).sort_index().to_numpy() * (found.iterations + 1)).sum())
    steps, total = int(found.iterations.sum()), float(found.log_likelihood.sum())
    return Found(cpu_s, peak_mib(), steps, 1e9 * cpu_s / visits, starts, total)


def ns_of_one_update() -> dict[str, float]:
    """Following one learner by one answer."""
    answers = np.random.default_rng(0).integers(0, 2, 1_000_000)

    @njit
    def follow(answers: NDArray[np.int64]) -> float:
        known = 0.3
        for correct in answers:
            known = update(known, correct, 0.1, 0.2, 0.1, 0.01)
        return known

    _, compiled = timed(lambda: follow(answers))
    few = answers[:20_000].tolist()
    _, python = timed(lambda: [update(0.3, correct, 0.1, 0.2, 0.1, 0.01) for correct in few])
    return {"compiled_ns": 1e9 * compiled / len(answers), "python_ns": 1e9 * python / len(few)}


def peak_mib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
