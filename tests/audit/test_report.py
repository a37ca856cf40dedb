import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attain.audit.evidence import Evidence
from attain.audit.overrides import overrides
from attain.audit.policy import Policy, Prices
from attain.audit.record import canonical, make_record
from attain.audit.report import about, render
from attain.audit.report_front import blind_spots, cohort_chart, gaps_found, no_gap_sentence, readings, verdicts
from attain.audit.results import results
from attain.audit.small_groups import NOT_SHOWN

POLICY = Policy(replicates=100, outcome={"had": "left", "had_not": "stayed"})
MARKUP = "<script>alert(1)</script> & \"x\" 'y'"


def world(seed: int = 0, n: int = 800) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two courses; of every gender but X many learners, of X four."""
    rng = np.random.default_rng(seed)
    gender = np.where(np.arange(n) < 4, "X", rng.choice(["F", "M"], n, p=[0.7, 0.3]))
    target = (rng.random(n) < 0.4).astype(float)
    score = 1 / (1 + np.exp(-1.5 * (target - 0.5) - rng.normal(size=n)))
    unit = np.array([f"learner {i:04}" for i in range(n)])
    course = rng.choice(["A", "B"], n)
    frame = pd.DataFrame({"example": np.arange(n), "unit": unit, "target": target, "score": score, "course": course})
    return frame.assign(term="T2", as_of=28.0), pd.DataFrame({"gender": gender}, index=unit)


def record_of(evidence: Evidence, policy: Policy = POLICY, model: str = "a model") -> dict[str, Any]:
    inputs = {
        "run_id": "r" * 32,
        "run_name": model,
        "table_sha256": "0" * 64,
        "cohorts": {"source": "a file", "mark": "m", "remarks": []},
        "policy_file": "ours.yaml",
        "policy_sha256": None,
        "code": "attain",
        "ledger": {"row": 3, "hash": "h"},
    }
    card = {"model": model, "summary": "It predicts.", "params": {}, "data": {"data set": "d"}, "outcome": "left"}
    return make_record(
        made={"by": "an auditor", "at": "2026-01-02T03:04:05+00:00"},
        inputs=inputs,
        policy=policy.model_dump(mode="json"),
        results=json.loads(json.dumps(results(evidence, policy))),
        card=card | {"unit": "day", "mistakes": "", "split": {"by": "term"}, "seed": "0", "code": "c"},
        overrides=overrides([], policy.rule),
    )


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    return record_of(Evidence(*world(), by=("gender",)))


class Page(HTMLParser):
    """The texts of a page, its tables, and what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.addresses: list[str] = []
        self.rows: list[list[str]] = []
        self.tables = self.captions = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        self.faults += [name for name, _ in attrs if name.startswith("on")]
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in ("meta", "br", "circle", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in ("circle", "line"):
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and any(tag in ("td", "th") for tag in self.open):
            self.rows[-1][-1] += data


def test_the_page_is_whole_and_fetches_nothing(record: dict[str, Any]) -> None:
    html = render(record)
    page = Page(html)
    assert page.faults == []
    assert page.open == []
    assert all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"url\(|@import|https?://", html)
    assert page.tables == page.captions > 5


def test_the_numbers_beside_the_dots_have_room(record: dict[str, Any]) -> None:
    few = json.loads(json.dumps(record))
    rate = few["results"]["tables"][1]["cohorts"][0]["rates"]["false_positive_rate"]
    rate |= {"value": 0.007, "low": 0.004, "high": 0.998, "n": 12_345}
    assert "1 (&lt;1–&gt;99), of 12,345" in cohort_chart(few, "false_positive_rate")[0]


def test_no_chart_says_that_groups_are_small_where_the_policy_does_not_ask_for_its_rate() -> None:
    page = render(record_of(Evidence(*world(), by=("gender",)), Policy(replicates=100, metrics=["recall"])))
    assert "not shown: small groups" not in page
    assert 'class="dots"' not in page


def test_crossed_cohorts_are_told_apart_where_nobody_can_tell() -> None:
    frame, cohorts = world()
    cohorts["age"] = np.where(np.arange(len(cohorts)) < 10, "old", "young")
    said = blind_spots(record_of(Evidence(frame, cohorts, by=("gender*age",))))
    assert any(one.startswith("gender and age ") and " F/old, " in one and "gender: " not in one for one in said), said


