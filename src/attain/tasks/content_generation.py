"""Content generation: what does a generator put out for a prompt, and what is it worth?

Scores here say only whether a piece was delivered. What it is worth, metrics of its text, people's ratings and
learners' answers say, all from the same table.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self, get_args

import numpy as np
import pandas as pd
from pydantic import Field

from attain.core.component import Component, Params
from attain.core.errors import UserError
from attain.core.registry import Registry
from attain.core.table import Predictions, predictions
from attain.data import prompt_split
from attain.data.dataset import Dataset
from attain.data.prompt_split import AllPrompts, ByPrompt, PromptSplit
from attain.data.prompts import FIELDS, MOST_SAMPLES, Prompts
from attain.data.split import Fold, Published
from attain.tasks.context import FitContext

NAME = "content_generation"
CONTENT = Prompts
"""What a data set of this task holds."""
HAS_CANARIES = False
TRAINING = ("all",)
"""What a suite may have models learn from."""
METRICS = ("chrf", "rouge_l", "distinct@2", "delivered_share", "empty_share", "refused_share", "failed_share")
"""Metrics of a suite that names none."""
SPLIT = AllPrompts()
"""The split of a suite that names none."""
UNITS = "prompts"
"""What intervals are drawn over, in tables for people."""
BASELINES = ()
PROTOCOL = {
    "judged": "every prompt of the held-out part, pieces that are empty, refused or failed with them",
    "known": "the prompt; neither its references nor its ratings",
}
"""How pieces are judged, for the record that every number carries."""

State = Literal["ok", "empty", "refused", "failed"]
"""What became of a piece: delivered, without text, refused by the generator, or not made for an error."""


@dataclass(frozen=True)
class Piece:
    """One output for one prompt.

    Attributes:
        prompt: id of the prompt.
        text: the output; "" where none was delivered.
        sample: the how-manieth output for this prompt, from 0.
        state: what became of it; one that is `ok` without a text counts as `empty`.
        error: why it failed or was refused, in a sentence.
        seconds: how long it took; None where not known.
        tokens_in: tokens read, as the generator counts them; None where not known.
        tokens_out: tokens written.
        finish_reason: why the generator stopped, in its own word; "" where it does not say.
        system: whose piece on record it is, so that its ratings are found; "" for a fresh one.
    """

    prompt: str
    text: str
    sample: int = 0
    state: State = "ok"
    error: str = ""
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    finish_reason: str = ""
    system: str = ""


class GeneratorParams(Params):
    """Parameters that every generator has."""

    samples: int = Field(default=1, ge=1, le=MOST_SAMPLES)
    """Outputs for each prompt."""
    max_failed_share: float = Field(default=0.1, ge=0, le=1)
    """The run fails where a greater share of its pieces failed; up to it, each is a row with its error."""


class Generator(Component):
    """Adapter of a generator: texts for prompts.

    The framework hides the references and ratings of the prompts that are judged, asks for each once, keeps every
    piece, and makes the table. A generator that learns nothing leaves `fit` as it is.
    """

    params: GeneratorParams
    reads_pieces: ClassVar[bool] = False
    """Whether it gives outputs that are on record with the prompts; any other is not shown them."""

    def __init__(self, params: Params | None = None) -> None:
        super().__init__(params)
        self.context = FitContext()
        """What `fit` was handed; `generate` is handed it again."""

    def fit(self, prompts: Prompts, context: FitContext) -> None:
        """Learn from the prompts of the training part (none where all are judged); call it when overriding."""
        self.context = context

    @abstractmethod
    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        """One piece for each prompt and sample, in any order, each as soon as it is there.

        A prompt that cannot be answered gives a piece whose `state` and `error` say why; only what concerns every
        prompt alike, such as a missing key, is raised.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned into `folder`, as arrays and JSON; never a pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """The generator that `save` wrote."""


MODELS: Registry[Generator] = Registry(
    NAME,
    Generator,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.models.content_generation",
)


