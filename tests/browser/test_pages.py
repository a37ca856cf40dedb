"""The server's pages in a real browser: a walk from the list to a note, by keyboard too, in the light and the dark."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attain.audit.policy import Policy, PolicyFile
from attain.suite.audits import Asked, make_audit
from attain.testing.audits import at_risk_run
from attain.tracking.artifacts import log_files
from attain.tracking.entities import DatasetInput, MetricPoint
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: see the extra 'dev'")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None, reason=f"no browser is installed ({', '.join(BROWSERS)}): apt install chromium"
    ),
]

HOSTILE = "<img src=x onerror=alert(1)>" + "ä" * 90


def tables() -> dict[str, bytes]:
    """Predictions and mastery of 60 learners on three skills."""
    rows = [(n, skill, step) for n in range(60) for skill in range(3) for step in range(4)]
    frame = pd.DataFrame(rows, columns=["learner", "number", "step"])
    frame["example"] = frame.index
    frame["unit"] = "learner " + frame["learner"].astype(str)
    frame["skill"] = "<b>skill</b> " + frame["number"].astype(str)
    frame["target"] = (frame["learner"] + frame["step"]) % 3 > 0
    frame["score"] = frame["mastery"] = (frame["learner"] / 100 + frame["step"] / 10).clip(0, 1)
    files = {}
    for name, columns in (
        ("predictions.parquet", ["example", "unit", "target", "score", "skill", "step"]),
        ("mastery.parquet", ["example", "skill", "mastery"]),
    ):
        files[name] = frame[columns].to_parquet(index=False)
    return files


def generated(store: Store) -> None:
    """A suite of two generators, with ratings of one and a sheet on which both are to be rated blind."""
    experiment = store.create_experiment("writing")
    suite = store.create_run(experiment, "writers", tags={"attain.kind": "suite", "attain.task": "content_generation"})
    rows = {}
    for system in ("careful", "careless"):
        tags = {"attain.kind": "model", "attain.label": system, "attain.task": "content_generation"}
        run = store.create_run(experiment, f"{system} · lessons", tags=tags, parent_run_id=suite.run_id)
        frame = pd.DataFrame({"example": range(8), "unit": [f"prompt {n} {HOSTILE}" for n in range(8)], "sample": 0})
        frame["text"] = [f"Question {n} of the {system} {HOSTILE}?" for n in range(8)]
        frame["passage"], frame["answer"], frame["state"] = f"What a lesson says. {HOSTILE} " * 5, "the answer", "ok"
        if system == "careful":
            frame["rating.clarity"], frame["rating.use_in_class"] = 2.5, 1.5
        log_files(store, run.run_id, {"predictions.parquet": frame.to_parquet(index=False)})
        rows |= {f"r1-{len(rows) + n + 1:04d}": [[frame["unit"][n], 0, system]] for n in range(2)}
        store.update_run(run.run_id, status="FINISHED")
    key = {"dimensions": ["clarity", "use_in_class"], "scale": [1, 5], "pairs": False, "sheets": [rows]}
    log_files(store, suite.run_id, {"review/k0123456789abcde.json": json.dumps(key).encode()})
    store.update_run(suite.run_id, status="FINISHED")


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """The pages over a store with an audit, and an experiment of four runs, one of them going on and one failed."""
    store = open_database()
    at_risk = at_risk_run(store, home / ".attain" / "cache", bias=1.5)
    make_audit(store, Asked(at_risk, PolicyFile(Policy(replicates=100)), by=("gender", "age")), f"ada {HOSTILE}")
    experiment = store.create_experiment("tracing")
    for place, (model, auc) in enumerate((("bkt", 0.70), ("dkt", 0.78), ("irt", 0.74), ("pfa", 0.72))):
        run = store.create_run(experiment, f"{model} {HOSTILE}", params={"model": model, "same": "1"})
        ends = {"auc": auc, "auc/low": auc - 0.01, "auc/high": auc + 0.01}
        points = [MetricPoint(key, value, 1, 0) for key, value in ends.items()]
        points += [MetricPoint("train_loss", 1 / (step + 1 + place), step, step) for step in range(30)]
        tags = {"attain.model": model, "attain.dataset": "algebra", "mlflow.source.git.commit": str(place)}
        store.log_batch(run.run_id, metrics=points, tags=tags)
        profile = json.dumps({"answers": 900, "learners": 92, "cohorts": {"gender": {"F": 40, "M": 52}}})
        store.log_inputs(run.run_id, [DatasetInput("algebra", f"d{place}", profile=profile)])
        if model == "dkt":
            log_files(store, run.run_id, tables())
        if model != "irt":
            store.update_run(run.run_id, status="FAILED" if model == "pfa" else "FINISHED", end_time=run.start_time + 9)
    generated(store)
    store.close()
    command = [sys.executable, "-m", "attain.cli", "ui", "--port", "0", "--no-open"]
    with subprocess.Popen(command, cwd=home, env=os.environ, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        found = re.search(r"http://\S+:\d+", running.stderr.readline())
        assert found is not None
        yield found[0]
        running.terminate()


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """A page that fails the test when anything is fetched from elsewhere, refused by the page's rules, or broken."""
    wrong: list[str] = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(address) else None)
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}") or dialog.dismiss())
        yield page
        browser.close()
    assert wrong == []


