import pytest

from attain.tracking.errors import Invalid
from attain.tracking.search.parse import parse
from attain.tracking.search.syntax import EVERYTHING, And, Compare, Field, In, Missing, Not, Or

AUC = Field("metric", "auc")
MODEL = Field("param", "model")
TEAM = Field("tag", "team")
NAME = Field("attribute", "run_name")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", EVERYTHING),
        ("metrics.auc > 0.7", Compare(AUC, ">", 0.7)),
        ("metric.auc>=-1e-3", Compare(AUC, ">=", -0.001)),
        ("metrics.auc<.5", Compare(AUC, "<", 0.5)),
        ("metrics.`auc` != +1", Compare(AUC, "!=", 1)),
        ('metrics."val auc" = 1', Compare(Field("metric", "val auc"), "=", 1)),
        ("metrics.`val auc`<= 1", Compare(Field("metric", "val auc"), "<=", 1)),
        ("`metrics`.`auc` = 1", Compare(AUC, "=", 1)),
        ("`metrics.auc` = 1", Compare(AUC, "=", 1)),
        ("metrics.val.auc/gender:F = 1", Compare(Field("metric", "val.auc/gender:F"), "=", 1)),
        ("params.model = 'bkt'", Compare(MODEL, "=", "bkt")),
        ('param.model = "bkt"', Compare(MODEL, "=", "bkt")),
        ("parameters.model LIKE 'b%'", Compare(MODEL, "LIKE", "b%")),
        ("parameter.model ilike 'B%'", Compare(MODEL, "ILIKE", "B%")),
        ("params.model = 'it''s'", Compare(MODEL, "=", "it's")),
        ("params.model = '2 > 1 AND x'", Compare(MODEL, "=", "2 > 1 AND x")),
        ("tags.team IS NULL", Missing(TEAM)),
        ("tag.team is not null", Not(Missing(TEAM))),
        ("tags.mlflow.source.name = 'x'", Compare(Field("tag", "mlflow.source.name"), "=", "x")),
        ("params.model IN ('a', \"b\")", In(MODEL, ("a", "b"))),
        ("params.model NOT IN ('a')", And((Not(Missing(MODEL)), Not(In(MODEL, ("a",)))))),
        ("attributes.run_id IN ('a','b')", In(Field("attribute", "run_id"), ("a", "b"))),
        ("status = 'FINISHED'", Compare(Field("attribute", "status"), "=", "FINISHED")),
        ("attr.`Run Name` = 'a'", Compare(NAME, "=", "a")),
        ("run name = 'a'", Compare(NAME, "=", "a")),
        ("`run name` = 'a'", Compare(NAME, "=", "a")),
        ("run.run_name = 'a'", Compare(NAME, "=", "a")),
        ("created > 1700000000000", Compare(Field("attribute", "start_time"), ">", 1700000000000)),
        ("end_time <= 1.5", Compare(Field("attribute", "end_time"), "<=", 1.5)),
        ("dataset.name = 'a'", Compare(Field("dataset", "name"), "=", "a")),
        ("datasets.context IN ('train')", In(Field("dataset", "context"), ("train",))),
        ("  metrics.auc\n>\t1 ", Compare(AUC, ">", 1)),
    ],
)
def test_a_clause_is_read(text: str, expected: object) -> None:
    assert parse(text) == expected


def test_not_binds_closer_than_and_and_closer_than_or() -> None:
    a, b, c = (Compare(Field("metric", key), ">", 0) for key in "abc")
    assert parse("metrics.a > 0 OR metrics.b > 0 AND NOT metrics.c > 0") == Or((a, And((b, Not(c)))))
    assert parse("(metrics.a > 0 or metrics.b > 0) and metrics.c > 0") == And((Or((a, b)), c))
    assert parse("NOT (NOT (metrics.a>0))") == Not(Not(a))


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("metrics.auc", 12, "expected an operator"),
        ("metrics.auc >", 14, "is a number"),
        ("metrics.auc > 'a'", 15, "without quotes"),
        ("metrics.auc > 1 AND", 20, "the text ends"),
        ("metrics.auc > 1 metrics.b > 1", 17, "expected AND, OR or the end"),
        ("metrics.auc LIKE 'a'", 13, "does not fit 'auc'"),
        ("metrics.auc BETWEEN 1 AND 2", 13, "expected an operator"),
        ("params.a > 'b'", 10, "does not fit 'a', which is text"),
        ("params.a = 1", 12, "needs quotes: '1'"),
        ("params.a = b", 12, "needs quotes: 'b'"),
        ("params.a = 'b", 12, "not closed"),
        ("params. = 'b'", 1, "no name behind"),
        ("model = 'bkt'", 1, "write metrics.model, params.model or tags.model"),
        ("model.params = 'bkt'", 1, "not a kind of field"),
        ("Metrics.auc = 1", 1, "not a kind of field"),
        ("attributes.lr = 'x'", 1, "no attribute 'lr'"),
        ("dataset.size = 'x'", 1, "no 'size'"),
        ("'metrics.a' = 1", 1, "expected a field"),
        ("(metrics.a = 1", 15, r"a '\)' is missing"),
        ("metrics.a = 1)", 14, "found '\\)'"),
        ("metrics.a = 1; DROP TABLE runs", 14, "';' means nothing"),
        ("metrics.a IS 1", 14, "expected NULL"),
        ("params.a IN 'b'", 13, "expected a list"),
        ("params.a IN ('b'", 17, "expected ','"),
        ("params.a IN ()", 14, "needs quotes"),
        ("params.a NOT 'b'", 14, "expected IN after NOT"),
        ("params.a =\n  b", 14, "needs quotes"),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, at: int, reason: str) -> None:
    with pytest.raises(Invalid, match=reason) as caught:
        parse(text)
    message, line, pointer = str(caught.value).split("\n")
    assert f"at character {at}:" in message
    start = text.rfind("\n", 0, at - 1) + 1
    assert line == "  " + text[start:].split("\n", maxsplit=1)[0]
    assert pointer.index("^") == at - 1 - start + 2


def test_a_blank_filter_is_refused() -> None:
    with pytest.raises(Invalid, match="blank"):
        parse("  \n")


def test_deep_and_long_filters_are_refused_and_not_crashed_on() -> None:
    with pytest.raises(Invalid, match="lie in each other"):
        parse("(" * 10_000 + "metrics.a > 1")
    with pytest.raises(Invalid, match="more than 200 clauses"):
        parse(" AND ".join(["metrics.a > 1"] * 201))
    with pytest.raises(Invalid, match=r"at character 13: the pattern has 10,001 characters; at most 10,000"):
        parse(f"tags.a LIKE '{'x' * 10_001}'")