def columns(dataset: Dataset[Prompts], adapter: type[Generator]) -> frozenset[str]:
    """What the predictions table of such a model on such a data set will hold."""
    prompts = dataset.log
    known = {*_KEYS, *prompts.fields, *(["level"] if "level" in prompts.table else [])}
    if adapter.reads_pieces and len(prompts.ratings):
        known |= {
            "target",
            "rating_spread",
            *(f"rating.{dimension}" for dimension in prompts.ratings["dimension"].unique()),
        }
    return frozenset(known)


def count(split: object, dataset: Dataset[Prompts]) -> int:
    """How many folds a split has on a data set."""
    return prompt_split.count(_checked(split), dataset)


def inner(split: object, folds: int, seed: int) -> tuple[object, int]:
    """How a training part is parted again, where params are sought in it, and into how many folds: by prompt.

    Raises:
        UserError: the split leaves nothing to learn from.
    """
    if isinstance(split, AllPrompts):
        raise UserError("A split by all leaves no prompts to seek params with; use `by: prompt`.")
    return ByPrompt(folds=folds, seed=seed), folds


def make_fold(split: object, dataset: Dataset[Prompts], index: int) -> Fold[Prompts]:
    """The fold with number `index`."""
    return prompt_split.make(_checked(split), dataset, index)


def guarded(split: object, fold: Fold[Prompts], allow: Mapping[str, str]) -> list[dict[str, object]]:
    """Nothing: what a generator may see, the framework hands to it.

    Raises:
        UserError: the suite allows something.
    """
    if allow:
        raise UserError("Content generation has no guard to be allowed anything; take `allow` out.")
    return []


def said_beside(model: Callable[[], Generator], split: object, dataset: Dataset[Prompts], seed: int) -> str:
    """What stands beside the figures: that nothing was held out, where a split holds out nothing."""
    return "" if not isinstance(split, AllPrompts) else "Every prompt is judged; nothing was fitted to any of them."


def run(model: Generator, fold: Fold[Prompts], context: FitContext) -> Predictions:
    """Fit on the training part and judge on the held-out part: one fold in a notebook or script, without a suite."""
    model.fit(fold.train, context)
    return judge(model, fold)


def look(model: Generator, fold: Fold[Prompts]) -> None:
    """Nothing: asking twice costs, and need not give the same."""


def judge(model: Generator, fold: Fold[Prompts]) -> Predictions:
    """The predictions table of a fitted generator: one row a piece.

    Raises:
        UserError: a piece is missing, there twice or of another prompt, or more failed than the params allow.
    """
    prompts = fold.test
    pieces = _collected(model, prompts.asked(with_pieces=model.reads_pieces))
    frame = pieces.merge(prompts.table, on="prompt", how="left", validate="many_to_one")
    keys = pd.DataFrame(
        {
            "fold": np.full(len(frame), fold.index, dtype=np.int32),
            "example": frame["row"] * MOST_SAMPLES + frame["sample"],
            "unit": pd.Categorical(frame["prompt"], categories=pd.Index(prompts.ids, dtype="str")),
            "sample": frame["sample"].astype(np.int32),
            **{name: frame[name].astype("str") for name in ("text", "references", "state", "error")},
            **{name: frame[name].astype(float) for name in _MEASURED},
            "finish_reason": frame["finish_reason"].astype("str"),
            **{name: frame[name].astype("str") for name in FIELDS if name in frame},
            **({"level": frame["level"].astype(float)} if "level" in frame else {}),
        }
    )
    rated = _rated(pieces, prompts.ratings)
    for name in rated:
        keys[name] = rated[name].to_numpy(float)
    return Predictions(predictions(keys, np.asarray(frame["state"] == "ok", dtype=float), low=0, high=1))


def counts(dataset: Dataset[Prompts]) -> dict[str, int]:
    """What a data set holds, for people."""
    prompts = dataset.log
    return {
        "prompts": len(prompts),
        "systems on record": len(prompts.systems),
        "pieces on record": len(prompts.pieces),
        "ratings": len(prompts.ratings),
    }


def sizes(fold: Fold[Prompts]) -> dict[str, int]:
    """How much a fold has to learn from and to judge."""
    return {"prompts/train": len(fold.train), "prompts/test": len(fold.test)}