def walked(page: Any) -> Iterator[str]:
    """Each page of the walk, as it is reached by links and forms."""
    page.goto("/datasets")
    yield "datasets"
    page.get_by_role("link", name="algebra", exact=True).click()
    yield "dataset"
    page.goto("/trends")
    yield "trends"
    page.goto("/models")
    yield "models"
    page.get_by_role("link", name="Audits").click()
    yield "audits"
    page.get_by_role("link", name="a model").click()
    yield "audit"
    page.get_by_label("We can help").fill("100")
    page.keyboard.press("Enter")
    page.wait_for_url("**capacity=100**")
    yield "capacity"
    page.get_by_role("link", name="Trends").click()
    yield "trends"
    page.get_by_role("link", name="Data", exact=True).click()
    yield "data sets"
    page.get_by_role("link", name="Admin").click()
    yield "admin"
    page.get_by_role("link", name="Experiments").click()
    yield "home"
    page.get_by_role("link", name="writing").click()
    page.get_by_role("link", name=re.compile("^careful")).first.click()
    page.get_by_role("link", name="What was generated").click()
    page.get_by_role("link", name="Beside the other systems").click()
    yield "texts"
    page.get_by_text("Passage:").first.click()
    page.get_by_role("link", name="best rated first").click()
    page.get_by_label("Rated in").select_option("clarity")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**dimension=clarity**")
    yield "the best texts"
    page.get_by_role("link", name=re.compile("^sheet 1 of")).click()
    yield "review"
    for group in ("clarity", "use in class"):
        page.get_by_role("group", name=group).get_by_label("4", exact=True).check()
    page.get_by_role("button", name="Keep, and on to the next").click()
    page.wait_for_url("**row=**")
    yield "next row"
    page.goto("/")
    page.get_by_role("link", name="tracing").click()
    yield "experiment"
    page.get_by_role("link", name="Charts").click()
    yield "charts"
    page.get_by_role("link", name="the runs as a list").click()
    page.get_by_label("Filter").fill("metrics.auc > 0.71")
    page.keyboard.press("Enter")
    page.wait_for_url("**filter=**")
    yield "filtered"
    page.get_by_text("Columns").click()
    yield "columns"
    for name in ("dkt", "irt"):
        page.get_by_label(re.compile(f"^compare {name}")).check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    yield "compare"
    page.get_by_role("link", name=re.compile("^dkt")).first.click()
    page.get_by_role("link", name="look into predictions.parquet").click()
    page.wait_for_url("**file=**")
    yield "preview"
    page.get_by_role("link", name="Who knows what").click()
    page.get_by_role("link", name="course of learner 59").click()
    page.wait_for_url("**learner=**")
    yield "mastery"
    page.get_by_role("link", name=re.compile("^dkt")).first.click()
    yield "run"


