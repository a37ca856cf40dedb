"""Prepare 20 million answers: attain, block by block, beside a plain pandas script; seconds and peak memory.

    python benchmarks/speed/data_beyond_memory.py [--rows 20000000] [--memory-gb 1] [--folder /tmp]

Makes a log of 119,000 learners (as it would be written: by time, a fiftieth of the rows late) as CSV and as Parquet in
a temporary folder, then prepares each with both, one process after the other. The pandas script reads the file, counts
learners, items and skills as codes, sorts stably by learner and time, and writes the columns that we write. It does
less: no pseudonyms, no search for duplicates, no checksums. Both must have made the same arrays.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

LEARNERS, ITEMS, SKILLS = 119_000, 13_000, 189
AT_ONCE = 1_000_000
NAMES = ["learner", "item", "skill", "correct", "time", "duration"]
COLUMNS = ["learner", "item", "correct", "skill", "skill_start", "row", "time_s", "duration_s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=20_000_000)
    parser.add_argument("--memory-gb", type=float, default=1.0)
    parser.add_argument("--folder", help="where the temporary folder is made")
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("paths", nargs="*", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(measured(given.side, *given.paths, memory_gb=given.memory_gb)))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        both(Path(folder), given.rows, given.memory_gb)


def both(folder: Path, rows: int, memory_gb: float) -> None:
    make(folder / "log", rows)
    make(folder / "small", 20_000)
    for kind in ("csv", "parquet"):  # kernels are compiled on the first run of all
        side("attain", folder / f"small.{kind}", folder / f"warm-up-{kind}", memory_gb)
    print(f"{rows:,} answers; attain with memory_gb={memory_gb}; load when it began: {os.getloadavg()[0]:.1f}\n")
    print(f"{'':8} {'':7} {'seconds':>8} {'CPU s':>7} {'peak MB':>8}")
    for kind in ("csv", "parquet"):
        found = {}
        for name in SIDES:
            found[name] = side(name, folder / f"log.{kind}", folder / f"{name}-{kind}", memory_gb)
            one = found[name]
            print(f"{kind:8} {name:7} {one['seconds']:8.1f} {one['cpu_s']:7.1f} {one['peak_mb']:8.0f}", flush=True)
        check(Path(found["attain"]["folder"]), Path(found["pandas"]["folder"]))
        ours, theirs = found["attain"], found["pandas"]
        print(
            f"{kind:8} same arrays; {theirs['seconds'] / ours['seconds']:.1f} x faster "
            f"({theirs['cpu_s'] / ours['cpu_s']:.1f} x in CPU seconds), "
            f"{ours['peak_mb'] / theirs['peak_mb']:.2f} of the memory\n"
        )


def make(path: Path, rows: int) -> None:
    """Write the log, a million rows at a time."""
    rng = np.random.default_rng(0)
    weight = rng.lognormal(0, 1.2, LEARNERS).cumsum()
    pairs = rng.integers(0, SKILLS, (ITEMS, 2)).tolist()
    skills = np.array([f"s{a}~~s{b}" if a < b and a % 2 else f"s{a}" for a, b in pairs], dtype=object)
    learners = np.array([f"u{number}" for number in rng.permutation(900_000)[:LEARNERS]])
    items = np.array([f"q{number}" for number in range(ITEMS)])
    clock, text, binary = 1_500_000_000_000, None, None
    for begin in range(0, rows, AT_ONCE):
        n = min(AT_ONCE, rows - begin)
        item = rng.integers(0, ITEMS, n)
        at = clock + np.cumsum(rng.integers(0, 6000, n))
        clock = int(at[-1])
        at -= np.where(rng.random(n) < 0.02, rng.integers(0, 3_600_000, n), 0)
        table = pa.table(
            {
                "learner": learners[np.searchsorted(weight, rng.random(n) * weight[-1])],
                "item": items[item],
                "skill": skills[item],
                "correct": rng.integers(0, 2, n).astype(np.int8),
                "time": at,
                "duration": rng.integers(1000, 120_000, n),
            }
        )
        options = pa.csv.WriteOptions(quoting_style="needed")
        text = text or pa.csv.CSVWriter(f"{path}.csv", table.schema, write_options=options)
        binary = binary or pa.parquet.ParquetWriter(f"{path}.parquet", table.schema, compression="zstd")
        text.write_table(table)
        binary.write_table(table, row_group_size=500_000)
    assert text is not None
    assert binary is not None
    text.close()
    binary.close()


def side(name: str, path: Path, folder: Path, memory_gb: float) -> dict[str, Any]:
    """One of the two in a process of its own."""
    folder.mkdir()
    command = [sys.executable, __file__, "--side", name, "--memory-gb", str(memory_gb), str(path), str(folder)]
    done = subprocess.run(command, env={**os.environ, "ATTAIN_HOME": str(folder)}, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(name: str, path: Path, folder: Path, *, memory_gb: float) -> dict[str, object]:
    begun = time.perf_counter()
    where = SIDES[name](path, folder, memory_gb)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds, cpu_s = time.perf_counter() - begun, used.ru_utime + used.ru_stime
    return {"folder": str(where), "seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak_mb()}


def peak_mb() -> float:
    """The peak of this process alone: `ru_maxrss` would be that of the process which started it, if that is greater."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) * 1024 / 1e6


