"""Review sheets: blind, safe in a spreadsheet, and joined again by a key that nobody can change."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.core.spreadsheet import safe
from attain.suite.people.bring import Brought, bring_in
from attain.suite.people.key import read_key
from attain.suite.people.pieces import Pieces
from attain.suite.people.report import imported, keep_recorded, kept, make_report
from attain.suite.people.review import Sheets, Wanted, make_sheets, open_key
from attain.suite.people.scale import Scale
from attain.tracking import artifacts
from attain.tracking.sql.store import Store as Database
from attain.tracking.store import Store

CLEAR = Wanted(("clarity",), Scale(1, 5), raters=2, prompts=5, seed=7)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def fill(path: Path, values: dict[str, str], column: str = "clarity") -> None:
    """Write a value into each row, by its code."""
    rows = rows_of(path)
    for row in rows:
        row[column] = values.get(row["code"], "")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def bring(store: Store, pieces: Pieces, *files: Path, rater: str = "") -> tuple[Brought, ...]:
    return bring_in(store, pieces, files, columns={}, scale=None, rater=rater, kind="person", by="me", now=0)


@pytest.fixture
def made(store: Store, pieces: Pieces, tmp_path: Path) -> Sheets:
    return make_sheets(store, pieces, CLEAR, tmp_path / "sheet.csv", by="me")


def test_a_sheet_tells_nothing_of_the_systems(made: Sheets, pieces: Pieces) -> None:
    assert [path.name for path in made.files] == ["sheet-1.csv", "sheet-2.csv"]
    for path in made.files:
        text = path.read_text(encoding="utf-8-sig")
        assert not any(name in text for name in ("recorded", *pieces.systems, *pieces.short().values()))
        rows = rows_of(path)
        assert list(rows[0]) == ["sheet", "code", "passage", "answer", "concept", "text", "clarity", "comment"]
        assert {row["sheet"] for row in rows} == {made.id}
        assert len({row["code"] for row in rows}) == len(rows)


def test_every_rater_has_an_order_of_their_own_and_systems_are_mixed(
    made: Sheets, store: Store, pieces: Pieces
) -> None:
    key = read_key(store, pieces.suite_run, made.id)
    orders = [[own[0][2] for own in sheet.values()] for sheet in key.sheets]
    assert orders[0] != orders[1]
    per_prompt: dict[str, list[str]] = {}
    for own in key.sheets[0].values():
        per_prompt.setdefault(own[0][0], []).append(own[0][2])
    assert len({tuple(order) for order in per_prompt.values()}) > 1


def test_all_pieces_of_the_chosen_prompts_are_there_and_equal_texts_once(
    made: Sheets, store: Store, pieces: Pieces
) -> None:
    key = read_key(store, pieces.suite_run, made.id)
    frame = pieces.frame.set_index(["prompt", "sample", "system"])["text"]
    for sheet, path in zip(key.sheets, made.files, strict=True):
        named = [piece for own in sheet.values() for piece in own]
        assert len(named) == len(set(named)) == 5 * len(pieces.systems)
        shown = {row["code"]: row["text"] for row in rows_of(path)}
        for code, own in sheet.items():
            assert {safe(str(frame[piece])) for piece in own} == {shown[code]}
        texts = [(own[0][0], shown[code]) for code, own in sheet.items()]
        assert len(texts) == len(set(texts))


def test_filled_sheets_come_back_as_ratings_of_the_right_pieces(made: Sheets, store: Store, pieces: Pieces) -> None:
    key = read_key(store, pieces.suite_run, made.id)
    truth = {"recorded system=careful": 5, "recorded system=plain": 3, "recorded system=careless": 2, "template": 4}
    for sheet, path in zip(key.sheets, made.files, strict=True):
        fill(path, {code: str(truth[own[0][2]]) for code, own in sheet.items()})
    done = bring(store, pieces, *made.files)
    found = kept(store, pieces.suite_run).ratings
    assert sum(one.ratings for one in done) == len(found) == 2 * 5 * 4
    assert set(found["rater"]) == {f"rater 1 of {made.id[:6]}", f"rater 2 of {made.id[:6]}"}
    alone = found[~found.duplicated(["prompt", "value", "rater"], keep=False)]
    assert (alone["value"] == alone["system"].map(truth)).all()
    assert imported(store, pieces.suite_run)["files"][0]["sheet"] == made.id


def test_the_people_of_two_batches_of_sheets_are_different_people(
    made: Sheets, store: Store, pieces: Pieces, tmp_path: Path
) -> None:
    second = make_sheets(store, pieces, CLEAR, tmp_path / "second.csv", by="me")  # the same pieces, drawn alike
    for path in (*made.files, *second.files):
        fill(path, dict.fromkeys((row["code"] for row in rows_of(path)), "3"))
    bring(store, pieces, *made.files)
    bring(store, pieces, *second.files)
    each = kept(store, pieces.suite_run).ratings.groupby("rater").size()
    assert dict(each) == {f"rater {number} of {key[:6]}": 5 * 4 for key in (made.id, second.id) for number in (1, 2)}
    (clarity,) = make_report(store, pieces).dimensions
    assert len(clarity.raters) == 4


def test_a_model_that_fills_in_a_persons_sheet_is_another_rater(made: Sheets, store: Store, pieces: Pieces) -> None:
    path = made.files[0]
    fill(path, dict.fromkeys((row["code"] for row in rows_of(path)), "3"))
    bring(store, pieces, path)
    bring_in(store, pieces, [path], columns={}, scale=None, rater="", kind="model", by="me", now=0)
    found = kept(store, pieces.suite_run).ratings
    assert set(zip(found["rater"], found["kind"], strict=True)) == {
        (f"rater 1 of {made.id[:6]}", "person"),
        (f"model 1 of {made.id[:6]}", "model"),
    }


def test_a_sheet_imported_when_raters_had_only_numbers_is_still_the_same_persons(
    made: Sheets, store: Store, pieces: Pieces
) -> None:
    for path in made.files:
        fill(path, dict.fromkeys((row["code"] for row in rows_of(path)), "3"))
    bring(store, pieces, made.files[0])
    suite = pieces.suite_run
    before = artifacts.read_bytes(store, suite, "ratings.csv").decode()
    said = imported(store, suite)
    assert said["files"][0].pop("raters") == [f"rater 1 of {made.id[:6]}"]
    artifacts.log_bytes(store, suite, before.replace(f" of {made.id[:6]}", "").encode(), "ratings.csv")
    artifacts.log_bytes(store, suite, json.dumps(said).encode(), "ratings_imported.json")
    with pytest.raises(UserError, match="20 of 20 rows are kept already"):
        bring(store, pieces, made.files[0])
    bring(store, pieces, made.files[1])
    assert set(kept(store, suite).ratings["rater"]) == {"rater 1", "rater 2"}


def test_empty_cells_and_missing_rows_count_as_not_rated(made: Sheets, store: Store, pieces: Pieces) -> None:
    path = made.files[0]
    rows = rows_of(path)
    fill(path, {rows[0]["code"]: "4", rows[1]["code"]: "2,5"})
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8-sig")
    (done,) = bring(store, pieces, path, rater="ann")
    assert done.notes[0] == (
        f"sheet-1.csv: 1 rows of the sheet are not in the file and {len(rows) - 3} cells are empty; they count as not "
        "rated."
    )
    assert set(kept(store, pieces.suite_run).ratings["rater"]) == {"ann"}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("clarity", "7", r"line 2, column 'clarity': '7' is outside the scale 1-5\. Nothing was imported"),
        ("clarity", "good", r"line 2, column 'clarity': 'good' is not a number"),
        ("code", "x", r"line 2, column 'code': 'x' is no code of this sheet's key"),
        ("sheet", "k0", r"column 'sheet': is not the same as in the other rows"),
    ],
)
def test_a_sheet_that_was_filled_in_wrongly_is_refused_with_its_line(
    store: Store, pieces: Pieces, tmp_path: Path, column: str, value: str, said: str
) -> None:
    one = Wanted(("clarity",), Scale(1, 5), raters=1, prompts=1)
    path = make_sheets(store, pieces, one, tmp_path / "one.csv", by="me").files[0]
    rows = rows_of(path)
    rows = [{**row, "passage": "", "text": ""} for row in rows]
    rows[0][column] = value
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(UserError, match=said):
        bring(store, pieces, path)
    assert not len(kept(store, pieces.suite_run).ratings)


def test_rows_that_a_spreadsheet_leaves_empty_are_no_rows(made: Sheets, store: Store, pieces: Pieces) -> None:
    path = made.files[0]
    rows = rows_of(path)
    nothing = dict.fromkeys(rows[0], "")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows([nothing, *({**row, "clarity": "3"} for row in rows), nothing, nothing])
    (done,) = bring(store, pieces, path)
    assert (done.ratings, done.notes) == (5 * 4, ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row, "nothing is filled in under clarity. Nothing was imported"),
        (lambda row: dict.fromkeys(row, ""), "no row has a code"),
        (lambda row: {**row, "sheet": ""}, "line 2, column 'sheet': is not the same"),
        (
            lambda row: {"Clarity" if name == "clarity" else name: cell for name, cell in row.items()},
            "columns must keep their names. Unknown column of this sheet 'clarity'. Did you mean 'Clarity'",
        ),
        (
            lambda row: {"Code" if name == "code" else name: cell for name, cell in row.items()},
            "A blind sheet is known by its columns 'sheet' and 'code'",
        ),
    ],
)
def test_a_sheet_from_which_nothing_can_be_taken_says_why(
    made: Sheets, store: Store, pieces: Pieces, change: Callable[[dict[str, str]], dict[str, str]], said: str
) -> None:
    path = made.files[0]
    rows = [change(row) for row in rows_of(path)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(UserError, match=re.escape(said)):
        bring(store, pieces, path)
    assert not imported(store, pieces.suite_run)["files"]


def test_a_key_that_was_changed_afterwards_is_not_used(made: Sheets, store: Store, pieces: Pieces) -> None:
    path = f"review/{made.id}.json"
    said = json.loads(artifacts.read_bytes(store, pieces.suite_run, path))
    said["seed"] = 8
    artifacts.log_bytes(store, pieces.suite_run, json.dumps(said).encode(), path)
    with pytest.raises(UserError, match="is not what was sealed: it has another SHA-256"):
        bring(store, pieces, made.files[0])


def test_the_ledger_holds_the_hash_and_who_opened_the_key(
    made: Sheets, store: Store, pieces: Pieces, tmp_path: Path
) -> None:
    assert isinstance(store, Database)
    (sealed,) = store.access.about(f"sheet {made.id}", ["ratings.sealed"])
    assert json.loads(sealed.details)["sha256"] == made.sha256
    assert made.in_ledger
    codes = open_key(store, pieces, made.id, tmp_path / "key.csv", by="eve")
    assert codes == sum(made.rows)
    assert len(rows_of(tmp_path / "key.csv")) == 2 * 5 * 4
    fill(made.files[0], {row["code"]: "3" for row in rows_of(made.files[0])})
    (done,) = bring(store, pieces, made.files[0])
    assert "The key was opened by eve on " in done.notes[0]
    assert "opened by eve" in imported(store, pieces.suite_run)["files"][0]["notes"][0]


def test_a_sheet_of_another_store_is_said_to_be_one(made: Sheets, store: Store, pieces: Pieces) -> None:
    text = made.files[0].read_text(encoding="utf-8-sig").replace(made.id, "k123")
    made.files[0].write_text(text, encoding="utf-8-sig")
    with pytest.raises(UserError, match=rf"keeps no key 'k123' \(it keeps {made.id}\)"):
        bring(store, pieces, made.files[0])


def test_no_file_is_overwritten(made: Sheets, store: Store, pieces: Pieces, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"sheet-1\.csv is there already, and may be filled in"):
        make_sheets(store, pieces, CLEAR, tmp_path / "sheet.csv", by="me")
    with pytest.raises(UserError, match="There is no folder"):
        make_sheets(store, pieces, CLEAR, tmp_path / "nowhere" / "sheet.csv", by="me")


def test_a_sheet_on_another_scale_than_the_suites_ratings_is_not_written(
    store: Store, pieces: Pieces, tmp_path: Path
) -> None:
    keep_recorded(store, pieces)
    other = replace(CLEAR, scale=Scale(1, 7))
    with pytest.raises(UserError, match=r"'writers' are on the scale 1-5.* sheets on 1-7 could not be imported"):
        make_sheets(store, pieces, other, tmp_path / "s.csv", by="me")
    assert not list(tmp_path.glob("s*.csv"))
    assert make_sheets(store, pieces, replace(other, pairs=True), tmp_path / "p.csv", by="me").files
    assert make_sheets(store, pieces, CLEAR, tmp_path / "s.csv", by="me").files


def test_pairs_are_judged_by_where_they_stand(store: Store, pieces: Pieces, tmp_path: Path) -> None:
    pairs = Wanted(("overall",), Scale(1, 5), raters=1, prompts=6, pairs=True, seed=1)
    made = make_sheets(store, pieces, pairs, tmp_path / "pairs.csv", by="me")
    key = read_key(store, pieces.suite_run, made.id)
    (sheet,) = key.sheets
    fill(made.files[0], dict.fromkeys(sheet, "first"), "overall")
    bring(store, pieces, made.files[0])
    found = kept(store, pieces.suite_run).preferences
    assert [(row.prompt, row.a, row.b) for row in found.itertuples()] == [(a[0], a[2], b[2]) for a, b in sheet.values()]
    assert set(found["winner"]) == {"a"}
    facts = make_report(store, pieces)
    (preferred,) = facts.preferred
    assert preferred.found.position is not None
    assert preferred.found.position.share == 1
    assert preferred.found.position.p < 0.01


def test_prompts_may_be_chosen_by_a_metric_and_that_is_said(store: Store, pieces: Pieces, tmp_path: Path) -> None:
    chosen = Wanted(("clarity",), Scale(1, 5), raters=1, prompts=6, strata=("best", "worst", "random"), seed=3)
    made = make_sheets(store, pieces, chosen, tmp_path / "chosen.csv", by="me")
    key = read_key(store, pieces.suite_run, made.id)
    assert sorted(key.strata.values()) == ["best", "best", "random", "random", "worst", "worst"]
    lengths = (
        pieces.frame.assign(n=pieces.frame["text"].astype(str).str.split().str.len()).groupby("prompt")["n"].mean()
    )
    by = {s: [lengths[p] for p, own in key.strata.items() if own == s] for s in ("best", "worst")}
    assert min(by["best"]) == pytest.approx(lengths.nlargest(2).min(), abs=1.5)
    assert max(by["worst"]) == pytest.approx(lengths.nsmallest(2).max(), abs=1.5)
    assert any("Prompts were chosen by their outcome" in note for note in made.notes)


def test_disputed_prompts_need_ratings_or_a_metric_and_strange_strata_are_named(
    store: Store, pieces: Pieces, tmp_path: Path
) -> None:
    strange = Wanted(("clarity",), Scale(1, 5), strata=("funny",))
    with pytest.raises(UserError, match="'funny' is no way to choose prompts; there are random, best, worst, disputed"):
        make_sheets(store, pieces, strange, tmp_path / "s.csv", by="me")
    named = Wanted(("clarity",), Scale(1, 5), strata=("best",), metric="text_lenght")
    with pytest.raises(UserError, match="Did you mean 'text_length'"):
        make_sheets(store, pieces, named, tmp_path / "s.csv", by="me")
