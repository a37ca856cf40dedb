"""How many answers a second can simulated learners give, with a tutor that chooses for them?

    python benchmarks/speed/simulated_learners.py
    python benchmarks/speed/simulated_learners.py --learners 500 --steps 200

Ours steps all learners together in compiled loops. The peer is the loop that environments of reinforcement learning
are made of: one learner and one step at a time, in Python with NumPy, the same model, the same tutor and the same luck.
Both must give the same answers; the exit status is 1 if they do not. CPU seconds; fewer learners in the loop.
"""

import argparse
import os
import sys
import time

import numpy as np

from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS
from attain.data.simulate.students import _luck
from attain.tasks.tutoring import POLICIES, teach

FEW = 20
"""Learners of the loop."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=500)
    given = parser.parse_args()
    curriculum = Curriculum.random(20, seed=1)
    print(f"{given.learners:,} learners, {given.steps} steps, 20 skills; load {os.getloadavg()[0]:.1f}")
    fine = beside_the_loop(curriculum, given)
    for policy in POLICIES.names():
        rates = [f"{kind} {steps_a_second(policy, kind, curriculum, given) / 1e6:.1f}" for kind in STUDENTS.names()]
        print(f"{policy:16} million steps a CPU second: {', '.join(rates)}")
    return 0 if fine else 1


def steps_a_second(policy: str, kind: str, curriculum: Curriculum, given: argparse.Namespace) -> float:
    chosen, student = POLICIES.get(policy).create(), STUDENTS.get(kind).create()
    teach(chosen, student, curriculum, learners=5, steps=5)  # compiled
    before = time.process_time()
    outcome = teach(chosen, student, curriculum, learners=given.learners, steps=given.steps)
    return float(outcome.steps.sum()) / (time.process_time() - before)


def beside_the_loop(curriculum: Curriculum, given: argparse.Namespace) -> bool:
    policy, student = POLICIES.get("curriculum").create(), STUDENTS.get("bkt").create()
    ours = steps_a_second("curriculum", "bkt", curriculum, given)
    few = teach(policy, student, curriculum, learners=FEW, steps=given.steps)
    people = student.begin(curriculum, FEW, 0)
    luck = _luck.luck
    luck(people.seed, 0, 0, 1)
    before = time.process_time()
    right, reached = loop(people, curriculum, given.steps, luck)
    theirs = FEW * given.steps / (time.process_time() - before)
    same = bool((right == few.right).all() and (reached == few.reached).all())
    print(
        f"BKT learner, BKT tutor: {ours / 1e6:.1f} M steps a CPU second; one at a time in Python: {theirs / 1e6:.3f} M"
    )
    print(f"  {ours / theirs:.0f} times as many; same answers and same steps to mastery: {'yes' if same else 'NO'}")
    return same


def loop(people, curriculum, steps, luck):
    """A learner, a step: choose the first skill not declared, answer, learn, update the tutor by Bayes."""
    n, k = people.mastered.shape
    learn, guess, slip = people.state["learn"], people.state["guess"], people.state["slip"]
    before = [
        [b for b in range(k) if s in curriculum.next[curriculum.next_start[b] : curriculum.next_start[b + 1]]]
        for s in range(k)
    ]
    right, reached = np.zeros(n, dtype=int), np.full(n, -1)
    wanted = int(np.ceil(0.8 * k))
    for who in range(n):
        known = np.full(k, 0.15)
        declared = np.zeros(k, dtype=bool)
        mastered = people.mastered[who].copy()
        reached[who] = 0 if mastered.sum() >= wanted else -1
        for step in range(steps):
            skill = int(np.argmin(declared)) if not declared.all() else int(np.argmin(known))
            chance = 1 - slip[skill] if mastered[skill] else guess[skill]
            correct = luck(people.seed, who, step, _luck.ANSWER) < chance
            if not mastered[skill]:
                ready = all(mastered[b] for b in before[skill])
                if luck(people.seed, who, step, _luck.LEARN) < learn[who, skill] * (1 if ready else 0.3):
                    mastered[skill] = True
            p = known[skill]
            p = p * 0.9 / (p * 0.9 + (1 - p) * 0.2) if correct else p * 0.1 / (p * 0.1 + (1 - p) * 0.8)
            known[skill] = p + (1 - p) * 0.15
            declared[skill] |= known[skill] >= 0.95
            right[who] += correct
            if reached[who] < 0 and mastered.sum() >= wanted:
                reached[who] = step + 1
    return right, reached


if __name__ == "__main__":
    sys.exit(main())
