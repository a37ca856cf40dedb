from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments
from attain.data.load import load

CARD = """title: T
tasks: [dropout_prediction]
description: D
licence: {name: CC0, redistribution: true}
pseudonymous: true
courses:
  file: who.csv
  learner: id
  course: course
  term: term
  terms: [spring, autumn]
  result: result
  outcomes:
    failed: {"yes": [Fail], "no": [Pass]}
    leaves: {leaves_within: true}
  groups:
    demographics: {columns: {gender: sex}}
    midterm: {columns: {midterm: midterm}, numbers: [midterm], known_from: 30}
  cohorts: {gender: sex}
  spelling: {sex: {f: F}}
  registration: {file: when.csv, learner: id, course: course, term: term, begins: from, ends: to}
  activity:
    file: clicks.csv
    learner: id
    course: course
    term: term
    day: day
    about: page
    amount: n
    complete_until: {A spring: 40, A autumn: 10}
    kinds: {file: pages.csv, key: page, kind: kind}
  results:
    file: scores.csv
    learner: id
    about: exam
    day: day
    score: score
    carried_over: old
    plan: {file: exams.csv, course: course, term: term, key: exam, kind: kind, due: due, weight: weight}
"""
FILES = {
    "who.csv": "id,course,term,sex,midterm,result\nann,A,spring,F,7,Pass\nbob,A,spring,M,3,Fail\n"
    "cat,A,spring,f,,Fail\ndan,A,autumn,M,5,Pass\neve,A,autumn,F,6,Fail\nfay,A,autumn,,9,Deferred\n",
    "when.csv": "id,course,term,from,to\nann,A,spring,-5,\nbob,A,spring,-9,35\ncat,A,spring,-3,12\n"
    "dan,A,autumn,1,\neve,A,autumn,-8,-2\nfay,A,autumn,0,\n",
    "clicks.csv": "id,course,term,page,day,n\nann,A,spring,p1,2,3\nann,A,spring,p1,2,4\nann,A,spring,p9,21,1\n"
    "bob,A,spring,p2,1,5\nzoe,A,spring,p1,1,5\ndan,A,autumn,p1,2,8\ndan,A,autumn,p1,11,8\n",
    "pages.csv": "page,kind\np1,forum\np2,quiz\n",
    "scores.csv": "id,exam,day,old,score\nann,e1,9,0,80\nann,e2,25,0,90\nbob,e1,12,0,\nbob,e2,-1,1,40\n",
    "exams.csv": "course,term,exam,kind,due,weight\nA,spring,e1,test,10,20\nA,spring,e2,essay,24,80\n"
    "A,autumn,e3,test,10,100\n",
}

Load = Callable[..., Dataset[Enrolments]]


@pytest.fixture
def courses(write: Callable[..., Path]) -> Load:
    """Load the small set of courses with some options, some of its files replaced."""

    def do(files: dict[str, str] | None = None, card: str = CARD, **options: object) -> Dataset[Enrolments]:
        for name, text in {**FILES, **(files or {})}.items():
            write(text, f"datasets/small/{name}")
        write(card, "datasets/small/card.yaml")
        return load("small", options)

    return do


@pytest.fixture
def refused(courses: Load) -> Callable[..., str]:
    """The words with which the small set is refused."""

    def do(files: dict[str, str] | None = None, card: str = CARD, **options: object) -> str:
        with pytest.raises(UserError) as refusal:
            courses(files, card, **options)
        return str(refusal.value)

    return do
