import threading
from collections.abc import Iterator

import pytest

from attain.data.stream.ahead import ahead


def test_things_come_in_their_order_and_end() -> None:
    assert list(ahead(range(7))) == list(range(7))
    assert list(ahead([])) == []


def test_what_making_raises_is_raised_where_it_is_taken() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("x")

    taken = ahead(failing())
    assert next(taken) == 1
    with pytest.raises(KeyError):
        next(taken)


def test_a_thread_ends_when_nobody_takes_any_more() -> None:
    def endless() -> Iterator[int]:
        number = 0
        while True:
            yield (number := number + 1)

    before = threading.active_count()
    taken = ahead(endless())
    assert next(taken) == 1
    taken.close()  # type: ignore[attr-defined]  # a generator
    assert threading.active_count() == before
