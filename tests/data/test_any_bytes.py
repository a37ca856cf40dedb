"""Whatever a file holds, it becomes a log or one sentence that a person can act on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.data.canonical import canonical
from attain.data.formats.read import read
from attain.data.interactions import Interactions
from attain.data.source import Columns, Options, Source

SOURCE = Source(
    file="a.csv",
    columns=Columns(learner="l", item="i", correct="c", skill="s", time="t", duration="d"),
    time_unit="s",
)
cell = st.sampled_from(
    ["", "a", "b", "0", "1", "2", "1.5", "-1", "~~", "x~~y", '"', "'", " ", "é", "\x00", "nan", "1e400"]
)
line = st.lists(cell, min_size=5, max_size=7).map(",".join)
ends = st.sampled_from(["\n", "\r\n", "\r"])
files = st.builds(lambda lines, end: end.join(["l,i,c,s,t,d", *lines]).encode(), st.lists(line, max_size=6), ends)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=files | st.binary(max_size=60).map(lambda tail: b"l,i,c,s,t,d\n" + tail))
@example(content=b"l,i,c,s,t,d\n\x00")
@example(content=b'l,i,c,s,t,d\n"a')
@example(content=b'l,i,c,s,t,d,"\n"\na,b,1,x,1,1,\n')
def test_any_bytes_become_a_log_or_a_sentence(write: Callable[..., Path], content: bytes) -> None:
    path = write(content)
    try:
        table = read(path, content, SOURCE.columns.named())
        log = canonical(table, SOURCE, Options(expanded="merge")).log
    except UserError as error:
        said = str(error)
    else:
        said = str(path)
        check(log)
    assert str(path) in said


def check(log: Interactions) -> None:
    assert len(log) > 0
    assert set(np.unique(log.correct)) <= {0, 1}
    assert (np.diff(log.learner) >= 0).all()
    assert log.skill_start[-1] == len(log.skill)
    assert "" not in [*log.learners, *log.items, *log.skills]
