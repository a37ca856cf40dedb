"""Policies by worlds: every policy teaches every kind of learner, and is compared with the order of the curriculum.

The ranking of policies depends on how learners are assumed to learn, so one world proves nothing (Doroudi, Aleven &
Brunskill 2017, robust evaluation matrix). A policy is better where it is so in every world.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core import fingerprint
from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import Student
from attain.metrics.intervals import bootstrap_weights, holm, percentile
from attain.suite.keys import code_of_model
from attain.suite.policies_config import MatrixFile, StudentChoice
from attain.suite.students import fitted
from attain.tasks.tutoring import BASELINE, Outcome, TutoringPolicy, teach
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG, MetricPoint
from attain.tracking.liveness import now_ms
from attain.tracking.provenance import capture
from attain.tracking.store import Store

RULES = 1
"""Raised when the way a cell is run changes its result."""
ALPHA = 0.05
CELL_FILE, TABLE_FILE = "learners.json", "matrix.json"
Said = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """A kind of learners and what they are taught.

    Attributes:
        label: how it is called.
        student: the kind.
        curriculum: what is taught.
        fit: how well it is like the data it was fitted to; empty where it was not fitted.
    """

    label: str
    student: Student
    curriculum: Curriculum
    fit: dict[str, float]


@dataclass(frozen=True)
class Interval:
    """A number and its 95 % interval (bootstrap over learners)."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Cell:
    """One policy in one world.

    Attributes:
        policy: its label.
        world: the world's label.
        run_id: the run that keeps it.
        steps: steps until the share of skills is truly mastered, on average, of the first `horizon` (restricted mean;
            who leaves before, or never gets there, counts with the horizon).
        saved: the baseline's steps minus these, learner by learner; None for the baseline.
        p: of `saved`, corrected by Holm over the whole matrix.
        reached: share of learners who got there.
        mastered: skills truly mastered at the end, as a share.
        over_practice: share of answers to skills already mastered.
        mastery_accuracy: of the skills that the policy declared mastered, the share that were.
        too_early: share of answers to skills with a prerequisite not mastered.
        in_band: share of answers whose true chance was within [0.6, 0.8].
        calibration_gap: mean expected minus observed right answers; None where the policy expects nothing.
        left: share of learners who left.
        answers: mean answers given.
        minutes: mean minutes.
    """

    policy: str
    world: str
    run_id: str
    steps: Interval
    saved: Interval | None
    p: float | None
    reached: float
    mastered: float
    over_practice: float
    mastery_accuracy: float | None
    too_early: float
    in_band: float
    calibration_gap: float | None
    left: float
    answers: float
    minutes: float


