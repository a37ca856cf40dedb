from typing import ClassVar

from attain.models.knowledge_tracing.bkt import BKT
from attain.testing.knowledge_tracer import KnowledgeTracerTests


class TestBKT(KnowledgeTracerTests):
    model = BKT


class TestBKTOfEachSkill(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {
        "skills": "mean",
        "forgets": True,
        "guess_plus_slip_below_one": True,
        "pseudo_counts": {"guess": [1, 4]},
    }


class TestBKTOfTheFirstSkill(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"skills": "first", "starts": 7}
