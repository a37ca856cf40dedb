"""Our tracking server and a real MLflow server side by side: the same requests, the same raw HTTP client, in one run.

    python -m venv /somewhere/mlflow && /somewhere/mlflow/bin/pip install mlflow==3.17.2
    python -m venv /somewhere/attain && /somewhere/attain/bin/pip install '.[server]'   # for the installed size alone
    python benchmarks/speed/tracking_server.py --mlflow-venv /somewhere/mlflow --attain-venv /somewhere/attain

Both keep SQLite, begin empty, are started by the commands that users type, and answer with one worker; what each takes
with the number of workers that it chooses by itself is told too. Times are what the client waits; CPU is what the
server and its children use beyond what they use while idle, which also counts on a busy machine. Both must answer the
same (what was found, in which order, with which values), else the exit status is 1. Without `--mlflow-venv` ours alone
is measured.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tracking_process import PATIENCE_S, Name, Server, command, database, free_port
from tracking_work import Side, at_once, batches, long_history, loop, searches, small_writes, warm_up

SIZES = [1_000, 10_000, 100_000]


def main() -> int:
    """Measure, tell, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--mlflow-venv", type=Path, help="a virtual environment with mlflow alone in it")
    parser.add_argument("--attain-venv", type=Path, help="a virtual environment with 'attain[server]' alone in it")
    parser.add_argument("--runs", type=int, nargs="*", default=SIZES, help="how many runs are searched, growing")
    parser.add_argument("--points", type=int, default=100_000, help="points of the long history")
    parser.add_argument("--repeat", type=int, default=200, help="small requests of each kind")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    names: list[Name] = ["attain", "mlflow"] if chosen.mlflow_venv else ["attain"]
    sides = {name: measured(name, chosen) for name in names}
    if chosen.json:
        print(json.dumps({name: {"times": side.times, "facts": side.facts} for name, side in sides.items()}, indent=2))
    else:
        show(sides)
    return compare(sides)


def measured(name: Name, chosen: argparse.Namespace) -> Side:
    """One side, from its start to its end."""
    side = Side()
    for workers, label in ((None, "as it comes"), (1, "1 worker")):
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            server = Server(command(name, Path(folder), port, chosen.mlflow_venv, workers), port)
            try:
                server.settle()
                side.facts[f"start-up, {label}, s"] = server.start_s
                side.facts[f"idle memory, {label}, MiB"] = server.memory_mib()
                side.facts[f"processes, {label}"] = server.processes()
                side.facts[f"CPU while idle, {label}, ms a second"] = server.idle_share * 1000
                if workers == 1:
                    asked(server, side, name, database(name, Path(folder)), chosen)
            finally:
                server.end()
    venv = chosen.attain_venv if name == "attain" else chosen.mlflow_venv
    if venv is not None and chosen.attain_venv is not None:
        side.facts["installed, MB"], side.facts["packages"] = installed(venv)
    return side


def asked(server: Server, side: Side, name: Name, file: Path, chosen: argparse.Namespace) -> None:
    """Everything that is asked of a server with one worker."""
    warm_up(server)
    small_writes(server, side, chosen.repeat)
    batches(server, side)
    loop(server, side)
    searches(server, side, name, file, chosen.runs)
    long_history(server, side, chosen.points)
    at_once(server, side, 8, 80)
    at_once(server, side, 16, 40)


def installed(venv: Path) -> tuple[float, int]:
    """The size in MB and the number of the packages in an environment, without pip and what it came with."""
    site = next(venv.glob("lib/python*/site-packages"))
    with_venv = ("pip", "setuptools", "_distutils_hack", "distutils-precedence.pth", "pkg_resources", "wheel")
    ours = [path for path in site.iterdir() if path.name.split("-")[0] not in with_venv]
    sizes = (file.stat().st_size for path in ours for file in [path, *path.rglob("*")] if file.is_file())
    return sum(sizes) / 1e6, sum(path.suffix == ".dist-info" for path in ours)


def show(sides: dict[Name, Side]) -> None:
    """A table of times, then of facts; each with how many times better ours is."""
    both = "mlflow" in sides
    print(f"{'':44}{'attain ms (CPU)':>20}" + (f"{'MLflow ms (CPU)':>26}{'times (CPU)':>18}" if both else ""))
    for name, (wall, cpu) in sides["attain"].times.items():
        line = f"{name:44}{f'{wall:.2f} ({cpu:.2f})':>20}"
        if both:
            their_wall, their_cpu = sides["mlflow"].times[name]
            over = ">" if name in sides["mlflow"].late else ""
            times = f"{over}{their_wall / wall:.1f} ({over}{their_cpu / max(cpu, 0.01):.1f})"
            line += f"{f'{over}{their_wall:.2f} ({over}{their_cpu:.2f})':>26}{times:>18}"
        print(line)
    for name, value in sides["attain"].facts.items():
        line = f"{name:44}{value:>20.2f}"
        if both:
            theirs = sides["mlflow"].facts[name]
            more_is_better = name.startswith("batches")
            better, worse = (value, theirs) if more_is_better else (theirs, value)
            line += f"{theirs:>26.2f}" + (f"{better / worse:>18.1f}" if worse else f"{'–':>18}")
        print(line)


def compare(sides: dict[Name, Side]) -> int:
    """0 if both answered the same."""
    if "mlflow" not in sides:
        return 0
    ours, theirs = (side.answers for side in sides.values())
    both = [name for name in ours if name in theirs]
    different = [name for name in both if ours[name] != theirs[name]]
    print(f"The answers differ: {', '.join(different)}" if different else f"All {len(both)} answers are the same.")
    if late := sorted(set.union(*(side.late for side in sides.values()))):
        print(f"Not answered in {PATIENCE_S:.0f} s: {', '.join(late)}.")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
