"""What holds for a store that is a database holds through a server too: the same tests, on the server's address."""

import importlib.util
from pathlib import Path
from types import ModuleType


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"same_{name}", Path(__file__).parents[1] / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FROM = ("test_fluent", "test_artifacts", "sql/test_claims")
LOOK_INTO_THE_DATABASE = (
    "test_a_lost_content_is_explained",
    "test_equal_files_of_two_runs_are_stored_once",
    "test_a_claim_from_elsewhere_is_taken_over_when_it_is_stale",
)

for name in FROM:
    tests = {k: v for k, v in vars(load(name)).items() if k not in LOOK_INTO_THE_DATABASE and not k.startswith("__")}
    globals().update(tests)
