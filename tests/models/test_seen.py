import numpy as np

from attain.models._seen import only_seen
from attain.testing.small import make_log


def test_only_names_with_answers_stay_and_rows_keep_their_names() -> None:
    log = make_log(np.array([0, 0, 1]), np.array([3, 1, 3]), np.array([1, 0, 1]), [[0], [1, 4], [2], [4]])
    seen = only_seen(log)
    assert seen.items.tolist() == ["item-1", "item-3"]
    assert seen.skills.tolist() == ["skill-1", "skill-4"]
    np.testing.assert_array_equal(seen.items[seen.item], log.items[log.item])
    np.testing.assert_array_equal(seen.skills[seen.skill], log.skills[log.skill])
