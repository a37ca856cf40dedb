import pytest

from attain.core.errors import UserError
from attain.core.extras import not_installed

PACKAGE = [
    "pydantic>=2",
    'numpy>=2.0; extra == "suites"',
    'scikit-learn>=1.6; extra == "suites"',
    'scipy>=1.15; extra == "suites"',
    'pyBKT==1.4.3; extra == "pybkt"',
    'scikit-learn<1.8; extra == "pybkt"',
    'torch>=2.6; extra == "torch"',
    'psycopg[binary,pool]>=3.2; extra == "postgresql"',
]


@pytest.mark.parametrize(
    ("module", "extra"),
    [("sklearn.linear_model", "suites"), ("torch", "torch"), ("pyBKT", "pybkt"), ("psycopg", "postgresql")],
)
def test_the_smallest_extra_that_brings_a_library_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    monkeypatch.setattr("attain.core.extras.requires", lambda package: PACKAGE)
    problem = not_installed("'attain run'", ModuleNotFoundError(name=module))
    assert isinstance(problem, UserError)
    assert f"pip install 'attain[{extra}]'" in str(problem)


def test_a_module_that_no_extra_brings_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attain.core.extras.requires", lambda package: PACKAGE)
    error = ModuleNotFoundError(name="attain.core.nothing")
    assert not_installed("'attain run'", error) is error
