import numba
import numpy as np
import pytest

from attain.models.knowledge_tracing._bkt_threads import over_skills


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("sizes", [[], [3], [0, 0, 5, 0], [1] * 40, [1000, 1, 1, 1], [1, 1, 1000]])
def test_every_skill_is_worked_on_once(threads: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
    worked = np.zeros(len(sizes), dtype=int)

    def work(low: int, high: int) -> None:
        worked[low:high] += 1

    over_skills(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), work)
    assert (worked == 1).all()


def test_an_error_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 2)

    def work(low: int, high: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        over_skills(np.arange(10, dtype=np.int64), work)
