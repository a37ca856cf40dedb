"""What was generated: every piece beside its prompt, in the orders that reviewers ask for."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from attain.tracking.artifacts import log_bytes

Filled = Any  # the classes of the conftest
Generated = Any
HOSTILE = "<script>alert(1)</script>\"'=HYPERLINK(1)"  # as in the conftest


def systems(facts: dict[str, Any]) -> list[str]:
    return [f"{group['prompt']} {line['system'].split()[0]}" for group in facts["groups"] for line in group["lines"]]


def test_pieces_stand_by_prompt_with_all_systems_beside_each_other(filled: Filled, generated: Generated) -> None:
    facts = filled.facts(f"/content/{generated.suite}.json")
    assert (facts["n"], facts["n_all"], facts["n_prompts"]) == (14, 14, 7)
    assert facts["counts"] == [["ok", 11], ["empty", 1], ["refused", 1], ["failed", 1]]
    assert systems(facts) == [f"p{n} {name}" for n in range(5) for name in ("good", "bad")]
    assert facts["groups"][0]["references"] == ["reference 0"]
    second = filled.facts(f"/content/{generated.suite}.json?page=2")
    assert systems(second) == [f"p{n} {name}" for n in (5, 6) for name in ("good", "bad")]
    assert (facts["before"], second["after"]) == ("", "")
    assert second["groups"][1]["lines"][1]["error"] == "status 500"


def test_nothing_that_was_generated_becomes_part_of_the_page(filled: Filled, generated: Generated) -> None:
    page = filled.page(f"/content/{generated.suite}")
    assert "good question 0" in page
    assert "<script>alert" not in page
    status, body = filled.server.raw("GET", f"/content/{generated.suite}.csv")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert status == 200
    assert len(rows) == 10
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_the_best_and_the_worst_are_by_the_dimension_that_is_asked_for(filled: Filled, generated: Generated) -> None:
    address = f"/content/{generated.suite}.json"
    assert systems(filled.facts(f"{address}?order=best")) == [f"p{n} good" for n in (5, 4, 3, 2, 1, 0)]
    assert systems(filled.facts(f"{address}?order=worst&dimension=clarity"))[0] == "p0 good"
    words = [one["word"] for one in filled.facts(address)["orders"]]
    assert "most disputed first" not in words, "one value a piece tells nothing of disputes"


def test_ratings_of_several_people_show_who_disagreed_and_replace_older_means(
    filled: Filled, generated: Generated
) -> None:
    log_bytes(filled.server.store, generated.suite, ratings().encode(), "ratings.csv")
    address = f"/content/{generated.suite}.json"
    torn = filled.facts(f"{address}?order=disputed")
    assert systems(torn) == ["p2 bad", "p1 good"]
    first = torn["groups"][0]["lines"][0]
    assert (first["ratings"], first["raters"], first["spread"]) == ([3.0], 2, 2.0)
    assert systems(filled.facts(f"{address}?order=best"))[0] == "p1 good", "a model's ratings are not people's"


def ratings() -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["prompt", "sample", "system", "rater", "kind", "dimension", "value"])
    for prompt, system, values in (("p1", "good", (5, 4)), ("p2", "bad", (1, 5))):
        for rater, value in enumerate(values):
            writer.writerow([prompt, 0, f"{system} {HOSTILE}", f"r{rater}", "person", "clarity", value])
    writer.writerow(["p3", 0, f"good {HOSTILE}", "judge", "model", "clarity", 9])
    return stream.getvalue()


def test_a_random_order_is_the_same_for_the_same_seed(filled: Filled, generated: Generated) -> None:
    one, same, other = (
        systems(filled.facts(f"/content/{generated.suite}.json?order=random&seed={seed}")) for seed in (1, 1, 2)
    )
    assert one == same != other
    assert sorted(one) == sorted(other)
    assert len(one) == 14


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=failed", ["p6 bad"]),
        ("q=Question 3", ["p3 good", "p3 bad"]),
        ("q=p0", ["p0 good", "p0 bad"]),
        ("q=nothing of the sort", []),
        ("state=failed&q=question", []),
        ("state=odd&page=x&order=odd&page=%C2%B2", None),
    ],
)
def test_pieces_are_narrowed(filled: Filled, generated: Generated, asked: str, found: list[str] | None) -> None:
    facts = filled.facts(f"/content/{generated.suite}.json?{asked.replace(' ', '%20')}")
    assert found is None or systems(facts) == found
    assert facts["n_all"] == 14


def test_a_generators_own_run_shows_its_own_pieces_and_is_linked(filled: Filled, generated: Generated) -> None:
    facts = filled.facts(f"/content/{generated.runs['bad']}.json")
    assert systems(facts) == [f"p{n} bad" for n in range(5)]
    assert facts["beside"] == f"/content/{generated.suite}"
    for run_id in (generated.suite, generated.runs["bad"]):
        assert f'href="/content/{run_id}"' in filled.page(f"/runs/{run_id}")
    assert "/content/" not in filled.page(f"/runs/{filled.runs['bkt']}")


def test_a_run_that_generated_nothing_says_so(filled: Filled, server: Any) -> None:
    assert "keeps no generated texts" in filled.page(f"/content/{filled.runs['bkt']}")
    empty = server.store.create_run(filled.experiment, "soon", tags={"attain.kind": "suite"})
    assert "has finished yet" in filled.page(f"/content/{empty.run_id}")
    filled.page("/content/none", status=404)


def test_who_may_not_read_the_run_sees_no_piece(
    filled: Filled, generated: Generated, see: Callable[..., tuple[int, str]]
) -> None:
    status, page = see("ann", f"/content/{generated.suite}")
    assert status == 403
    assert "question 0" not in page
    assert see("root", f"/content/{generated.suite}")[0] == 200


def test_what_people_said_stands_above_the_pieces_with_intervals_and_agreement(
    filled: Filled, generated: Generated
) -> None:
    mean = {"value": 3.25, "low": 2.5, "high": 4.0}
    dimension = {
        "name": "clarity",
        "raters": ["a", "b", "c"],
        "n_pieces": 14,
        "alphas": [{"level": "nominal", **mean}, {"level": "ordinal", "value": None, "low": None, "high": None}],
        "rated": {"means": [{"system": f"good {HOSTILE}", **mean}]},
        "note": "3 raters: few.",
    }
    said = {"schema": 1, "scale": [1, 5], "systems": [f"good {HOSTILE}", "bad"], "notes": [], "dimensions": [dimension]}
    log_bytes(filled.server.store, generated.suite, json.dumps(said).encode(), "people.json")
    page = filled.page(f"/content/{generated.suite}")
    assert "3.250" in page
    assert "[2.500, 4]" in page
    assert "undefined" in page
    assert "3 raters: few." in page
    assert "<script>alert" not in page
    log_bytes(filled.server.store, generated.suite, json.dumps({**said, "schema": 99}).encode(), "people.json")
    assert "What people said" not in filled.page(f"/content/{generated.suite}"), "of another version"