def test_an_audit_without_a_gap_says_so() -> None:
    frame, cohorts = world()
    cohorts["gender"] = np.where(np.arange(len(cohorts)) % 2, "F", "M")
    found = record_of(Evidence(frame, cohorts, by=("gender",)))
    assert gaps_found(found) == []
    assert "No gap was found, after correction for all" in no_gap_sentence(found)
    assert no_gap_sentence(found) in render(found)
    alone = record_of(Evidence(frame, cohorts.assign(gender="F"), by=("gender",)))
    assert no_gap_sentence(alone) == "Nothing could be compared."
    assert "no cohorts were given" in no_gap_sentence(record_of(Evidence(frame, None, by=()))).lower()


def test_who_stands_in_several_enrolments_is_said_to_count_in_each(record: dict[str, Any]) -> None:
    frame, cohorts = world()
    assert "enrolled several times" not in about(record)
    again = frame.assign(unit=frame["unit"].replace("learner 0001", "learner 0000"))
    assert "Who is enrolled several times is counted each time." in about(record_of(Evidence(again, cohorts)))


def test_each_link_of_the_page_leads_somewhere(record: dict[str, Any]) -> None:
    html = render(record)
    assert set(re.findall(r'href="#(\w+)"', html)) <= set(re.findall(r'id="(\w+)"', html))


def test_both_readings_of_a_false_alarm_stand_on_the_first_page(record: dict[str, Any]) -> None:
    rates = record["results"]["tables"][0]["cohorts"][0]["rates"]
    html = render(record)
    found, among_fine = rates["false_discovery_rate"], rates["false_positive_rate"]
    assert f"Of 100 people who are flagged, {100 * found['value']:.0f} stayed." in html
    assert f"{found['count']:,} of {found['n']:,} flagged people" in html
    assert f"Of 100 people who stayed, {100 * among_fine['value']:.0f} are flagged all the same." in html
    assert html.index("flagged all the same") < html.index('id="tell"') < html.index('id="evidence"')


def test_both_readings_stand_there_whatever_the_policy_asks_for(record: dict[str, Any]) -> None:
    asked = Policy(replicates=100, metrics=["recall"], outcome=POLICY.outcome)
    html = render(record_of(Evidence(*world(), by=("gender",)), asked))
    for reading in readings(record):
        assert reading.sentence in html
        assert reading.detail in html


def test_the_page_says_that_nobody_is_said_to_have_decided(record: dict[str, Any]) -> None:
    assert "The policy does not say who decided" in render(record)
    named = record | {"policy": record["policy"] | {"decided_by": "the Dean"}}
    assert "decided by the Dean" in render(named)


def test_markup_in_names_is_text() -> None:
    frame, cohorts = world()
    cohorts = cohorts.assign(**{MARKUP: np.where(cohorts["gender"] == "F", MARKUP, "</svg><img src=x>")})
    policy = POLICY.model_copy(update={"decided_by": MARKUP, "institution": MARKUP, "purpose": MARKUP})
    evidence = Evidence(frame.assign(course=MARKUP, term=MARKUP), cohorts, (MARKUP,))
    html = render(record_of(evidence, policy, model=MARKUP))
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") > 10
    assert Page(html).faults == []


def test_a_hidden_rate_shows_no_digit(record: dict[str, Any]) -> None:
    html = render(record)
    (row,) = [row for row in Page(html).rows if row and row[0] == "X" and "%" not in row[1]]
    assert row[1:] == ["not shown"] * 4
    choices = [row for row in Page(html).rows if row and row[0] == "X" and "%" in row[1]]
    assert [row[2:] for row in choices] == [["not shown"] * 4] * 3
    assert re.search(r"gender: X</text><text class=\"faint\"[^>]*>not shown: small groups</text>", html)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"capacity": {"share": 0.3, "per_course": True}},
        {"rounding": "nearest_5"},
        {"metrics": ["recall", "prevalence"]},
    ],
    ids=str,
)
def test_nothing_that_is_shown_depends_on_what_is_hidden(seed: int, more: dict[str, Any]) -> None:
    """Two worlds that differ only in who of the two hidden cohorts had the outcome give the same page and numbers."""
    policy = Policy.model_validate(POLICY.model_dump() | more)
    frame, cohorts = world(seed)
    one = record_of(Evidence(frame, cohorts, ("gender",)), policy)
    hidden = [c["values"]["gender"] for c in one["results"]["tables"][1]["cohorts"] if _all_hidden(c)]
    assert len(hidden) == 2
    other_one = next(name for name in hidden if name != "X")
    swapped = _swapped(frame, cohorts, other_one)
    other = record_of(Evidence(frame, swapped, ("gender",)), policy)
    assert _without_chance(one["results"]) == _without_chance(other["results"])
    chance = r"<td>(?:&lt;)?[\d.]+</td>|[0-9a-f]{16}"
    assert re.sub(chance, "", render(one)) == re.sub(chance, "", render(other))