def with_attain(path: Path, folder: Path, memory_gb: float) -> Path:
    from attain.data.load import load_source
    from attain.data.stream.bound import Bound

    source = {"file": str(path), "columns": {name: name for name in NAMES}, "time_unit": "ms", "duration_unit": "ms"}
    dataset = load_source(source, memory=Bound(memory_gb, always=True))
    assert dataset.folder is not None
    return dataset.folder


def with_pandas(path: Path, folder: Path, memory_gb: float) -> Path:
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    frame["learner"], learners = pd.factorize(frame["learner"])
    frame = frame.sort_values(["learner", "time"], kind="stable")
    cells, texts = pd.factorize(frame["skill"])
    parts = [str(text).split("~~") for text in texts]
    flat, skills = pd.factorize(np.array([part for many in parts for part in many], dtype=object))
    counts = np.array([len(many) for many in parts])
    begins = np.concatenate([[0], np.cumsum(counts)])
    start = np.concatenate([[0], np.cumsum(counts[cells])])
    item, items = pd.factorize(frame["item"])
    within = np.arange(start[-1]) - np.repeat(start[:-1], counts[cells])
    skill, used = pd.factorize(flat[np.repeat(begins[cells], counts[cells]) + within])
    out = {
        "learner": frame["learner"].to_numpy(np.int32),
        "item": item.astype(np.int32),
        "correct": frame["correct"].to_numpy(np.int8),
        "skill": skill.astype(np.int32),
        "skill_start": start.astype(np.int64),
        "row": np.arange(len(frame)),
        "time_s": frame["time"].to_numpy() / 1000,
        "duration_s": (frame["duration"].to_numpy() / 1000).astype(np.float32),
    }
    for name, column in out.items():
        np.save(folder / f"{name}.npy", column)
    names = {"learners": list(learners), "items": list(items), "skills": list(skills[used])}
    (folder / "names.json").write_text(json.dumps(names))
    return folder


def check(ours: Path, theirs: Path) -> None:
    """Both made the same arrays, and the same items and skills."""
    for name in COLUMNS:
        one, other = np.load(ours / f"{name}.npy", mmap_mode="r"), np.load(theirs / f"{name}.npy", mmap_mode="r")
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    names, others = (
        json.loads((ours / "names.json").read_text())["log"],
        json.loads((theirs / "names.json").read_text()),
    )
    assert len(names["learners"]) == len(others["learners"])
    assert (names["items"], names["skills"]) == (others["items"], others["skills"])


SIDES = {"attain": with_attain, "pandas": with_pandas}

if __name__ == "__main__":
    main()
