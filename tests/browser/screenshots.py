"""`make screenshots`: every page, narrow and wide, light and dark, from a store of 10,000 runs made for it.

    python tests/browser/screenshots.py --to screenshots --runs 10000

The store holds a real suite on simulated learners, an audit of simulated enrolments, a registered model, and a sweep of
as many runs as asked. Nothing in it is anybody's data.
"""

import argparse
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright
from rich.progress import track

from attain.audit.policy import Policy, PolicyFile
from attain.suite.audits import Asked, make_audit
from attain.testing.audits import at_risk_run
from attain.tracking.entities import MetricPoint
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

SIZES = {"narrow": (360, 740), "wide": (1280, 900)}
SCHEMES = ("light", "dark")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MODELS = ("bkt", "dkt", "irt", "pfa", "sakt")
DAY_MS = 86_400_000


def main() -> int:
    """Fill a store, show it, photograph it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--to", type=Path, default=Path("screenshots"), help="the folder for the pictures")
    parser.add_argument("--runs", type=int, default=10_000, help="runs of the sweep")
    chosen = parser.parse_args()
    path = next((found for one in BROWSERS if (found := shutil.which(one))), None)
    if path is None:
        sys.stderr.write(f"No browser is installed ({', '.join(BROWSERS)}): apt install chromium\n")
        return 2
    chosen.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTAIN_HOME"] = folder
        os.environ.pop("ATTAIN_STORE", None)
        for suite in ("quick", "question_generation_quick"):
            subprocess.run([sys.executable, "-m", "attain.cli", "run", suite], cwd=folder, check=True)
        sheet = ["ratings", "sheet", "question_generation_quick", "--out", "sheet.csv", "--raters", "1"]
        subprocess.run([sys.executable, "-m", "attain.cli", *sheet], cwd=folder, check=True)
        store = open_database()
        pages = filled(store, Path(folder), chosen.runs)
        store.close()
        command = [sys.executable, "-m", "attain.cli", "ui", "--port", "0", "--no-open"]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            found = re.search(r"http://\S+:\d+", running.stderr.readline())
            assert found is not None, "the pages tell where they are"
            try:
                with sync_playwright() as started:
                    photographed(started.chromium.launch(executable_path=path), found[0], pages, chosen.to)
            finally:
                running.terminate()
    sys.stdout.write(f"{len(pages) * len(SIZES) * len(SCHEMES)} pictures are in {chosen.to}/.\n")
    return 0


def filled(store: Store, home: Path, runs: int) -> dict[str, str]:
    """Runs, an audit and a model; the pages to show, by name."""
    experiment = sweep(store, runs)
    at_risk = at_risk_run(store, home / ".attain" / "cache", bias=1.5)
    audit = make_audit(store, Asked(at_risk, PolicyFile(Policy(replicates=200)), by=("gender", "age")), "ada")
    (suite,) = store.search_experiments("name = 'quick'").items
    of_suite = store.search_runs([suite.experiment_id], "tags.`attain.kind` = 'model'").items
    by_model = {run.tags["attain.model"]: run for run in of_suite}
    store.registry.create_model("tutor", "Who knows what, for the tutor of algebra.")
    for label in ("pfa", "bkt"):
        run = by_model[label]
        store.registry.create_version("tutor", f"runs:/{run.run_id}/model", run_id=run.run_id)
    store.registry.set_alias("tutor", "champion", 2)
    (written,) = store.search_experiments("name = 'question_generation_quick'").items
    (generated,) = store.search_runs([written.experiment_id], "tags.`attain.kind` = 'suite'").items
    key = next(file.path for file in store.artifacts_under(generated.run_id, "review"))
    bkt, dataset = by_model["bkt"], by_model["bkt"].tags["attain.dataset"]
    compared = urlencode([("run", by_model[label].run_id) for label in ("bkt", "dkt", "pfa")])
    return {
        "home": "/",
        "experiment": f"/experiments/{experiment}",
        "experiment_grouped": f"/experiments/{experiment}?group=model",
        "charts": f"/experiments/{experiment}/chart?kind=model",
        "run": f"/runs/{bkt.run_id}",
        "mastery": f"/runs/{bkt.run_id}/mastery",
        "content": f"/content/{generated.run_id}",
        "review": f"/content/{generated.run_id}/review/{Path(key).stem}-1",
        "compare": f"/compare?{compared}",
        "trends": f"/trends?{urlencode({'experiment': experiment, 'metric': 'auc'})}",
        "audits": "/audits",
        "audit": f"/audits/{audit.id}",
        "models": "/models",
        "model": "/models/tutor",
        "datasets": "/datasets",
        "dataset": f"/datasets/{dataset}",
        "admin": "/admin",
    }


def sweep(store: Store, runs: int) -> str:
    """The id of an experiment of many runs over ninety days, whose auc hangs on their settings."""
    experiment = store.create_experiment("kt_sweep")
    chance, now = random.Random(7), int(time.time() * 1000)
    for number in track(range(runs), "filling the store"):
        model = chance.choice(MODELS)
        rate, hidden, dropout = 10 ** chance.uniform(-5, -1), chance.choice((32, 64, 128, 256)), chance.uniform(0, 0.5)
        auc = 0.70 + 0.06 * math.exp(-((math.log10(rate) + 3) ** 2)) + 0.0002 * hidden - 0.05 * dropout
        auc += 0.02 * (model == "sakt") + chance.gauss(0, 0.008)
        start = now - (runs - number) * 90 * DAY_MS // max(runs, 1)
        params = {"model": model, "learning_rate": f"{rate:.3g}", "hidden": str(hidden), "dropout": f"{dropout:.2f}"}
        params |= {f"setting_{k}": str(number % (k + 2)) for k in range(8)}
        run = store.create_run(experiment, f"{model} {number}", params=params, start_time=start)
        found = {"auc": auc, "auc/low": auc - 0.01, "auc/high": auc + 0.01, "rmse": 0.6 - auc / 5}
        found |= {"log_loss": 0.9 - auc / 2, "accuracy at 0.5": auc - 0.04, "brier": 0.3 - auc / 6, "seconds": hidden}
        points = [MetricPoint(key, value, start, 0) for key, value in found.items()]
        tags = {"attain.model": model, "attain.kind": "model", "attain.dataset": "algebra"}
        store.log_batch(run.run_id, metrics=points, tags=tags)
        status = "FAILED" if number % 97 == 0 else "FINISHED"
        store.update_run(run.run_id, status=status, end_time=start + 1000 * hidden)
    return experiment


def photographed(browser: Browser, address: str, pages: dict[str, str], to: Path) -> None:
    """Each page in each size and scheme, whole."""
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            for name, path in pages.items():
                answer = page.goto(address + path)
                if answer is None or not answer.ok:
                    sys.exit(f"{path} does not show: {page.locator('main').inner_text()}")
                page.screenshot(path=to / f"{name}_{size}_{scheme}.png", full_page=True)
            context.close()
    browser.close()


if __name__ == "__main__":
    sys.exit(main())