def _swapped(frame: pd.DataFrame, cohorts: pd.DataFrame, other: str) -> pd.DataFrame:
    """The cohorts with one learner of X in place of one of `other`, of the same course and the other outcome."""
    gender, course, target = cohorts["gender"].to_numpy(), frame["course"].to_numpy(), frame["target"].to_numpy()
    mine = int(np.flatnonzero(gender == "X")[0])
    theirs = int(np.flatnonzero((gender == other) & (course == course[mine]) & (target != target[mine]))[0])
    out = cohorts.copy()
    out.iloc[[mine, theirs]] = [[other], ["X"]]
    return out


def _all_hidden(cohort: dict[str, Any]) -> bool:
    return all("n" not in rate for rate in cohort["rates"].values())


def _without_chance(plain: Any) -> Any:
    """P values come from draws, which may differ where the cohorts do."""
    if isinstance(plain, dict):
        return {k: _without_chance(v) for k, v in plain.items() if k not in ("p", "p_holm")}
    return [_without_chance(v) for v in plain] if isinstance(plain, list) else plain


def test_a_cohort_in_which_everybody_had_the_outcome_is_undefined_in_words() -> None:
    frame, cohorts = world()
    frame.loc[(cohorts["gender"] == "M").to_numpy(), "target"] = 1.0
    frame, cohorts = frame[(cohorts["gender"] != "X").to_numpy()], cohorts[cohorts["gender"] != "X"]
    html = render(record_of(Evidence(frame, cohorts, ("gender",))))
    assert "undefined: everybody had the outcome" in html or "not shown" in html


def test_without_cohorts_the_page_says_that_nothing_is_known_of_any() -> None:
    html = render(record_of(Evidence(world()[0])))
    assert "No cohorts were given" in html
    assert "There are no cohorts to compare" in html


def test_a_random_split_is_said_to_be_too_good(record: dict[str, Any]) -> None:
    random = record | {"card": record["card"] | {"split": {"by": "learner"}}}
    assert "usually too good" in render(random)
    assert "usually too good" not in render(record)


def test_mistakes_that_were_switched_on_in_the_data_are_told_first(record: dict[str, Any]) -> None:
    wrong = record | {"card": record["card"] | {"mistakes": "['end_day']"}}
    assert "mistakes were switched on in the data ([&#39;end_day&#39;])" in render(wrong)


def test_a_verdict_is_found_for_each_attribute_and_rate(record: dict[str, Any]) -> None:
    (name, cells), *others = verdicts(record)
    assert (name, len(cells), others) == ("gender", 4, [])
    assert all(cell.verdict.startswith(("gap found", "cannot tell", "no clear gap")) for cell in cells)
    assert all(cell.detail.startswith("within courses: ") for cell in cells)


def test_the_page_follows_from_the_bytes_of_the_record(record: dict[str, Any]) -> None:
    assert render(json.loads(canonical(record))) == render(record)


def test_rounding_to_five_is_kept_on_the_page() -> None:
    policy = POLICY.model_copy(update={"rounding": "nearest_5"})
    found = record_of(replace(Evidence(*world(), by=("gender",))), policy)
    for many in re.findall(r"([\d,]+) of ([\d,]+) (?:flagged people|who)", render(found)):
        assert all(int(text.replace(",", "")) % 5 == 0 for text in many)


def test_roc_curves_of_cohorts_are_told_where_the_policy_asks_for_them() -> None:
    frame, cohorts = world()
    kept = (cohorts["gender"] != "X").to_numpy()
    policy = POLICY.model_copy(update={"ranking": True})
    html = render(record_of(Evidence(frame[kept], cohorts[kept], ("gender",)), policy))
    assert re.search(
        r"<td>order of the scores</td>.*<td>AUC 0\.\d{3}</td><td>AUC 0\.\d{3}</td><td>area 0\.\d{3}</td>", html
    )


