"""How fast do ten million rows of clicks become features, in how much memory, and are they right?

    python benchmarks/speed/click_features.py                     # 10.7 million rows, ours and pandas side by side
    python benchmarks/speed/click_features.py --rows 1000000

The clicks are made from random numbers, in the layout of OULAD's `studentVle.csv` (quoted, ids as numbers), for 32,593
enrolments in 22 offerings and 6,364 pages of 20 kinds. Each side runs in a process of its own, on one thread, from the
CSV to clicks in total, on each kind and in each week, active days and distinct pages of each enrolment. Ours is
`load` with an empty cache (which also joins, sums, works out the peers, and writes the cache) and the sets `clicks` and
`clicks_by_week`. The other is pandas with care taken: C reader, narrow types, categories. The exit status is 1 if a
figure differs, or if ours takes more CPU time than pandas.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

CARD = """title: T
tasks: [dropout_prediction]
description: D
licence: {name: none, redistribution: true}
pseudonymous: true
courses:
  file: who.csv
  learner: id_student
  course: code_module
  term: code_presentation
  result: result
  outcomes: {fail: {"yes": ["1"], "no": ["0"]}}
  groups: {}
  activity:
    file: studentVle.csv
    learner: id_student
    course: code_module
    term: code_presentation
    day: date
    about: id_site
    amount: sum_click
    kinds: {file: vle.csv, key: id_site, kind: activity_type}
"""
ENROLMENTS, PAGES, KINDS, LAST = 32_593, 6_364, 20, 268
OFFERINGS = [(f"M{m}", f"201{y}{t}") for m in range(6) for y, t in ((3, "B"), (3, "J"), (4, "B"), (4, "J"))][:22]
KEYS = ["id_student", "code_module", "code_presentation"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_655_280)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", choices=["ours", "pandas"], help="one side only, in the folder DIR")
    parser.add_argument("--folder", metavar="DIR")
    chosen = parser.parse_args()
    if chosen.side:
        print(json.dumps(measured(chosen.side, Path(chosen.folder))))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        make(Path(scratch), chosen.rows)
        sides = {side: in_a_process(side, Path(scratch)) for side in ("ours", "pandas")}
    same = all(np.isclose(sides["ours"]["totals"][k], v) for k, v in sides["pandas"]["totals"].items())
    result = {
        "rows": chosen.rows,
        **{f"{side}_{name}": found[name] for side, found in sides.items() for name in ("cpu_s", "peak_mb")},
        "ratio": round(sides["pandas"]["cpu_s"] / sides["ours"]["cpu_s"], 2),
        "totals_compared": len(sides["pandas"]["totals"]),
        "totals_agree": same,
        **{f"ours_{name}": seconds for name, seconds in sides["ours"]["steps"].items()},
        **{name: version(name) for name in ("numpy", "pandas", "pyarrow")},
    }
    print(json.dumps(result) if chosen.json else "\n".join(f"{k:24} {v}" for k, v in result.items()))
    return 0 if same and result["ratio"] >= 1 else 1


def make(folder: Path, rows: int) -> None:
    """Write a set of courses made from random numbers."""
    rng, home = np.random.default_rng(0), folder / "datasets/clicks"
    home.mkdir(parents=True)
    (home / "card.yaml").write_text(CARD)
    offering = rng.integers(0, len(OFFERINGS), ENROLMENTS)
    pairs = np.array(OFFERINGS)
    who = pd.DataFrame({"id_student": rng.permutation(3_000_000)[:ENROLMENTS] + 10_000})
    who["code_module"], who["code_presentation"] = pairs[offering].T
    who.assign(result=rng.integers(0, 2, ENROLMENTS)).to_csv(home / "who.csv", index=False)
    site = rng.permutation(900_000)[:PAGES] + 500_000
    kind = rng.integers(0, KINDS, PAGES)
    pd.DataFrame({"id_site": site, "activity_type": [f"kind{k:02d}" for k in kind]}).to_csv(
        home / "vle.csv", index=False
    )
    chance = rng.lognormal(0, 1.3, ENROLMENTS)
    popular = rng.lognormal(0, 1.5, PAGES)
    order = ["code_module", "code_presentation", "id_student", "id_site", "date", "sum_click"]
    with (home / "studentVle.csv").open("wb") as file:
        for begin in range(0, rows, 1_000_000):
            n = min(1_000_000, rows - begin)
            row = rng.choice(ENROLMENTS, n, p=chance / chance.sum())
            day, page = rng.integers(-20, LAST + 1, n), rng.choice(site, n, p=popular / popular.sum())
            table = who.iloc[row].assign(id_site=page, date=day, sum_click=rng.geometric(0.27, n))
            table = table.iloc[np.lexsort((day, offering[row]))][order]  # nearly in the order of the original
            how = pyarrow.csv.WriteOptions(include_header=not begin, quoting_style="all_valid")
            pyarrow.csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), file, how)


def in_a_process(side: str, folder: Path) -> dict:
    """What one side took, in a process that does nothing else."""
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder)]
    environment = {**os.environ, "ATTAIN_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def measured(side: str, folder: Path) -> dict:
    """CPU seconds of one thread, peak memory, and totals by which both sides are compared."""
    work = {"ours": ours, "pandas": with_pandas}[side]
    started = time.process_time()
    totals, steps = work(folder)
    cpu = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": round(cpu, 2), "peak_mb": round(peak), "totals": totals, "steps": steps}


def ours(folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Load with an empty cache, then both feature sets."""
    from attain.data.features.table import feature_table
    from attain.data.load import load

    begun = time.process_time()
    log = load("clicks", {"as_of": LAST}).log
    loaded = time.process_time()
    facts = feature_table(log, ["clicks", "clicks_by_week"])
    columns = {name: fact.values for name, fact in facts.items()}
    steps = {"load_cpu_s": round(loaded - begun, 2), "features_cpu_s": round(time.process_time() - loaded, 2)}
    weeks = [name for name in columns if name.startswith("clicks_week_")]
    kinds = sorted(name for name in columns if name.startswith("clicks_on_"))
    return summary(
        columns["clicks_total"],
        columns["clicks_active_days"],
        columns["clicks_pages"],
        np.column_stack([columns[name] for name in weeks]),
        np.column_stack([columns[name] for name in kinds]),
    ), steps


