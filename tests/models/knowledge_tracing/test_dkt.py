from typing import ClassVar

import pytest

from attain.testing.knowledge_tracer import KnowledgeTracerTests

pytest.importorskip("torch", reason="torch is not installed")

from attain.models.knowledge_tracing.dkt import DKT


class TestDKT(KnowledgeTracerTests):
    model = DKT
    params: ClassVar = {"epochs": 2, "hidden": 8, "window": 7, "batch": 4}
    tolerance = 1e-6


class TestDKTOfGatedUnits(KnowledgeTracerTests):
    model = DKT
    params: ClassVar = {"cell": "gru", "epochs": 2, "hidden": 8, "item_bias": False}
    tolerance = 1e-6