@dataclass(frozen=True)
class Matrix:
    """What became of every policy in every world.

    Attributes:
        suite: its name.
        run_id: the matrix's own run.
        horizon: steps that a learner gets, at most.
        learners: learners in each cell, of all seeds.
        policies: labels, the baseline first.
        worlds: labels.
        cells: policy by policy, world by world.
        fits: world to how well it is like its data.
    """

    suite: str
    run_id: str
    horizon: int
    learners: int
    policies: tuple[str, ...]
    worlds: tuple[str, ...]
    cells: tuple[Cell, ...]
    fits: dict[str, dict[str, float]]

    def cell(self, policy: str, world: str) -> Cell:
        """One cell."""
        return next(c for c in self.cells if (c.policy, c.world) == (policy, world))

    def verdicts(self) -> list[str]:
        """What may be concluded, in words."""
        out, everywhere = [], []
        for policy in self.policies[1:]:
            better, worse, unclear = self._sides(policy)
            if better and not worse and not unclear:
                everywhere.append(policy)
            elif better:
                sides = ((worse, "worse in "), (unclear, "no clear difference in "))
                rest = ", ".join(words + _listed(names) for names, words in sides if names)
                out.append(f"{policy} is better than {BASELINE} in {_listed(better)}; {rest}.")
            elif worse:
                more = f", and no clear difference in {_listed(unclear)}" if unclear else ""
                out.append(f"{policy} is worse than {BASELINE} in {_listed(worse)}{more}.")
            else:
                out.append(f"No clear difference between {policy} and {BASELINE} in any world.")
        if everywhere:
            head = f"Better than the order of the curriculum in every world: {_listed(everywhere)}."
        else:
            head = "No policy beats the order of the curriculum in every world."
        return [head, *out]

    def _sides(self, policy: str) -> tuple[list[str], list[str], list[str]]:
        sides: tuple[list[str], list[str], list[str]] = ([], [], [])
        for world in self.worlds:
            cell = self.cell(policy, world)
            clear = cell.p is not None and cell.p < ALPHA and cell.saved is not None
            sides[2 if not clear or cell.saved is None else 0 if cell.saved.value > 0 else 1].append(world)
        return sides


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def run_matrix(file: MatrixFile, store: Store, say: Said) -> Matrix:
    """Teach in every cell that is not finished yet, and compare.

    Args:
        file: what is asked for.
        store: keeps a run for each cell and one for the matrix.
        say: hears of each cell.

    Raises:
        UserError: a name, a param or a data set is wrong; nothing has run yet.
    """
    matrix = file.matrix
    policies = file.policies()
    worlds = [_world(file, choice, student) for choice, student in file.students()]
    experiment = store.ensure_experiment(matrix.suite).experiment_id
    known = capture(Path.cwd())
    tags = known.tags | {"attain.kind": "policies", "attain.suite": matrix.suite}
    own = store.create_run(experiment, matrix.suite, tags=tags)
    artifacts.log_files(store, own.run_id, known.files | {"suite.yaml": file.source.text.encode()})
    keys = {(p, w.label): _key(file, policy, w) for p, policy in policies for w in worlds}
    done = store.finished_runs(list(keys.values()))
    kept: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    try:
        for number, ((label, policy), world) in enumerate([(p, w) for w in worlds for p in policies], 1):
            key = keys[label, world.label]
            run_id = done.get(key) or _teach(store, experiment, own.run_id, file, (label, policy), world, key)
            kept[label, world.label] = run_id, json.loads(artifacts.read_bytes(store, run_id, CELL_FILE))
            say(f"[{number}/{len(keys)}] {label} · {world.label}{' (kept)' if key in done else ''}")
    except BaseException:
        store.update_run(own.run_id, status="KILLED")
        raise
    found = _compared(file, own.run_id, [label for label, _ in policies], worlds, kept)
    _keep(store, own.run_id, found)
    return found


def _world(file: MatrixFile, choice: StudentChoice, student: Student) -> World:
    if choice.fitted_to is None:
        return World(choice.called, student, file.matrix.curriculum.build(), {})
    made = fitted(student, choice.fitted_to.dataset, choice.fitted_to.options, choice.fitted_to.skills)
    return World(choice.called, made.student, made.curriculum, made.distance)


def _key(file: MatrixFile, policy: TutoringPolicy, world: World) -> str:
    matrix, c = file.matrix, world.curriculum
    return fingerprint.of_json(
        {
            "rules": RULES,
            "policy": [policy.name, policy.params.model_dump(mode="json"), code_of_model(type(policy))],
            "student": [
                world.student.name,
                world.student.params.model_dump(mode="json"),
                code_of_model(type(world.student)),
            ],
            "curriculum": [
                c.skills.tolist(),
                c.needs.tolist(),
                c.next_start.tolist(),
                c.next.tolist(),
                c.item_skill.tolist(),
            ],
            "how": [matrix.learners, matrix.steps, matrix.share, matrix.seeds],
        }
    )


