from typing import Any

from attain.repro.causes import causes


def facts(**packages: dict[str, str]) -> dict[str, Any]:  # JSON
    environment = {"python": "3.12.1", "implementation": "CPython", "cpu": "one", "features": ["avx"]}
    return {"environment": environment | {"packages": packages, "variables": {}, "libraries": {}}, "code": None}


def test_another_version_of_a_package_is_a_cause_and_stands_first() -> None:
    then, now = facts(a={"version": "1"}, b={"version": "2"}), facts(a={"version": "1"}, b={"version": "3"})
    first, *rest = causes(then, now)
    assert (first.what, first.then, first.now) == ("packages", "b==2", "b==3")
    assert not any(cause.differs for cause in rest)


def test_a_package_of_a_folder_is_code_and_not_one_of_the_packages() -> None:
    then = facts(a={"version": "1"}, own={"version": "0.1", "folder": "own"})
    assert not any(cause.differs for cause in causes(then, facts(a={"version": "1"})))