_MEASURED = ("seconds", "tokens_in", "tokens_out")
_KEYS = ("fold", "example", "unit", "sample", "score", "text", "references", "state", "error", "finish_reason")
_STATES = get_args(State)
_FIRST = 3


def _checked(split: object) -> PromptSplit:
    if not isinstance(split, AllPrompts | ByPrompt | Published):
        raise UserError(f"A split by {getattr(split, 'by', split)} is not for prompts; use all, prompt or published.")
    return split


def _collected(model: Generator, prompts: Prompts) -> pd.DataFrame:
    """The pieces as a frame in the order of the prompts, one for each prompt and sample."""
    wanted = [(str(prompt), sample) for prompt in prompts.ids for sample in range(model.params.samples)]
    known, found = set(wanted), dict[tuple[str, int], Piece]()
    failed: list[Piece] = []
    for piece in model.generate(prompts, model.context):
        key = (piece.prompt, piece.sample)
        if key not in known or key in found:
            what = "twice" if key in found else "which was not asked for"
            raise UserError(f"{model.name!r} gave sample {piece.sample} of prompt {piece.prompt!r} {what}.")
        found[key] = piece
        if piece.state == "failed":
            failed.append(piece)
            _refuse_failed(model, failed, len(wanted))
        if piece.seconds is not None:  # one that had to be waited for
            model.context.report(len(found), pieces=len(found), failed=len(failed))
    if missing := [prompt for prompt, sample in wanted if (prompt, sample) not in found]:
        raise UserError(f"{model.name!r} gave no piece for {len(missing)} prompts: {_named(missing)}.")
    frame = pd.DataFrame([vars(found[key]) for key in wanted], columns=list(Piece.__dataclass_fields__))
    blank = frame["text"].str.strip() == ""
    frame.loc[(frame["state"] == "ok") & blank, "state"] = "empty"
    frame.loc[frame["state"] != "ok", "text"] = ""
    if strange := sorted(set(frame["state"]) - set(_STATES)):
        raise UserError(f"{model.name!r} gave the state {strange[0]!r}; expected one of {', '.join(_STATES)}.")
    return frame


def _refuse_failed(model: Generator, failed: list[Piece], asked_for: int) -> None:
    """Stop as soon as too many have failed: where everything does, the rest need not be tried, or paid."""
    if len(failed) <= model.params.max_failed_share * asked_for:
        return
    often, _ = Counter(piece.error for piece in failed).most_common(1)[0]
    raise UserError(
        f"{len(failed)} of {asked_for} pieces of {model.name!r} failed already, more than max_failed_share "
        f"{model.params.max_failed_share:g} allows: {_named([piece.prompt for piece in failed])}. Most often: {often}"
    )


def _named(prompts: list[str]) -> str:
    """The first ids, and how many more there are."""
    distinct = list(dict.fromkeys(prompts))
    more = len(distinct) - _FIRST
    return ", ".join(map(repr, distinct[:_FIRST])) + (f" and {more} more" if more > 0 else "")


def _rated(pieces: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """What people gave each piece on record: `rating.<dimension>`, the mean of its raters; `target`, the mean of these;
    and `rating_spread`, the standard deviation between raters as a mean over dimensions. NaN where nobody rated.
    """
    own = ratings[ratings["kind"] == "person"]
    keys = pd.MultiIndex.from_frame(pieces[["prompt", "sample", "system"]])
    if not len(own) or not (pieces["system"] != "").any():
        return pd.DataFrame({"target": np.full(len(pieces), np.nan)})
    means = own.pivot_table(index=["prompt", "sample", "system"], columns="dimension", values="value", aggfunc="mean")
    means = means[list(dict.fromkeys(own["dimension"]))].reindex(keys)
    spread = own.groupby(["prompt", "sample", "system", "dimension"])["value"].std().groupby(level=[0, 1, 2]).mean()
    columns = means.reset_index(drop=True).rename(columns=lambda name: f"rating.{name}")
    return columns.assign(rating_spread=spread.reindex(keys).to_numpy(), target=means.mean(axis=1).to_numpy())
