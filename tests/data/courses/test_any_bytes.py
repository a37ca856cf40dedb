"""Whatever a table of clicks holds, it becomes events up to the cut-off or one sentence that a person can act on."""

from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments

Load = Callable[..., Dataset[Enrolments]]

HEADER = "id,course,term,page,day,n"
cell = st.sampled_from(
    ["", "ann", "bob", "A", "spring", "p1", "0", "7", "1.5", "-1", '"', "'", " ", "é", "nan", "1e400"]
)
line = st.lists(cell, min_size=5, max_size=7).map(",".join)
own = st.builds(lambda day, n: f"ann,A,spring,p1,{day},{n}", cell, cell)
ends = st.sampled_from(["\n", "\r\n", "\r"])
files = st.builds(lambda lines, end: end.join([HEADER, *lines]), st.lists(line | own, max_size=6), ends)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=files | st.text(max_size=40).map(lambda tail: f"{HEADER}\n{tail}"))
@example(content=f"{HEADER}\nann,A,spring,p1,3,nan\n")
@example(content=f"{HEADER}\nann,A,spring,p1,inf,3\n")
@example(content=f"{HEADER}\nann,A,spring,p1,3,\n")
@example(content=f"{HEADER}\n")
@example(content="")
def test_any_table_of_clicks_becomes_events_or_a_sentence(courses: Load, content: str) -> None:
    said, log = "clicks.csv", None
    try:
        log = courses({"clicks.csv": content}, as_of=20).log
    except UserError as error:
        said = str(error)
    assert "clicks.csv" in said
    if log is not None:
        check(log)


def check(log: Enrolments) -> None:
    assert log.activity is not None
    assert np.isfinite(log.activity.amount).all()
    assert (log.activity.day <= 20).all()
    assert (np.diff(log.activity.start) >= 0).all()
