"""How the network of deep knowledge tracing is trained. Needs torch."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch.nn.functional import binary_cross_entropy_with_logits

from attain.data.interactions import Interactions
from attain.data.split import hold_out
from attain.models._seen import only_seen
from attain.models.knowledge_tracing._dkt_network import Network, State, Tensors, each, logits
from attain.models.knowledge_tracing._dkt_windows import Vocabulary, vocabulary, windows
from attain.models.knowledge_tracing.dkt import READ, DKTParams
from attain.tasks.context import FitContext

ITEM_PACE = 5
"""Items are many and each is answered seldom: their biases learn this many times faster than the rest."""
MAX_NORM = 1.0
"""Gradients are cut to this length."""


@dataclass
class _Best:
    quality: float
    epoch: int
    weights: dict[str, torch.Tensor]


def train(log: Interactions, params: DKTParams, context: FitContext) -> tuple[Network, Vocabulary]:
    """A network trained on `log`, stopped early by a part of its learners.

    Raises:
        UserError: `log` has fewer than two learners.
    """
    part, valid = hold_out(log, params.valid_share, context.rng)
    part = only_seen(part)
    names = vocabulary(part)
    devices = [torch.cuda.current_device()] if context.device == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(context.rng.integers(2**31)))
        network = Network(len(names.skills), len(names.items), params.hidden, params.cell, params.dropout)
        _epochs(network.to(context.device), part, valid, names, params, context)
    network.cpu().eval().settle()
    return network, names


def _epochs(
    network: Network,
    part: Interactions,
    valid: Interactions,
    names: Vocabulary,
    params: DKTParams,
    context: FitContext,
) -> None:
    """Train until the held-out learners are predicted no better for `patience` epochs; the best weights stay."""
    batches = [
        [Tensors.of(window, context.device) for window in batch]
        for batch in windows(part, names, learners=params.batch, max_steps=params.window)
    ]
    judged = list(windows(valid, names, **READ))
    optimizer = _optimizer(network, params)
    best = _Best(-np.inf, 0, {})
    for epoch in range(params.epochs):
        network.train()
        loss = 0.0
        for number in context.rng.permutation(len(batches)):
            loss += _learn(network, batches[number], optimizer, params, len(part), context.device)
        network.eval()
        score = logits(network, judged, len(valid), context.device)
        valid_loss = float(np.logaddexp(0, np.where(valid.correct, -score, score)).mean())
        curves = {"loss": loss / len(part), "valid_loss": valid_loss}
        if (auc := _auc(valid.correct, score)) is not None:
            curves["valid_auc"] = auc
        context.report(epoch, **curves)
        quality = -valid_loss if auc is None else auc
        if quality > best.quality:
            best = _Best(quality, epoch, {k: v.detach().clone() for k, v in network.state_dict().items()})
        elif epoch - best.epoch >= params.patience:
            break
    network.load_state_dict(best.weights)


def _optimizer(network: Network, params: DKTParams) -> torch.optim.Optimizer:
    network.item.weight.requires_grad_(params.item_bias)
    rest = [p for p in network.parameters() if p is not network.item.weight]
    optimizer = torch.optim.Adam(rest, lr=params.learning_rate)
    optimizer.add_param_group({"params": [network.item.weight], "lr": ITEM_PACE * params.learning_rate})
    return optimizer


def _learn(
    network: Network,
    batch: list[Tensors],
    optimizer: torch.optim.Optimizer,
    params: DKTParams,
    total: int,
    device: str,
) -> float:
    """One step of the optimizer a window; the memory is carried on, its gradient is not. Gives the summed loss."""
    state: State | None = None
    summed = 0.0
    for tensors in batch:
        with torch.autocast(device, dtype=torch.bfloat16, enabled=params.precision == "bfloat16"):
            logit, state = network(tensors, state)
        state = each(state, torch.Tensor.detach)
        loss = binary_cross_entropy_with_logits(logit.float(), tensors.correct)
        summed += loss.item() * len(tensors.correct)
        if params.item_bias:
            loss = loss + network.item.weight.square().sum() / (2 * params.item_sd**2 * total)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(network.parameters(), MAX_NORM)
        optimizer.step()
    return summed


def _auc(correct: NDArray[np.integer], score: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve by ranks; None where all answers are alike."""
    right = int(correct.sum())
    wrong = len(correct) - right
    if right == 0 or wrong == 0:
        return None
    return float((rankdata(score)[correct == 1].sum() - right * (right + 1) / 2) / (right * wrong))
