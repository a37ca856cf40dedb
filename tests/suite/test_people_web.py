"""From a sealed sheet over the suite's page to ratings: whole sheets are brought in once, others wait."""

from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.server.ui.pages._sheet import Sheet, fill_in, sheets_of
from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.people.bring import bring_in
from attain.suite.people.pieces import Pieces, pieces_of
from attain.suite.people.report import kept
from attain.suite.people.review import Wanted, make_sheets
from attain.suite.people.scale import Scale
from attain.suite.people.web import filled_on_the_web
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.tracking.sql.store import Store
from attain.tracking.store import default_uri, open_database

SUITE = """\
suite: writers
task: content_generation
datasets: [{name: small_lessons, options: {prompts: 12}}]
models: [{name: template, grid: {form: [cloze, wh]}}]
metrics: [delivered_share]
replicates: 100
"""


@pytest.fixture
def store(home: Path) -> Store:
    return open_database(default_uri())


@pytest.fixture
def pieces(home: Path, store: Store) -> Pieces:
    path = home / "writers.yaml"
    path.write_text(SUITE)
    outcome = Execution(make_plan(read_suite(str(path))), default_uri(), workers=1, threads=1, view=View()).run()
    assert not outcome.failed
    made = make_sheets(
        store,
        pieces_of(store, "writers"),
        Wanted(("clarity",), Scale(1, 5), raters=2, prompts=3),
        home / "s.csv",
        by="me",
    )
    assert made.rows == (6, 6)
    return pieces_of(store, "writers")


def rate(store: Store, pieces: Pieces, sheet: Sheet, rows: int, value: str) -> None:
    for code in list(sheet.rows)[:rows]:
        fill_in(store, pieces.suite_run, sheet, code, {"clarity": value, "comment": "fine"})


def bring(store: Store, pieces: Pieces, folder: Path) -> list[int]:
    found = filled_on_the_web(store, pieces.suite_run, folder)
    done = bring_in(store, pieces, found.files, columns={}, scale=None, rater="", kind="person", by="me", now=1)
    return [one.ratings for one in done]


def test_whole_sheets_become_ratings_of_whose_texts_they_were(store: Store, pieces: Pieces, tmp_path: Path) -> None:
    first, second = sheets_of(store, pieces.suite_run)
    with pytest.raises(UserError, match="Nobody has begun one"):
        bring(store, pieces, tmp_path)
    rate(store, pieces, first, 6, "4")
    rate(store, pieces, second, 5, "2")
    found = filled_on_the_web(store, pieces.suite_run, tmp_path)
    assert "5 of 6 rows are rated" in found.notes[0]
    assert bring(store, pieces, tmp_path) == [6]
    ratings = kept(store, pieces.suite_run).ratings
    assert set(ratings["rater"]) == {f"rater 1 of {first.key[:6]}"}
    assert set(ratings["value"]) == {4.0}
    assert set(ratings[["prompt", "sample", "system"]].itertuples(index=False, name=None)) == {
        piece for own in first.rows.values() for piece in own
    }
    with pytest.raises(UserError, match=r"brought in before.*5 of 6 rows"):
        bring(store, pieces, tmp_path)
    rate(store, pieces, second, 6, "2")
    assert bring(store, pieces, tmp_path) == [6]
    assert len(kept(store, pieces.suite_run).ratings) == 12
