"""What is said of items, as facts that a file, a table and a figure are made from; no row of it is of a learner."""

from dataclasses import dataclass, field
from typing import Literal

from attain.data.items import Kind
from attain.metrics.items.dif import Size
from attain.metrics.items.distractors import Option
from attain.metrics.items.exposure import Exposure
from attain.metrics.items.gain import Gain
from attain.metrics.items.targets import Interval, Targets

State = Literal["ok", "not enough data", "no answers"]
NOT_ENOUGH: State = "not enough data"


@dataclass(frozen=True)
class ItemRow:
    """One item.

    Attributes:
        item: its id.
        kind: who wrote it.
        system: the generator.
        level: the difficulty that was asked for.
        state: whether there are answers enough to rank it.
        n: first answers by learners.
        p: share right.
        p_low: lower end of its 95 % interval.
        p_high: upper end.
        item_rest: correlation with the share right on other items.
        item_rest_se: its standard error.
        b: difficulty in logits, anchored on abilities where they are known, else of the joint model.
        se: its standard error.
        low: lower end of its 95 % interval.
        high: upper end.
        rank: place by difficulty, 1 the hardest, among items with answers enough.
        rank_from: the first place that the intervals allow: behind those that are clearly harder.
        rank_to: the last.
        joint_b: difficulty of the joint Rasch model.
        joint_se: its standard error.
        a: discrimination, from 200 answers on.
        a_se: its standard error.
        flags: what is wrong with it, in words.
    """

    item: str
    kind: Kind
    system: str
    level: float | None
    state: State
    n: int
    p: float | None
    p_low: float | None
    p_high: float | None
    item_rest: float | None
    item_rest_se: float | None
    b: float | None
    se: float | None
    low: float | None
    high: float | None
    rank: int | None
    rank_from: int | None
    rank_to: int | None
    joint_b: float | None
    joint_se: float | None
    a: float | None
    a_se: float | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemOptions:
    """Who chose which option of an item; `n` chose any."""

    item: str
    n: int
    options: tuple[Option, ...]


@dataclass(frozen=True)
class DifRow:
    """One item in one cohort against the reference cohort.

    Attributes:
        item: its id.
        attribute: of learners.
        cohort: the focal one.
        reference: the largest one.
        n: answers of the cohort; None where it is hidden.
        n_reference: of the reference.
        delta: on ETS's scale, below 0 where the item is harder for the cohort.
        delta_se: its standard error.
        p: of no difference.
        size: A negligible, B moderate, C large.
        b: anchored difficulty in the cohort, with its interval.
        b_reference: in the reference.
        harder_by: the difference of these.
        reason: why there is nothing, or no size.
    """

    item: str
    attribute: str
    cohort: str
    reference: str
    n: int | None
    n_reference: int | None
    delta: float | None
    delta_se: float | None
    p: float | None
    size: Size | None
    b: Interval
    b_reference: Interval
    harder_by: Interval
    reason: str = ""


@dataclass(frozen=True)
class SystemRow:
    """One generator, or the people who wrote items.

    Attributes:
        system: its name.
        kind: who wrote the items.
        items: of it, with or without answers.
        judged: with answers enough.
        usable: share of the judged items with nothing wrong, with Wilson's interval.
        b: mean difficulty.
        gap: mean of what items are harder than items of all systems with the same target, in logits.
        targets: target against achieved difficulty.
    """

    system: str
    kind: Kind
    items: int
    judged: int
    usable: Interval
    b: Interval
    gap: Interval
    targets: Targets


@dataclass(frozen=True)
class ItemReport:
    """All that is said.

    Attributes:
        answers: first answers to items, which all figures are of.
        learners: who gave them.
        ability: where abilities come from: `column`, the name of a tracer, or `joint`.
        exposure: whether who was asked what depended on ability.
        declared: how items came to be asked, as the answers say, and how many of each.
        remarks: sentences that must stand beside the figures.
        items: hardest first, then those without answers enough.
        options: of the items of which it is known.
        dif: of the attributes asked for.
        systems: where there is more than one, or a target.
        gain: growth of ability by generated items; None where it was not asked.
    """

    answers: int
    learners: int
    ability: str
    exposure: Exposure
    declared: dict[str, int]
    remarks: tuple[str, ...]
    items: tuple[ItemRow, ...]
    options: tuple[ItemOptions, ...] = ()
    dif: tuple[DifRow, ...] = ()
    systems: tuple[SystemRow, ...] = ()
    gain: Gain | None = None
    method: dict[str, float | int | bool | str] = field(default_factory=dict)
