"""Each logistic tracer against scikit-learn, on features counted with dictionaries, one answer after the other."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._design import FREE
from attain.models.knowledge_tracing._logistic_tracer import LogisticTracer
from attain.models.knowledge_tracing.afm import AFM
from attain.models.knowledge_tracing.best_lr import BestLR
from attain.models.knowledge_tracing.das3h import DAS3H
from attain.models.knowledge_tracing.pfa import PFA
from attain.tasks.context import FitContext
from attain.testing.small import small_log

Row = dict[str, float]
"""Features of an answer; those whose name begins with `all` are hardly penalised."""
Earlier = list[tuple[float, str, list[str], int]]
"""The learner's answers so far: time, item, skills, correct."""


def pfa(item: str, skills: list[str], time: float, earlier: Earlier) -> Row:
    row: Row = defaultdict(float)
    for skill in skills:
        right = sum(c for _, _, of, c in earlier if skill in of)
        wrong = sum(1 - c for _, _, of, c in earlier if skill in of)
        for name, value in (("ease", 1), ("right", np.log1p(right)), ("wrong", np.log1p(wrong))):
            row[f"{skill} {name}"] += value
            row[f"all {name}"] += value
    return row


def afm(item: str, skills: list[str], time: float, earlier: Earlier) -> Row:
    row: Row = defaultdict(float)
    row["all"] = 1
    for skill in skills:
        practice = np.log1p(sum(skill in of for _, _, of, _ in earlier))
        row[f"{skill} ease"] = 1
        row[f"{skill} practice"] += practice
        row["all practice"] += practice
    return row


def best_lr(item: str, skills: list[str], time: float, earlier: Earlier) -> Row:
    row = pfa(item, skills, time, earlier)
    row.pop("all ease")
    row[f"item {item}"] = row["all"] = 1
    for correct in (0, 1):
        row[f"all answers {correct}"] = np.log1p(sum(c == correct for *_, c in earlier))
        row[f"all answers to it {correct}"] = np.log1p(sum(c == correct and i == item for _, i, _, c in earlier))
    return row


def best_lr_of_the_paper(item: str, skills: list[str], time: float, earlier: Earlier) -> Row:
    row: Row = defaultdict(float)
    row[f"item {item}"] = row["all"] = 1
    row["all answers"] = np.log1p(len(earlier))
    row["all right"] = np.log1p(sum(c for *_, c in earlier))
    row["all answers to it"] = np.log1p(sum(i == item for _, i, _, _ in earlier))
    row["all right to it"] = np.log1p(sum(c for _, i, _, c in earlier if i == item))
    for skill in skills:
        of_skill = [c for _, _, of, c in earlier if skill in of]
        row[f"{skill} ease"] = 1
        for name, value in (("right", np.log1p(sum(of_skill))), ("any", np.log1p(len(of_skill)))):
            row[f"{skill} {name}"] += value
            row[f"all {name} of a skill"] += value
    return row


def das3h(item: str, skills: list[str], time: float, earlier: Earlier) -> Row:
    row: Row = defaultdict(float)
    row[f"item {item}"] = row["all"] = 1
    for skill in skills:
        row[f"{skill} ease"] = 1
        for window in (3600, 86400, 7 * 86400, 30 * 86400, np.inf):
            within = [c for t, _, of, c in earlier if skill in of and (time - t < window or window == np.inf)]
            for name, value in (("right", np.log1p(sum(within))), ("any", np.log1p(len(within)))):
                row[f"{skill} {name} {window}"] += value
                row[f"all {name} {window}"] += value
    return row


def rows_of(log: Interactions, features: Callable[[str, list[str], float, Earlier], Row], able: bool) -> list[Row]:
    assert log.time_s is not None
    out, earlier, clock = [], list[tuple[float, str, list[str], int]](), np.nan
    for i in range(len(log)):
        if log.step[i] == 0:
            earlier, clock = [], np.nan
        clock = np.fmax(clock, log.time_s[i])
        item = log.items[log.item[i]]
        skills = [log.skills[s] for s in log.skill[log.skill_start[i] : log.skill_start[i + 1]]] or [""]
        row = features(item, skills, clock, earlier)
        out.append(row | ({f"learner {log.learners[log.learner[i]]}": 1} if able else {}))
        earlier.append((clock, item, skills, int(log.correct[i])))
    return out


CASES = [
    (PFA, {}, pfa),
    (AFM, {}, afm),
    (BestLR, {}, best_lr),
    (BestLR, {"counts": "right and all"}, best_lr_of_the_paper),
    (DAS3H, {}, das3h),
]


@pytest.mark.parametrize(("kind", "params", "features"), CASES)
def test_the_logits_are_those_of_scikit_learn(
    kind: type[LogisticTracer], params: dict[str, object], features: Callable[..., Row]
) -> None:
    able = kind in (AFM, DAS3H)
    train, test = small_log(0), small_log(1)
    reader = DictVectorizer(sparse=False)
    known = reader.fit_transform(rows_of(train, features, able))
    free = [name.startswith("all") for name in reader.get_feature_names_out()]
    scale = np.where(free, FREE**-0.5, 1)
    peer = LogisticRegression(fit_intercept=False, solver="newton-cholesky", tol=1e-10, max_iter=200)
    peer.fit(known * scale, train.correct)
    model = kind.create(**params)
    model.fit(train, FitContext())
    expected = peer.decision_function(reader.transform(rows_of(test, features, able=False)) * scale)
    np.testing.assert_allclose(model.logit(test), expected, atol=1e-6)


@pytest.mark.parametrize("kind", [PFA, AFM, BestLR, DAS3H])
def test_no_learner_is_named_in_what_is_learned(kind: type[LogisticTracer]) -> None:
    model, log = kind.create(), small_log(0)
    model.fit(log, FitContext())
    kept = {str(name) for names in model.learned.names.values() for name in names}
    assert not kept & {str(name) for name in log.learners}
