"""Our pages over many runs, and MLflow's over the same runs in the same browser.

    python -m venv /somewhere/mlflow && /somewhere/mlflow/bin/pip install mlflow==3.17.2
    python benchmarks/speed/pages.py --mlflow-venv /somewhere/mlflow

For each size of store (runs of 12 params and 8 metrics, SQLite): p50 and p95 of the answer of each of our pages, its
bytes as sent and gzipped, and what a first visit fetches. Then a browser with nothing kept opens the list of runs, ours
and MLflow's: until the run that is best by `auc` and first in the list stands there, with what each fetched. Both must
show that run, else the exit status is 1. A history of a million points is drawn once on our page of a run.
"""

import argparse
import gzip
import http.client
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import quote

from playwright.sync_api import sync_playwright
from tracking_fill import START, fill_mlflow, fill_ours, many, run_id, wide
from tracking_process import Name, Server, command, database, free_port

FILTER = quote("metrics.auc > 0.5 AND params.model = 'm1'")
POINTS = 1_000_000
SETTLES_MS = 1500
"""What a page fetches in so long after the list stands there still counts as fetched, not as waited for."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Visit:
    """What opening a page in a browser took and fetched."""

    ms: list[float] = field(default_factory=list)
    requests: int = 0
    kib: float = 0.0


def main() -> int:
    """Measure, tell, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--mlflow-venv", type=Path, help="a virtual environment with mlflow alone in it")
    parser.add_argument("--runs", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=40, help="requests of each page")
    parser.add_argument("--visits", type=int, default=7, help="visits of the list in a browser")
    chosen = parser.parse_args()
    same = True
    for runs in chosen.runs:
        print(f"\n{runs:,} runs of 12 params and 8 metrics")
        ours = side("attain", runs, chosen)
        if chosen.mlflow_venv:
            theirs = side("mlflow", runs, chosen)
            told("attain", ours)
            told("mlflow", theirs)
            print(f"  mlflow / attain: {median(theirs.ms) / median(ours.ms):.1f} x the time")
        else:
            told("attain", ours)
        same &= bool(ours.ms)
    return 0 if same else 1


def side(name: Name, runs: int, chosen: argparse.Namespace) -> Visit:
    """One server over its store, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = Server(command(name, Path(folder), port, chosen.mlflow_venv, 1), port)
        try:
            experiment = str(server.post("experiments/create", name="many")["experiment_id"])
            (fill_ours if name == "attain" else fill_mlflow)(
                database(name, Path(folder)), int(experiment), range(runs), wide
            )
            best = max(range(runs), key=lambda at: wide(at)[0]["auc"])
            if name == "attain":
                long_history(database(name, Path(folder)), best)
                answers(server, experiment, best, chosen.repeat)
            return visits(name, port, experiment, f"r{best}", chosen.visits)
        finally:
            server.end()


def answers(server: Server, experiment: str, best: int, repeat: int) -> None:
    """How long the server takes for each page."""
    some = "&".join(f"run={run_id(at)}" for at in range(1, 6))
    pages = {
        "home": "/",
        "experiment": f"/experiments/{experiment}",
        "filtered": f"/experiments/{experiment}?filter={FILTER}",
        "grouped": f"/experiments/{experiment}?group=model",
        "charts": f"/experiments/{experiment}/chart",
        "run": f"/runs/{run_id(1)}",
        "compare five": f"/compare?{some}",
        "models": "/models",
        "a million points": f"/runs/{run_id(best)}",
    }
    for page, path in pages.items():
        took = []
        for _ in range(repeat if page != "a million points" else max(5, repeat // 8)):
            began = time.perf_counter()
            content = fetched(server.connection, path)
            took.append((time.perf_counter() - began) * 1000)
        packed = len(gzip.compress(content)) / 1024
        p95 = quantiles(took, n=20)[-1]
        sizes = f"{len(content) / 1024:6.1f} KiB, {packed:5.1f} gzipped"
        print(f"  {page:18s} p50 {median(took):7.1f} ms   p95 {p95:7.1f} ms   {sizes}")


def fetched(connection: http.client.HTTPConnection, path: str) -> bytes:
    """The content of a page, which must be there."""
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        sys.exit(f"{path} answered {answer.status}: {content[:300]!r}")
    return content


def long_history(file: Path, at: int) -> None:
    """A million points of one metric of a run."""
    with sqlite3.connect(file) as c:
        c.execute("INSERT OR IGNORE INTO metric_keys (key) VALUES ('long')")
        (key,) = c.execute("SELECT id FROM metric_keys WHERE key = 'long'").fetchone()
        (number,) = c.execute("SELECT id FROM runs WHERE run_id = ?", (run_id(at),)).fetchone()
        points = [(number, key, START + s, s, 0, (s * 7919 % 100_003) / 100_003) for s in range(POINTS)]
        many(c, "metrics", points)
        many(c, "latest_metrics", points[-1:])
    c.close()


def visits(name: Name, port: int, experiment: str, best: str, times: int) -> Visit:
    """Open the list of runs, the best by auc first, in a browser with nothing kept, until the best stands there."""
    order = quote("metrics.`auc` DESC")
    address = {
        "attain": f"http://127.0.0.1:{port}/experiments/{experiment}?order={order}",
        "mlflow": f"http://127.0.0.1:{port}/#/experiments/{experiment}/runs?orderByKey=metrics.%60auc%60&orderByAsc=false",
    }[name]
    path = next((found for one in BROWSERS if (found := shutil.which(one))), None)
    visit = Visit()
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(times):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            sizes: list[int] = []
            page.on("requestfinished", counted(sizes))
            began = time.perf_counter()
            page.goto(address)
            page.get_by_text(best, exact=True).first.wait_for(timeout=60_000)
            visit.ms.append((time.perf_counter() - began) * 1000)
            page.wait_for_timeout(SETTLES_MS)
            visit.requests, visit.kib = len(sizes), sum(sizes) / 1024
            page.context.close()
        browser.close()
    return visit


def counted(sizes: list[int]) -> Callable[[Any], None]:
    """Note how much each request fetched."""
    return lambda request: sizes.append(request.sizes()["responseBodySize"])


def told(name: Name, visit: Visit) -> None:
    """One line about a visit."""
    print(
        f"  {name:8s} the list in a browser: {median(visit.ms):6.0f} ms "
        f"({min(visit.ms):.0f} to {max(visit.ms):.0f}), {visit.requests} requests, {visit.kib:,.0f} KiB"
    )


if __name__ == "__main__":
    sys.exit(main())
