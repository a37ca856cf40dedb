"""What an institution asks of an audit: how many can be called, what gap must be seen, and who decided so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from attain.audit.capacity import Capacity
from attain.audit.findings import AuditRules
from attain.audit.rates import RATES, Rate, rates
from attain.audit.small_groups import Rounding, SuppressionRule
from attain.core.cohorts import SMALLEST
from attain.core.errors import UserError, unknown
from attain.core.places import project_folders
from attain.core.strict import Strict
from attain.core.yaml_lines import YamlFile, load_yaml

DEFAULT = "default"
"""In `tolerance`: every metric that is not named."""
USUAL = 0.1


def _rate(name: str) -> str:
    if name not in RATES:
        raise ValueError(str(unknown("metric", name, RATES)))
    return name


_TOLERATED = (*RATES, "equalized_odds", "abroca", DEFAULT)


class Calls(Strict):
    """How many learners can be looked after."""

    count: int | None = Field(default=None, ge=1)
    """So many learners; or give `share`."""
    share: float | None = Field(default=None, gt=0, le=1)
    """This share of the learners, rounded down but at least one; or give `count`."""
    per_course: bool = False
    """Whether each course has this capacity of its own."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.count is None) == (self.share is None):
            raise ValueError("give `count` or `share`, one of them")
        return self


class Prices(Strict):
    """What mistakes and calls cost, in one unit, whatever it is."""

    missed: float = Field(ge=0)
    """Not to flag a learner who has the outcome."""
    in_vain: float = Field(ge=0)
    """To flag one who does not."""
    call: float = Field(default=0, ge=0)
    """Every flag besides."""


class Words(Strict):
    """How the outcome is called in sentences about people."""

    had: str = Field(default="had the outcome", min_length=1, max_length=80)
    """Of those who had it: "failed or left"."""
    had_not: str = Field(default="did not have the outcome", min_length=1, max_length=80)
    """Of those who had it not: "passed"."""