def test_a_gap_that_is_found_within_courses_alone_has_its_sentence(record: dict[str, Any]) -> None:
    hidden = json.loads(json.dumps(record))
    for one in hidden["results"]["findings"]:
        one["verdict"] = "no clear gap"
    gap = next(o for o in hidden["results"]["findings"] if o["within"] and o["rate"] == "selection_rate" and o["value"])
    gap |= {"verdict": "gap found", "value": 0.123, "low": 0.05, "high": 0.2}
    ((sentence, behind),) = gaps_found(hidden)
    assert sentence == (
        f"Within courses alone, of all: flagged ({gap['level']}): +12.3 points against others of the same course "
        "(95 % interval +5.0 to +20.0)."
    )
    assert behind == "Over all courses together no gap of them was found."
    assert no_gap_sentence(hidden) == ""


def test_a_rate_that_would_tell_of_each_of_few_is_a_bound_on_every_part_of_the_page() -> None:
    frame, cohorts = world()
    few = np.arange(len(frame)) < 14
    cohorts["gender"] = np.where(few, "X", np.where(cohorts["gender"] == "X", "F", cohorts["gender"]))
    frame = frame.assign(score=np.where(few, 0.01, frame["score"]), target=np.where(few, 0.0, frame["target"]))
    asked = POLICY.model_copy(update={"metrics": ["false_positive_rate"]})
    found = record_of(Evidence(frame, cohorts, ("gender",)), asked)
    html = render(found)
    assert "under 21.4\u00a0% [0.0, 39.9] of 14" in html
    assert "&lt;21, of 14" in html
    assert all(one["value"] is None for one in found["results"]["findings"] if one["level"] == "gender: X")
    men = next(c for c in found["results"]["tables"][1]["cohorts"] if c["values"]["gender"] == "M")
    assert men["rates"]["false_positive_rate"] == {"value": None, "reason": NOT_SHOWN}
    whole = json.loads(json.dumps(found))
    whole["results"]["readings"]["false_discovery_rate"] = {
        "value": None, "over": 0.8, "low": 0.6, "high": 1.0, "n": 15, "reason": "two or fewer are on one side"
    }  # fmt: skip
    assert readings(whole)[0].sentence == "Of 100 people who are flagged, more than 80 stayed."


def test_the_least_p_that_deals_can_give_is_said(record: dict[str, Any]) -> None:
    results = record["results"]
    assert results["n_deals"] == max(100, 40 * results["n_tests"])
    tested = [one["p_holm"] for one in results["findings"] if one["p_holm"] is not None]
    assert min(tested) >= results["least_p"] == round(results["n_tests"] / (1 + results["n_deals"]), 4)
    assert f"the least p that so many deals can give is {results['least_p']:.3f}" in render(record)


def test_a_difference_is_that_of_the_rates_as_they_are_shown() -> None:
    policy = POLICY.model_copy(update={"rounding": "nearest_5"})
    found = record_of(Evidence(*world(), by=("gender",)), policy)["results"]["findings"]
    overall = [one for one in found if one["value"] is not None and not one["within"]]
    assert {one["kind"] for one in overall} >= {"rest"}
    for one in overall:
        assert one["value"] == pytest.approx(one["here"] - one["rest"], abs=1e-9)


def test_the_choices_stand_on_the_page_with_the_policys_own_marked(record: dict[str, Any]) -> None:
    page = Page(render(record))
    own = [row for row in page.rows if len(row) > 1 and row[1].endswith(", as now")]
    assert [row[0] for row in own] == ["all", "F", "M", "X"]
    flagged, found, vain, missed = (int(cell.replace(",", "")) for cell in own[0][2:])
    assert flagged == found + vain == record["results"]["flags"]["flagged"]
    rates = record["results"]["readings"]
    assert (vain, missed) == (rates["false_discovery_rate"]["count"], rates["false_negative_rate"]["count"])
    assert "would have cost least" not in render(record)
    priced = POLICY.model_copy(update={"costs": Prices(missed=5, in_vain=1, call=0.5)})
    html = render(record_of(Evidence(*world(), by=("gender",)), priced))
    assert "At the policy&#39;s prices (5 for who is missed, 1 for who is flagged in vain, 0.5 for each call" in html