def test_one_gets_from_the_list_to_a_comparison_and_a_run_and_keeps_a_note(page: Any) -> None:
    seen = []
    for place in walked(page):
        seen.append(place)
        if place == "capacity":
            assert page.get_by_label("We can help").input_value() == "100"
            assert page.get_by_text(re.compile(r"^(Of the .*)?With \d+ flagged:")).is_visible()
        if place == "the best texts":
            assert page.get_by_role("rowheader", name=re.compile("^careful")).count() == 8
            assert page.get_by_role("rowheader", name=re.compile("^careless")).count() == 0
        if place == "review":
            assert page.get_by_text("0 of 4 rows rated").is_visible()
        if place == "next row":
            assert page.get_by_text("1 of 4 rows rated").is_visible()
            assert page.get_by_text("Question 1 of the careful").is_visible()
        if place == "filtered":
            assert page.get_by_text("3 runs where auc > 0.71").is_visible()
            assert page.get_by_role("row").count() == 4
        if place == "preview":
            assert page.get_by_text("The first 20 of 720 rows").is_visible()
            assert page.locator("svg.square").count() == 2
        if place == "mastery":
            assert page.get_by_role("row").filter(has_text="learner 59").get_by_role("cell").count() == 5
            assert page.get_by_text("What the model held learner 59 to know").is_visible()
        if place == "compare":
            assert page.get_by_text("intervals lie apart").is_visible()
            assert page.locator("svg.chart path.line").count() == 2
    assert seen[-1] == "run"
    page.get_by_label("What should a reader know?").fill("Fold 3 is *odd*. <b>[x](javascript:alert(1))</b>")
    page.get_by_role("button", name="Keep the note").click()
    page.wait_for_load_state()
    assert page.locator(".typed em").inner_text() == "odd"
    page.get_by_text("Change the note").click()
    assert page.get_by_label("What should a reader know?").input_value().startswith("Fold 3 is *odd*.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_walk_has_a_fault_that_keeps_people_out(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    checker = axe.Axe()
    faults = {}
    for place in walked(page):
        page.wait_for_load_state()
        found = checker.run(page).response["violations"]
        if found:
            faults[place] = [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found]
    assert faults == {}


def test_no_page_is_wider_than_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    wide = []
    for place in walked(page):
        page.wait_for_load_state()  # a click comes back before the page that it leads to is there
        main = page.locator("main")
        over = main.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wide += [(place, over)] if over > 0 else []
    assert wide == []


def test_pages_are_whole_without_scripts(page: Any, address: str) -> None:
    bare = page.context.browser.new_context(java_script_enabled=False, base_url=address).new_page()
    texts = []
    for shown in (page, bare):
        said = {place: shown.locator("main").inner_text() for place in walked(shown)}
        texts.append({place: re.sub(r"\d+ \w+ ago|just now|\d of 4 rated", "", text) for place, text in said.items()})
    rated = ("review", "next row")  # the first walk has rated a row
    assert [re.findall(r"\d of 4 rows|Row \d", texts[walk][place]) for walk in (0, 1) for place in rated] == [
        ["0 of 4 rows", "Row 1"],
        ["1 of 4 rows", "Row 2"],
        ["1 of 4 rows", "Row 2"],
        ["2 of 4 rows", "Row 3"],
    ]
    assert [text for place, text in texts[0].items() if place not in rated] == [
        text for place, text in texts[1].items() if place not in rated
    ]


def test_the_keyboard_alone_reaches_the_content(page: Any) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "tracing":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/experiments/**")


def test_a_question_is_narrowed_step_by_step_and_the_way_back_keeps_it(page: Any) -> None:
    page.goto("/")
    page.get_by_role("link", name="tracing").click()
    page.get_by_label("Filter").fill("metrics.auc > 0.6")
    page.keyboard.press("Enter")
    page.wait_for_url("**filter=**")
    page.get_by_role("link", name="auc", exact=True).click()
    page.wait_for_url("**order=**")
    assert page.locator("tbody tr").first.get_by_role("rowheader").inner_text().startswith("bkt"), "the least first"
    page.get_by_text("Columns").click()
    page.get_by_label("train_loss").check()
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**metric=train_loss**")
    listed = page.url
    assert page.get_by_role("columnheader", name="train_loss").is_visible()
    for name in ("bkt", "dkt", "irt"):
        page.get_by_label(re.compile(f"^compare {name}")).check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    brush = page.locator("rect.brush[data-key='metrics.auc']").first
    brush.scroll_into_view_if_needed()
    box = brush.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.7)
    page.mouse.up()
    page.wait_for_url("**from.metrics.auc=**")
    assert page.get_by_text("2 of 3 runs lie in the parts that are asked for").is_visible()
    compared = page.url
    page.get_by_role("link", name=re.compile("^dkt")).first.click()
    assert page.get_by_role("heading", name="How it came about").is_visible()
    run = page.url
    page.get_by_label("What should a reader know?").fill("Brushed.")
    page.get_by_role("button", name="Keep the note").click()
    page.wait_for_load_state()
    assert page.locator(".typed").inner_text() == "Brushed."
    for address in (run, compared):
        page.go_back()
        if page.url != address:
            page.go_back()
        assert page.url == address
    page.go_back()
    page.go_back()
    assert page.url == listed
    assert page.get_by_label("Filter").input_value() == "metrics.auc > 0.6"
    assert page.get_by_role("columnheader", name="train_loss").is_visible()


def tabbed_to(page: Any, words: str) -> None:
    """Press the tab key until what has the focus says so by its text or label."""
    said = "e => e.getAttribute('aria-label') || (e.labels && e.labels[0] || e).textContent.trim()"
    for _ in range(200):
        page.keyboard.press("Tab")
        if re.search(words, page.evaluate(f"({said})(document.activeElement)") or ""):
            return
    pytest.fail(f"nothing that says {words!r} takes the focus")


def test_the_same_is_done_by_keyboard_alone(page: Any) -> None:
    page.goto("/")
    tabbed_to(page, "^tracing$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/experiments/**")
    tabbed_to(page, "^Filter$")
    page.keyboard.type("metrics.auc > 0.6")
    page.keyboard.press("Enter")
    page.wait_for_url("**filter=**")
    tabbed_to(page, "^auc$")
    page.keyboard.press("Enter")
    page.wait_for_url("**order=**")
    for name in ("bkt", "irt", "dkt"):
        tabbed_to(page, f"^compare {name}")
        page.keyboard.press("Space")
    tabbed_to(page, "^Compare the chosen runs$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare**")
    tabbed_to(page, "^auc from$")
    page.keyboard.type("0.72")
    page.keyboard.press("Enter")
    page.wait_for_url("**from.metrics.auc=0.72**")
    assert page.get_by_text("2 of 3 runs lie in the parts that are asked for").is_visible()
    tabbed_to(page, "^dkt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/**")
    tabbed_to(page, "What should a reader know")
    page.keyboard.type("By hand.")
    tabbed_to(page, "^Keep the note$")
    page.keyboard.press("Enter")
    page.wait_for_selector(".typed")
    assert page.locator(".typed").inner_text() == "By hand."


def test_what_decides_of_an_audit_prints_on_the_first_sheet(page: Any) -> None:
    page.goto("/audits")
    page.get_by_role("link", name="a model").click()
    page.set_viewport_size({"width": 680, "height": 1009})  # A4 within its margins, in CSS pixels
    page.emulate_media(media="print")
    end = page.get_by_text("To compute every number again").bounding_box()
    assert end["y"] + end["height"] < 1009
    assert page.get_by_role("heading", name="By cohort").evaluate("e => getComputedStyle(e).breakBefore") == "page"
    assert not page.get_by_label("We can help").is_visible()
    assert page.get_by_text(re.compile(r"^With \d+ flagged:")).is_visible()
