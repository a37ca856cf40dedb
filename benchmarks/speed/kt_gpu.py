"""How many answers a second do `dkt` and `akt` learn from on a GPU, and how much of what it could compute is that?

    python benchmarks/speed/kt_gpu.py                     # an EdNet-like log: 20,000 learners, 2 million answers
    python benchmarks/speed/kt_gpu.py --peak 989          # for another GPU: its dense bfloat16 TFLOP/s
    python benchmarks/speed/kt_gpu.py --tiny --device cpu # a few answers, only to see that it runs

The answers are simulated: 13,000 items, 188 skills, histories of 100 answers on average with a long tail, as in EdNet.
The trainer of the suites is timed, with batches and widths that fill a GPU; the first pass warms up and is not counted.
Operations are those of matrix products, forward and backward: torch counts them in the steps of one batch, and the
products inside the LSTM, which it does not see, are added by formula. Elementwise work is not counted.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from attain.data.interactions import Interactions
from attain.data.split import hold_out
from attain.models._seen import only_seen
from attain.models.knowledge_tracing._deep_batches import Windows, vocabulary
from attain.models.knowledge_tracing._deep_network import Batch, Network
from attain.models.knowledge_tracing._deep_tracer import DeepTracer
from attain.models.knowledge_tracing._deep_training import Training
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS
from attain.testing.small import make_log

WIDE: dict[str, dict[str, object]] = {
    "dkt": {"hidden": 256, "batch": 512, "window": 100},
    "akt": {"hidden": 256, "heads": 8, "batch": 128, "window": 100, "context": 200},
}
NARROW: dict[str, object] = {"hidden": 16, "batch": 8, "window": 20}
PEAKS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L4": 121.0, "T4": 65.0}
"""Dense bfloat16 (T4: float16) TFLOP/s by what the GPU's name contains."""


@dataclass(frozen=True)
class Speed:
    """What one model reached."""

    model: str
    answers_per_s: float
    tflop_per_s: float
    memory_gib: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=20_000)
    parser.add_argument("--passes", type=int, default=2, help="over the log, after the one that warms up")
    parser.add_argument("--peak", type=float, help="TFLOP/s of the GPU in bfloat16, dense")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="a small log and network")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.device == "cuda" and not torch.cuda.is_available():
        print(
            "This machine has no GPU that torch can use, so there is nothing to measure. To see that the script runs:"
        )
        print("    python benchmarks/speed/kt_gpu.py --tiny --device cpu")
        return 2
    log = ednet_like(60 if chosen.tiny else chosen.learners)
    device = torch.cuda.get_device_name() if chosen.device == "cuda" else "cpu"
    peak = chosen.peak or next((value for name, value in PEAKS.items() if name in device), None)
    speeds = [measured(name, log, chosen.device, chosen.tiny, chosen.passes) for name in WIDE]
    if chosen.json:
        about = {"device": device, "peak_tflop_per_s": peak, "answers": len(log)}
        print(json.dumps(about | {speed.model: asdict(speed) for speed in speeds}))
    else:
        print(as_text(speeds, device, peak, len(log)))
    return 0


def ednet_like(learners: int) -> Interactions:
    """Histories of log-normal length; each item has one to three skills."""
    rng = np.random.default_rng(0)
    items, skills = 13_000, 188
    lengths = np.clip(rng.lognormal(3.6, 1.3, learners), 5, 5_000).astype(int)
    of_item = [sorted(set(rng.integers(0, skills, rng.integers(1, 4)).tolist())) for _ in range(items)]
    learner = np.repeat(np.arange(learners), lengths)
    item = rng.integers(0, items, len(learner))
    ease = rng.normal(size=items)[item] + np.repeat(rng.normal(size=learners), lengths)
    correct = (rng.random(len(learner)) < 1 / (1 + np.exp(-ease))).astype(int)
    return make_log(learner, item, correct, of_item)


def measured(name: str, log: Interactions, device: str, tiny: bool, passes: int) -> Speed:
    params = NARROW | ({"heads": 2, "context": 20} if name == "akt" else {}) if tiny else WIDE[name]
    model = MODELS.get(name).create(**params, device=device, valid_share=0.01)
    assert isinstance(model, DeepTracer)
    part, valid = hold_out(log, 0.01, np.random.default_rng(0))
    part = only_seen(part)
    names = vocabulary(part)
    network = model.build(len(names.skills), len(names.items)).to(device)
    training = Training(network, part, valid, names, model.params, FitContext(np.random.default_rng(0)))
    training._through()
    before = now(device)
    for _ in range(passes):
        training._through()
    spent = (now(device) - before) / passes
    windows = Windows(part, names, learners=model.params.batch, max_steps=model.params.window)
    operations = flop_of_an_answer(model, network, windows, device)
    memory = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0.0
    return Speed(name, len(part) / spent, operations * len(part) / spent / 1e12, memory)


def flop_of_an_answer(model: DeepTracer, network: Network, windows: Windows, device: str) -> float:
    """Operations of a step on the middle batch, forward and backward, divided by its answers."""
    operations, answers, state = 0.0, 0, None
    for window in windows.batch(len(windows) // 2):
        batch = Batch.of(window, torch.device(device))
        if state is not None:
            state = tuple(part[: batch.shape[0]].detach() for part in state)
        with FlopCounterMode(display=False) as counter:
            score, _, state = network.learn(batch, state)
            score.sum().backward()
        operations += counter.get_total_flops()
        answers += len(batch.correct)
    gates = 48 * model.params.hidden**2 if model.name == "dkt" else 0  # 8 products of the LSTM, backward twice as many
    return operations / answers + gates


def now(device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def as_text(speeds: list[Speed], device: str, peak: float | None, answers: int) -> str:
    lines = [f"{answers:,} simulated answers; {device}; torch {torch.__version__}", ""]
    lines.append(f"{'':8}{'answers/s':>14}{'TFLOP/s':>10}{'of peak':>10}{'GiB':>8}")
    for s in speeds:
        share = f"{s.tflop_per_s / peak:.2%}" if peak else "–"
        lines.append(f"{s.model:8}{s.answers_per_s:14,.0f}{s.tflop_per_s:10.3f}{share:>10}{s.memory_gib:8.2f}")
    if not peak:
        lines += ["", "The peak of this device is not known here; give it with --peak."]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