def with_pandas(folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The same with pandas: narrow types, categories, and groups by whole numbers."""
    home = folder / "datasets/clicks"
    who = pd.read_csv(home / "who.csv", dtype={"code_module": "category", "code_presentation": "category"})
    kinds = pd.read_csv(home / "vle.csv", dtype={"activity_type": "category"})
    types = {"code_module": "category", "code_presentation": "category", "id_student": "int32"}
    types |= {"id_site": "int32", "date": "int16", "sum_click": "int32"}
    vle = pd.read_csv(home / "studentVle.csv", dtype=types)
    who["owner"] = np.arange(len(who), dtype=np.int32)
    vle = vle.merge(who[[*KEYS, "owner"]], on=KEYS).merge(kinds, on="id_site")
    vle["week"] = np.maximum(vle["date"] // 7, -1).astype(np.int8)
    by_owner = vle.groupby("owner")
    every = range(len(who))

    def wide(column: str) -> np.ndarray:
        table = vle.groupby(["owner", column], observed=True)["sum_click"].sum().unstack(fill_value=0)
        return table.reindex(every, fill_value=0).to_numpy(float)

    return summary(
        by_owner["sum_click"].sum().reindex(every, fill_value=0).to_numpy(float),
        vle[["owner", "date"]].drop_duplicates().groupby("owner").size().reindex(every, fill_value=0).to_numpy(float),
        vle[["owner", "id_site"]]
        .drop_duplicates()
        .groupby("owner")
        .size()
        .reindex(every, fill_value=0)
        .to_numpy(float),
        wide("week"),
        wide("activity_type"),
    ), {}


def summary(*columns: np.ndarray) -> dict[str, float]:
    """Totals that differ if any enrolment's figures do: plain, and weighted by the enrolment's place."""
    place = np.sqrt(np.arange(1, len(columns[0]) + 1))
    out = {}
    for at, values in enumerate(columns):
        table = values.reshape(len(place), -1)
        for column in range(table.shape[1]):
            out[f"{at}.{column}"] = float(table[:, column].sum())
            out[f"{at}.{column} weighted"] = float(table[:, column] @ place)
    return out


if __name__ == "__main__":
    sys.exit(main())
