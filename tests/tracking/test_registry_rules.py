import pytest

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_rules import (
    checked_alias,
    checked_logged_name,
    checked_model_name,
    checked_registry_tag,
    checked_stage,
    checked_version,
)


@pytest.mark.parametrize("name", ["dropout", "dropout week 4", "Élan-1.0_x", "a@b", "🦉", "x" * 500])
def test_a_registered_model_may_be_called_so(name: str) -> None:
    assert checked_model_name(name) == name


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a:b", ".", "..", "x" * 501, "a\x00b", None, 3])
def test_a_registered_model_may_not_be_called_so(name: object) -> None:
    with pytest.raises(Invalid, match="name of a registered model"):
        checked_model_name(name)


@pytest.mark.parametrize("alias", ["v1", "V22", "latest", "LATEST"])
def test_an_alias_that_reads_like_a_version_is_reserved(alias: str) -> None:
    with pytest.raises(Invalid, match="is reserved: it reads like a version"):
        checked_alias(alias, new=True)
    assert checked_alias(alias) == alias  # it may be asked for


@pytest.mark.parametrize("alias", ["champion", "v1-b", "1", "über_2", "latest2", "x" * 255])
def test_other_aliases_are_fine(alias: str) -> None:
    assert checked_alias(alias, new=True) == alias


@pytest.mark.parametrize("alias", ["", "a b", "a.b", "a/b", "x" * 256, "a\n", None])
def test_an_alias_has_letters_digits_and_two_signs(alias: object) -> None:
    with pytest.raises(Invalid, match="The alias"):
        checked_alias(alias, new=True)


def test_a_version_is_a_whole_number_from_1() -> None:
    assert [checked_version(v) for v in (1, "2", "007")] == [1, 2, 7]
    for version in ("x", "1.0", "", "²", True, 1.5, None):
        with pytest.raises(Invalid, match="expected a whole number"):
            checked_version(version)
    for version in ("0", "-1", 10**30):
        with pytest.raises(NotFound, match="There is no version"):
            checked_version(version)


def test_a_stage_may_be_written_in_any_case() -> None:
    assert [checked_stage(s) for s in ("none", "STAGING", "Production", "archived")] == [
        "None",
        "Staging",
        "Production",
        "Archived",
    ]
    with pytest.raises(Invalid, match="The stage is 'Live'; expected one of None, Staging, Production, Archived"):
        checked_stage("Live")


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "50%", "it's", 'a"b', ""])
def test_the_name_of_a_logged_model_has_no_sign_of_an_address(name: str) -> None:
    with pytest.raises(Invalid, match="name of a logged model"):
        checked_logged_name(name)


def test_a_tag_in_the_registry_may_be_long_but_not_endless() -> None:
    assert checked_registry_tag("card", "x" * 100_000) == ("card", "x" * 100_000)
    assert checked_registry_tag("card", 3) == ("card", "3")
    with pytest.raises(Invalid, match="has 100001 characters"):
        checked_registry_tag("card", "x" * 100_001)
    for value in (None, True, [1]):
        with pytest.raises(Invalid, match="expected text or a number"):
            checked_registry_tag("card", value)
