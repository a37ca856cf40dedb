import subprocess
import sys
from pathlib import Path

import pytest

from attain.core.component import Component, Params
from attain.core.errors import UserError
from attain.core.registry import Registry
from attain.tasks.knowledge_tracing import MODELS, KnowledgeTracer

MODEL = """
from attain.core.component import Component, Params

class Mine(Component):
    name = "mine"
    params: Params
"""


@pytest.fixture
def registry() -> Registry[Component]:
    return Registry("knowledge_tracing", Component, "attain.models.knowledge_tracing")


@pytest.mark.parametrize("name", MODELS.names())
def test_each_module_holds_the_one_class_of_its_name(name: str) -> None:
    found = MODELS.get(name)
    assert found.name == name
    assert issubclass(found, KnowledgeTracer)
    assert all(field.description for field in found.params_class().model_fields.values()), "each param needs a line"


@pytest.mark.parametrize("library", ["torch", "safetensors"])
def test_a_model_whose_library_is_missing_says_which_extra_brings_it(library: str) -> None:
    program = f"""
import sys
sys.modules[{library!r}] = None
from attain.tasks.knowledge_tracing import MODELS
try:
    MODELS.get("dkt")
except Exception as error:
    print(type(error).__name__, error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == f"UserError 'dkt' needs {library}, which is not installed. Try: pip install 'attain[torch]'\n"


def test_a_file_beside_the_suite_is_a_model(registry: Registry[Component], tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(MODEL)
    assert registry.get("own:Mine", folder=tmp_path).name == "mine"
    assert registry.get("own.py:Mine", folder=tmp_path).params_class() is Params


def test_a_model_without_one_of_its_methods_is_refused_before_anything_runs(tmp_path: Path) -> None:
    text = MODEL.replace("class Mine(Component)", "class Mine(KnowledgeTracer)")
    imported = "from attain.tasks.knowledge_tracing import KnowledgeTracer\n"
    (tmp_path / "half.py").write_text(
        imported + text + "    def predict(self, log): ...\n    def fit(self, log, context): ...\n"
    )
    with pytest.raises(UserError, match="'half:Mine' lacks the methods load, save of a KnowledgeTracer"):
        MODELS.get("half:Mine", folder=tmp_path)


def test_two_files_of_one_name_in_two_folders_are_two_models(registry: Registry[Component], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own.py").write_text(MODEL.replace('"mine"', f'"mine_{folder}"'))
    assert [registry.get("own:Mine", folder=tmp_path / f).name for f in ("a", "b")] == ["mine_a", "mine_b"]


def test_a_wrong_name_is_answered_with_the_near_ones(registry: Registry[Component]) -> None:
    with pytest.raises(UserError, match=r"Unknown knowledge tracing model 'btk'. Did you mean 'bkt'"):
        registry.get("btk")


def test_what_is_not_of_the_kind_is_refused(registry: Registry[Component], tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("Other = int")
    with pytest.raises(UserError, match=r"'own:Other' is not a subclass of Component\.$"):
        registry.get("own:Other", folder=tmp_path)
    with pytest.raises(UserError, match=r"'json:loads' is not a subclass of Component\.$"):
        registry.get("json:loads", folder=tmp_path)
    with pytest.raises(UserError, match="has no 'Absent'"):
        registry.get("own:Absent", folder=tmp_path)
    with pytest.raises(UserError, match=r"Cannot find 'nowhere': no file .*nowhere.py"):
        registry.get("nowhere:Model", folder=tmp_path)


def test_a_file_that_cannot_be_imported_is_shown_with_its_line(registry: Registry[Component], tmp_path: Path) -> None:
    (tmp_path / "torn.py").write_text("x = 1\nclass Model(:\n")
    (tmp_path / "lost.py").write_text("import no_such_package\n")
    (tmp_path / "wrong.py").write_text("x = 1\ny = nothing\n")
    for _ in range(2):  # a half-run module is not taken for a good one the second time
        with pytest.raises(UserError, match=r"wrong.py:2: cannot be imported: NameError: name 'nothing'"):
            registry.get("wrong:Model", folder=tmp_path)
    with pytest.raises(UserError, match=r"torn.py:2: is not Python"):
        registry.get("torn:Model", folder=tmp_path)
    with pytest.raises(
        UserError, match=r"lost.py:1: cannot be imported: ModuleNotFoundError: No module named 'no_such_package'"
    ):
        registry.get("lost:Model", folder=tmp_path)
