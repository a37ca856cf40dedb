"""A search as Optuna sees it, built anew from what the store keeps: nothing of Optuna's is kept anywhere.

The sampler of each trial has a seed of its own, so a search that was interrupted proposes what it would have proposed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attain.core.errors import UserError
from attain.core.rng import seed_of
from attain.suite.search_config import Range, Search

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

PRUNE_AFTER = 4
"""Trials that are always completed, before any is pruned."""


@dataclass(frozen=True)
class Trial:
    """What became of a trial.

    Attributes:
        params: which were tried.
        steps: the mean of the metric over the parts so far, after each part.
        state: `complete`; `pruned`, given up early; `failed`; or `running`.
        run_id: its run.
    """

    params: Mapping[str, Any]  # an adapter's own fields
    steps: Sequence[float] = ()
    state: str = "running"
    run_id: str = ""


def propose(search: Search, direction: str, seen: Sequence[Trial], number: int, *names: object) -> dict[str, Any]:
    """The params of the trial with a number.

    Args:
        search: where and how.
        direction: `max` or `min`.
        seen: what is known of trials before, in their order.
        number: of the trial.
        names: of the search, so that another one has other seeds.
    """
    study = study_of(search, direction, seen, seed_of(search.seed, "search", number, *names) % 2**32)
    return study.ask(_distributions(search)).params


def is_hopeless(search: Search, direction: str, seen: Sequence[Trial], steps: Sequence[float]) -> bool:
    """Whether a trial with these steps is to be pruned."""
    trial = study_of(search, direction, seen, 0).ask()
    for step, value in enumerate(steps):
        trial.report(value, step)
    return trial.should_prune()


def importance(search: Search, direction: str, trials: Sequence[Trial]) -> dict[str, float]:
    """How much of the differences among trials each param accounts for (PED-ANOVA), 0 to 1, the greatest first.

    Nothing where too few trials are complete, or all are equally good.
    """
    from optuna.importance import get_param_importances

    complete = [trial for trial in trials if trial.state == "complete"]
    if len(complete) < 2 or len({trial.steps[-1] for trial in complete}) < 2 or len(search.space) < 2:
        return {}
    found = get_param_importances(study_of(search, direction, complete, 0))
    return {str(name): float(share) for name, share in found.items()}


def best_of(direction: str, trials: Mapping[int, Trial]) -> int | None:
    """The number of the best complete trial, the first where several are; None where there is none."""
    sign = -1.0 if direction == "max" else 1.0
    complete = [(sign * trial.steps[-1], n) for n, trial in trials.items() if trial.state == "complete"]
    return min(complete)[1] if complete else None


def study_of(search: Search, direction: str, trials: Sequence[Trial], seed: int) -> "Study":
    """An in-memory study that holds these trials; failed ones are left out.

    Raises:
        UserError: Optuna is not installed.
    """
    optuna = _optuna()
    from optuna.trial import TrialState, create_trial

    states = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "running": TrialState.RUNNING}
    samplers = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
    pruner = optuna.pruners.MedianPruner(n_startup_trials=PRUNE_AFTER, n_warmup_steps=0)
    study: Study = optuna.create_study(
        direction="maximize" if direction == "max" else "minimize",
        sampler=samplers[search.sampler](seed=seed),
        pruner=pruner if search.pruning == "median" else optuna.pruners.NopPruner(),
    )
    distributions = _distributions(search)
    study.add_trials(
        [
            create_trial(
                state=states[trial.state],
                params={name: _choice(search.space[name], trial.params[name]) for name in search.space},
                distributions=distributions,
                value=trial.steps[-1] if trial.state == "complete" else None,
                intermediate_values=dict(enumerate(trial.steps)),
            )
            for trial in trials
            if trial.state in states
        ]
    )
    return study


def _distributions(search: Search) -> "dict[str, BaseDistribution]":
    return {name: _distribution(one) for name, one in search.space.items()}


def _distribution(one: Range) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if one.values is not None:
        return CategoricalDistribution(range(len(one.values)))  # a value may be a list, which Optuna does not take
    assert one.low is not None
    assert one.high is not None
    if one.whole:
        return IntDistribution(int(one.low), int(one.high), log=one.log)
    return FloatDistribution(one.low, one.high, log=one.log)


def values_of(search: Search, proposed: Mapping[str, Any]) -> dict[str, Any]:
    """What an adapter is given: of lists, the value in place of its number."""
    lists = {name: one.values for name, one in search.space.items() if one.values is not None}
    return {name: lists[name][value] if name in lists else value for name, value in proposed.items()}


def _choice(one: Range, value: Any) -> Any:  # as above, the other way
    return value if one.values is None else one.values.index(value)


def _optuna() -> Any:  # optional, and imported late
    try:
        import optuna
    except ImportError:
        raise UserError("A search of params needs Optuna; install attain[search].") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def version() -> str:
    """Optuna's, on which proposals depend."""
    return str(_optuna().__version__)
