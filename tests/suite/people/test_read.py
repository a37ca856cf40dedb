"""A file of ratings is taken as it is or refused with the line, and nothing is half done."""

from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.people.bring import bring_in
from attain.suite.people.pieces import Pieces
from attain.suite.people.report import kept
from attain.suite.people.scale import Kind, Scale
from attain.tracking.store import Store

Written = Callable[..., Path]
FIVE = Scale(1, 5)


def bring(
    store: Store,
    pieces: Pieces,
    *files: Path,
    scale: Scale | None = FIVE,
    kind: Kind = "person",
    rater: str = "",
    **columns: str,
) -> tuple[str, ...]:
    done = bring_in(store, pieces, files, columns=columns, scale=scale, rater=rater, kind=kind, by="me", now=0)
    return tuple(note for one in done for note in one.notes)


def test_ratings_in_long_form_are_kept_under_the_suites_own_names(
    store: Store, pieces: Pieces, written: Written
) -> None:
    assert bring(store, pieces, written()) == ()
    found = kept(store, pieces.suite_run).ratings
    assert list(found["system"]) == ["recorded system=careful", "recorded system=careless"] * 2
    assert list(found["value"]) == [4, 2, 5, 3]
    assert set(found["kind"]) == {"person"}
    assert set(found["sample"]) == {0}


def test_columns_may_have_other_names(store: Store, pieces: Pieces, written: Written) -> None:
    path = written(value="score")
    with pytest.raises(UserError, match=r"no column is named for 'value'\. Say which it is with `--column value=NAME`"):
        bring(store, pieces, path)
    bring(store, pieces, path, value="score")
    assert len(kept(store, pieces.suite_run).ratings) == 4


@pytest.mark.parametrize(
    ("line", "cells", "said"),
    [
        (3, {"value": "6"}, r"line 3, column 'value': '6' is outside the scale 1-5\. Nothing was imported"),
        (3, {"value": "good"}, r"line 3, column 'value': 'good' is not a number"),
        (4, {"value": ""}, r"line 4, column 'value': is empty"),
        (5, {"prompt": "nope"}, r"line 5, column 'prompt': 'nope' is no prompt of this suite"),
        (2, {"system": "carefull"}, r"line 2, column 'system': 'carefull' is no system of this suite"),
        (
            4,
            {"rater": "ann"},
            r"line 4, column 'rater': 'ann' rates this piece in 'clarity' a second time, after line 2",
        ),
        (4, {"dimension": "=1+1"}, r"line 4, column 'dimension': '=1\+1' is no name"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_and_nothing_is_kept(
    store: Store, pieces: Pieces, written: Written, line: int, cells: dict[str, str], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        bring(store, pieces, written({line: cells}))
    assert not len(kept(store, pieces.suite_run).ratings)


def test_one_bad_file_of_two_keeps_none(store: Store, pieces: Pieces, written: Written, tmp_path: Path) -> None:
    good = written().rename(tmp_path / "good.csv")
    with pytest.raises(UserError, match="outside the scale"):
        bring(store, pieces, good, written({2: {"value": "9"}, 3: {"rater": "cy"}}))
    assert not len(kept(store, pieces.suite_run).ratings)


def test_the_same_file_twice_is_refused(store: Store, pieces: Pieces, written: Written) -> None:
    bring(store, pieces, written())
    with pytest.raises(UserError, match="4 of 4 rows are kept already from an earlier file"):
        bring(store, pieces, written())
    assert len(kept(store, pieces.suite_run).ratings) == 4


def test_another_scale_than_before_is_refused(store: Store, pieces: Pieces, written: Written) -> None:
    bring(store, pieces, written())
    later = written({line: {"rater": f"new {line}"} for line in range(2, 6)})
    with pytest.raises(UserError, match="are on the scale 1-5 and these on 0-10"):
        bring(store, pieces, later, scale=Scale(0, 10))
    bring(store, pieces, later, scale=None)
    assert len(kept(store, pieces.suite_run).ratings) == 8


def test_without_a_scale_ratings_are_not_taken(store: Store, pieces: Pieces, written: Written) -> None:
    with pytest.raises(UserError, match="say which scale the ratings are on, such as `--scale 1-5`"):
        bring(store, pieces, written(), scale=None)


def test_a_rater_is_a_person_or_a_model(store: Store, pieces: Pieces, written: Written) -> None:
    path = written()
    text = path.read_text().splitlines()
    path.write_text("\n".join([f"{text[0]},kind", *(f"{t},{k}" for t, k in zip(text[1:], "ab" * 2, strict=True))]))
    with pytest.raises(UserError, match="line 2, column 'kind': 'a' is no kind of rater; expected person or model"):
        bring(store, pieces, path)
    kinds = ["person", "model", "model", "model"]
    path.write_text("\n".join([f"{text[0]},kind", *(f"{t},{k}" for t, k in zip(text[1:], kinds, strict=True))]))
    with pytest.raises(UserError, match="'ann' is a person in one row and a model in another"):
        bring(store, pieces, path)


def test_a_rater_is_a_person_or_a_model_over_all_files(store: Store, pieces: Pieces, written: Written) -> None:
    bring(store, pieces, written())
    later = written({line: {"dimension": "tone"} for line in range(2, 6)})
    lines = later.read_text().splitlines()
    later.write_text("\n".join([f"{lines[0]},kind", *(f"{line},model" for line in lines[1:])]))
    with pytest.raises(UserError, match="'ann' is a model here and a person in an earlier file"):
        bring(store, pieces, later)


def test_preferences_in_long_form(store: Store, pieces: Pieces, tmp_path: Path) -> None:
    path, prompt = tmp_path / "pairs.csv", pieces.prompts[0]
    path.write_text(f"prompt,a,b,rater,winner\n{prompt},careful,careless,ann,A\n{prompt},careless,plain,ann,tie\n")
    bring(store, pieces, path, scale=None)
    found = kept(store, pieces.suite_run).preferences
    assert list(found["winner"]) == ["a", "tie"]
    assert list(found["b"]) == ["recorded system=careless", "recorded system=plain"]
    path.write_text(f"prompt,a,b,rater,winner\n{prompt},careful,plain,bo,a\n{prompt},careful,plain,bo,b\n")
    with pytest.raises(UserError, match="line 3, column 'rater': 'bo' judges this pair in 'overall' a second time"):
        bring(store, pieces, path)
    path.write_text(f"prompt,a,b,rater,winner\n{prompt},careful,careful,bo,a\n")
    with pytest.raises(UserError, match="line 2, column 'b': is the same system as a"):
        bring(store, pieces, path)
    path.write_text(f"prompt,a,b,rater,winner\n{prompt},careful,plain,bo,left\n")
    with pytest.raises(UserError, match="'left' is no winner; expected a, b, tie"):
        bring(store, pieces, path)


@pytest.mark.parametrize("text", ["5-1", "1", "a-b", "3-3"])
def test_a_scale_is_two_numbers_the_lower_first(text: str) -> None:
    with pytest.raises(UserError, match="is not two numbers with the lower one first, such as 1-5"):
        Scale.of(text)
    assert Scale.of("-2 - 2") == Scale(-2, 2)