class Policy(Strict):
    """Everything that a policy file says."""

    institution: str = Field(default="", max_length=200)
    """Whose policy it is."""
    decided_by: str = Field(default="", max_length=200)
    """Who answers for the capacity, the tolerances and the use of the flags."""
    purpose: str = Field(default="", max_length=500)
    """What flagged learners are offered."""
    outcome: Words = Words()
    """How the outcome is called in sentences."""
    capacity: Calls = Calls(share=0.2)
    """How many are flagged: those with the highest scores."""
    costs: Prices | None = None
    """Where given, the audit says at which capacity mistakes and calls would have cost least."""
    metrics: list[Annotated[str, AfterValidator(_rate)]] = Field(
        default=["false_positive_rate", "false_discovery_rate", "false_negative_rate", "selection_rate"], min_length=1
    )
    """Rates that are shown and compared; what must be hidden is taken from the last."""
    by: list[str] = Field(default=[])
    """Cohort attributes and intersections of them (`gender*disability`); all of the data's, where none is named."""
    tolerance: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default={DEFAULT: USUAL})
    """A gap up to this size need not be seen, 0.1 being ten points; or one for each metric, and a `default`."""
    smallest: int = Field(default=SMALLEST, ge=0)
    """Rates on fewer learners are not shown."""
    rounding: Rounding = "exact"
    """`exact`, or `nearest_5`: counts to the nearest 5, shares to whole per cents."""
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    """The chance that an audit of a fair system finds any gap at all."""
    ranking: bool = False
    """Whether ROC curves of cohorts are compared too (ABROCA); takes minutes on ten thousand learners."""
    stability: bool = False
    """Whether the model is fitted twice more to see if the reasons stay the same; takes as long as two runs."""
    replicates: int = Field(default=1000, ge=100, le=1_000_000)
    """Least number of times that cohorts are dealt out anew for a p value."""
    seed: int = 0
    """Of everything that is drawn."""

    @field_validator("metrics")
    @classmethod
    def _no_metric_twice(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("a metric is named twice; keep one")
        return names

    @field_validator("tolerance", mode="before")
    @classmethod
    def _by_metric(cls, given: Any) -> Any:  # pydantic hands over whatever the YAML holds
        of_metrics = given if isinstance(given, dict) else {DEFAULT: given}
        for name in of_metrics:
            if name not in _TOLERATED:
                raise ValueError(str(unknown("metric", str(name), _TOLERATED)))
        return of_metrics

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates by name."""
        return rates(self.metrics)

    @property
    def rule(self) -> SuppressionRule:
        """How small groups are protected."""
        return SuppressionRule(self.smallest, self.rounding)

    @property
    def flags(self) -> Capacity:
        """The capacity as the counting modules take it."""
        return Capacity(self.capacity.count, self.capacity.share, per_stratum=self.capacity.per_course)

    def tolerated(self, rate: str) -> float:
        """The largest gap in a rate that need not be seen."""
        return self.tolerance.get(rate, self.tolerance.get(DEFAULT, USUAL))

    def rules(self, tolerance: float) -> AuditRules:
        """The rules of an audit at one tolerance."""
        return AuditRules(
            suppression=self.rule,
            tolerance=tolerance,
            alpha=self.alpha,
            replicates=self.replicates,
            ranking=self.ranking,
            seed=self.seed,
        )


class PolicyFile:
    """A policy together with the file it was read from, for messages with line numbers.

    Args:
        policy: what it says.
        source: the file; None where the usual values are taken.
    """

    def __init__(self, policy: Policy, source: YamlFile | None = None) -> None:
        self.policy, self.source = policy, source

    @property
    def name(self) -> str:
        """The file's name, for people."""
        return self.source.path.name if self.source else "the usual values (no policy file)"

    def check_attributes(self, by: Sequence[str], known: Sequence[str]) -> None:
        """Refuse an attribute that nobody knows, with its line where the file names it.

        Raises:
            UserError: it names one.
        """
        for one in by:
            for name in one.split("*"):
                if name not in known:
                    problem = str(unknown("cohort attribute", name, known))
                    if self.source is not None and one in self.policy.by:
                        raise self.source.error(("by", self.policy.by.index(one)), problem)
                    raise UserError(problem)


def read_policy(name_or_path: str | None) -> PolicyFile:
    """The policy in a file, or the one of that name in `configs/audits`; the usual values where none is named.

    Raises:
        UserError: there is no such file, or it is not a policy; each fault with file and line.
    """
    if name_or_path is None:
        return PolicyFile(Policy())
    source = load_yaml(_find(name_or_path))
    try:
        return PolicyFile(Policy.model_validate(source.data), source)
    except ValidationError as error:
        raise UserError("\n".join(_sentence(source, problem) for problem in error.errors())) from None


def _find(name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.is_file():
        return path
    known = {p.stem: p for folder in reversed(project_folders("configs")) for p in (folder / "audits").glob("*.yaml")}
    if name_or_path in known:
        return known[name_or_path]
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        raise UserError(f"There is no policy file {name_or_path!r}. Known by name: {', '.join(known) or 'none'}.")
    raise unknown("policy", name_or_path, known)


def _sentence(source: YamlFile, problem: Any) -> str:  # pydantic's ErrorDetails is not exported
    place: tuple[str | int, ...] = problem["loc"]
    start = f"{source.path}:{source.line(place)}: {'.'.join(map(str, place))}: "
    if problem["type"] == "extra_forbidden":
        owner: Any = (
            {"capacity": Calls, "outcome": Words, "costs": Prices}.get(str(place[0]), Policy)
            if len(place) > 1
            else Policy
        )
        return start + str(unknown("field", str(place[-1]), owner.model_fields))
    if problem["type"] == "value_error":
        return start + str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] in ("model_type", "model_attributes_type", "dataclass_type", "dict_type"):
        known: Any = {"capacity": Calls, "outcome": Words}.get(str(place[-1]) if place else "")
        fields = f" of {', '.join(known.model_fields)}" if known else ""
        return f"{start}{problem['input']!r} is not right: expected fields{fields}, each as `name: value`."
    return f"{start}{problem['input']!r} is not right: {problem['msg']}."
