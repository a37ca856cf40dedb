"""Our AUCs beside the published ones, each with its protocol, on ASSISTments 2009.

    ATTAIN_DATA=... python benchmarks/science/bkt_vs_dkt.py

Runs the suites `assistments2009_split` and `bkt_vs_dkt` (or takes their finished runs), and writes the table and the
figures to `benchmarks/science/results`. About twenty minutes on two cores, nearly all of it pyBKT's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from attain.suite import report
from attain.tracking import artifacts
from attain.tracking.store import Store, open_store

RESULTS = Path(__file__).parent / "results"


NOTES = {
    "a": "Gervet, Koedinger, Schneider & Mitchell, JEDM 12(3), 2020, README of their code: the same answers, the same "
    "learners, one joint skill an answer.",
    "b": "Liu et al., pyKT, NeurIPS 2022, question level (as others transcribe it): another file of the same year, "
    "another fifth of the learners held out, histories cut at 200, DKT without item bias.",
    "c": "Sarsa, Leinonen & Hellas, JEDM 14(2), 2022, released results: a file with one row a skill, in which the "
    "second row of an answer is told its result. Not comparable; shown because it is what is usually cited.",
}

PUBLISHED = {
    ("assistments2009_split", "irt ability=none"): [(".69", "a")],
    ("assistments2009_split", "pfa"): [(".72", "a")],
    ("assistments2009_split", "dkt item_bias=False"): [(".75", "a"), (".754 ±.001", "b")],
    ("bkt_vs_dkt", "bkt"): [(".710 ±.029", "c")],
    ("bkt_vs_dkt", "dkt"): [(".754 ±.001", "b"), (".814 ±.011", "c")],
}
"""(suite, model) to AUC and the letter of its note."""


def main() -> None:
    store = open_store()
    parts = []
    for suite in ("assistments2009_split", "bkt_vs_dkt"):
        subprocess.run([sys.executable, "-m", "attain.cli", "run", suite], check=True, stdout=subprocess.DEVNULL)
        run = report.last_suite_run(store, suite)
        assert run is not None
        _keep_figure(store, run.run_id, RESULTS / suite)
        parts.append(_section(store, suite, run.run_id))
    RESULTS.mkdir(exist_ok=True)
    text = "# Knowledge tracing on ASSISTments 2009: ours and published\n\nWritten by `bkt_vs_dkt.py`.\n" + "".join(
        parts
    )
    text += "\n## Published figures\n\n" + "".join(f"- ({letter}) {note}\n" for letter, note in NOTES.items())
    (RESULTS / "README.md").write_text(text, encoding="utf-8")
    print(text)


def _section(store: Store, suite: str, run_id: str) -> str:
    lines = [
        f"\n## Suite `{suite}`\n",
        "| model | AUC [95 %, learners] | per learner | log loss | published |",
        "|---|---|---|---|---|",
    ]
    (table,) = report.tables(store, run_id)
    for column in table.columns:
        auc, learner, loss = (column.values[m] for m in ("auc", "auc_learner_mean", "log_loss"))
        known = [f"{value} ({note})" for value, note in PUBLISHED.get((suite, column.label), [])]
        pooled = f"{auc.value:.4f} [{auc.low:.4f}, {auc.high:.4f}]"
        cells = (column.label, pooled, f"{learner.value:.4f}", f"{loss.value:.4f}", "; ".join(known) or "–")
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(f"- {sentence}" for sentence in table.verdicts()), ""]
    return "\n".join(lines)


def _keep_figure(store: Store, run_id: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for path in artifacts.download(store, run_id, "figures", scratch).glob("models-*.svg"):
            shutil.copyfile(path, folder / "models.svg")


if __name__ == "__main__":
    if "ATTAIN_DATA" not in os.environ:
        sys.exit("Set ATTAIN_DATA to the folder that holds assistments2009 and assistments2009_split.")
    main()
