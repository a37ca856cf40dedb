"""The bound of memory is kept: measured in a process of its own."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROWS = 2_000_000
PREPARE = """
from pathlib import Path
from attain.data.load import load_source
from attain.data.stream.bound import Bound
columns = {name: name for name in ("learner", "item", "correct", "skill", "time")}
load_source({"file": "a.csv", "time_unit": "s", "columns": columns}, memory=Bound(0.7, always=True))
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells the peak of one program alone")
def test_the_peak_of_memory_stays_below_the_bound(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"learner": rng.integers(0, 20_000, ROWS), "item": rng.integers(0, 5_000, ROWS)})
    frame = frame.assign(correct=rng.integers(0, 2, ROWS), skill=rng.integers(0, 99, ROWS), time=np.arange(ROWS) // 3)
    frame.to_csv(tmp_path / "a.csv", index=False)
    done = subprocess.run([sys.executable, "-c", PREPARE], check=True, stdout=subprocess.PIPE, text=True)
    assert 1024 * int(done.stdout) < 0.7e9, "getrusage would tell the peak of whoever started it, if that is greater"