def _teach(
    store: Store,
    experiment: str,
    parent: str,
    file: MatrixFile,
    policy: tuple[str, TutoringPolicy],
    world: World,
    key: str,
) -> str:
    """Teach in one cell, and keep what became of each learner in a run of its own."""
    matrix, (label, chooses) = file.matrix, policy
    params = {"policy": chooses.name, "student": world.student.name}
    params |= {"learners": str(matrix.learners), "steps": str(matrix.steps)}
    params |= {f"policy.{name}": str(value) for name, value in chooses.params.model_dump(mode="json").items()}
    params |= {f"student.{name}": str(value) for name, value in world.student.params.model_dump(mode="json").items()}
    tags = {KEY_TAG: key, "attain.kind": "policy", "attain.suite": matrix.suite, "attain.model": label}
    tags["attain.dataset"] = world.label
    run = store.create_run(experiment, f"{label} · {world.label}", tags=tags, params=params, parent_run_id=parent)
    try:
        outcomes = [
            teach(
                chooses,
                world.student,
                world.curriculum,
                learners=matrix.learners,
                steps=matrix.steps,
                share=matrix.share,
                seed=seed,
            )
            for seed in matrix.seeds
        ]
        kept = _of_learners(outcomes)
        artifacts.log_bytes(store, run.run_id, json.dumps(kept).encode(), CELL_FILE)
        now = now_ms()
        numbers = _numbers(kept, matrix.steps, len(world.curriculum.skills))
        points = [MetricPoint(name, value, now, 0) for name, value in numbers.items() if value is not None]
        store.log_batch(run.run_id, metrics=points)
    except BaseException as error:
        store.update_run(run.run_id, status="KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
        raise
    store.update_run(run.run_id, status="FINISHED")
    return run.run_id


def _of_learners(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """What a cell keeps of each learner, of all seeds one after the other."""
    names = list(vars(outcomes[0]))
    return {name: np.concatenate([getattr(o, name) for o in outcomes]).astype(float).tolist() for name in names}


def _numbers(kept: dict[str, Any], horizon: int, n_skills: int) -> dict[str, float | None]:
    """The headline numbers of a cell."""
    of = {name: np.asarray(values, dtype=float) for name, values in kept.items()}
    answers = max(float(of["steps"].sum()), 1.0)
    declared, told = float(of["declared"].sum()), float(of["expected_count"].sum())
    return {
        "steps_to_mastery": float(_steps(of, horizon).mean()),
        "reached_share": float((of["reached"] >= 0).mean()),
        "mastered_share": float(of["at_end"].mean() / n_skills),
        "over_practice_rate": float(of["over"].sum() / answers),
        "mastery_accuracy": float(of["declared_true"].sum() / declared) if declared else None,
        "prerequisite_violation_rate": float(of["early"].sum() / answers),
        "zpd_hit_rate": float(of["in_band"].sum() / answers),
        "calibration_gap": float(of["expected_error"].sum() / told) if told else None,
        "left_share": float(of["left"].mean()),
        "answers": float(of["steps"].mean()),
        "minutes": float(of["seconds"].mean() / 60),
    }


def _steps(of: dict[str, NDArray[np.float64]], horizon: int) -> NDArray[np.float64]:
    return np.where(of["reached"] >= 0, np.minimum(of["reached"], horizon), horizon)


def _compared(
    file: MatrixFile,
    run_id: str,
    labels: Sequence[str],
    worlds: Sequence[World],
    kept: dict[tuple[str, str], tuple[str, dict[str, Any]]],
) -> Matrix:
    matrix = file.matrix
    cells, p = [], []
    for label in labels:
        for world in worlds:
            own_run, learners = kept[label, world.label]
            steps = _steps({"reached": np.asarray(learners["reached"])}, matrix.steps)
            base = _steps({"reached": np.asarray(kept[labels[0], world.label][1]["reached"])}, matrix.steps)
            mean, saved, own_p = _intervals(steps, base - steps, matrix.replicates, baseline=label == labels[0])
            n = _numbers(learners, matrix.steps, len(world.curriculum.skills))
            p.append(np.nan if own_p is None else own_p)
            cells.append(
                Cell(
                    label,
                    world.label,
                    own_run,
                    mean,
                    saved,
                    own_p,
                    n["reached_share"] or 0.0,
                    n["mastered_share"] or 0.0,
                    n["over_practice_rate"] or 0.0,
                    n["mastery_accuracy"],
                    n["prerequisite_violation_rate"] or 0.0,
                    n["zpd_hit_rate"] or 0.0,
                    n["calibration_gap"],
                    n["left_share"] or 0.0,
                    n["answers"] or 0.0,
                    n["minutes"] or 0.0,
                )
            )
    adjusted = holm(np.array(p))
    final = tuple(
        Cell(**{**vars(cell), "p": None if np.isnan(q) else float(q)}) for cell, q in zip(cells, adjusted, strict=True)
    )
    fits = {world.label: world.fit for world in worlds if world.fit}
    size = matrix.learners * len(matrix.seeds)
    return Matrix(matrix.suite, run_id, matrix.steps, size, tuple(labels), tuple(w.label for w in worlds), final, fits)


def _intervals(
    steps: NDArray[np.float64], saved: NDArray[np.float64], replicates: int, *, baseline: bool
) -> tuple[Interval, Interval | None, float | None]:
    """The mean steps, the mean saved, each with its interval, and the p value of the latter."""
    drawn = np.concatenate(
        [
            weights @ np.column_stack([steps, saved]) / len(steps)
            for weights in bootstrap_weights(len(steps), replicates, 0)
        ]
    )
    mean = Interval(float(steps.mean()), *(percentile(drawn[:, 0]) or (None, None)))
    if baseline:
        return mean, None, None
    apart = Interval(float(saved.mean()), *(percentile(drawn[:, 1]) or (None, None)))
    fewer = min((drawn[:, 1] <= 0).sum(), (drawn[:, 1] >= 0).sum())
    if np.ptp(saved) == 0:  # everyone differs by the same, which is most often nothing
        return mean, apart, 1.0 if saved[0] == 0 else 1 / len(drawn)
    spread = float(drawn[:, 1].std())
    from scipy.special import ndtr

    p = 2 * float(ndtr(-abs(apart.value) / spread)) if not fewer else min(1.0, 2 * (1 + int(fewer)) / (1 + len(drawn)))
    return mean, apart, p


def _keep(store: Store, run_id: str, found: Matrix) -> None:
    """The matrix as JSON and figures, with its own run."""
    import tempfile

    from attain.charts.policy_matrix import draw_gains, draw_matrix
    from attain.charts.style import save

    artifacts.log_bytes(store, run_id, json.dumps(asdict(found)).encode(), TABLE_FILE)
    artifacts.log_bytes(store, run_id, "\n".join(found.verdicts()).encode(), "verdicts.txt")
    table = [[found.cell(policy, world) for world in found.worlds] for policy in found.policies]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        steps = [[cell.steps.value for cell in row] for row in table]
        marks = [[_mark(cell) for cell in row] for row in table]
        save(draw_matrix(steps, marks, found.policies, found.worlds, found.horizon, found.learners), folder, "matrix")
        trade = {
            w: [(c.policy, c.answers, c.mastered, c.minutes) for c in (row[i] for row in table)]
            for i, w in enumerate(found.worlds)
        }
        save(draw_gains(trade, found.learners), folder, "gains")
        artifacts.log_artifacts(store, run_id, folder, "figures")
    store.update_run(run_id, status="FINISHED")


def _mark(cell: Cell) -> str:
    """`+` where clearly better than the baseline, `-` where clearly worse, "" where it cannot be told."""
    if cell.saved is None or cell.p is None or cell.p >= ALPHA:
        return ""
    return "+" if cell.saved.value > 0 else "-"
