"""How many words two texts have in common: anywhere, in order, or line by line."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

Codes = NDArray[np.int32]
Places = NDArray[np.int64]


@compiled
def common_grams(ids: Codes, starts: Places, a: Places, b: Places, n: int) -> Places:
    """How many runs of `n` words the texts `a[k]` and `b[k]` have in common, each as often as it is in both.

    Args:
        ids: words of all texts.
        starts: where each text begins, and the end.
        a: numbers of texts.
        b: numbers of texts, as many.
        n: how many words.
    """
    out = np.zeros(len(a), dtype=np.int64)
    for k in range(len(a)):
        last = starts[b[k] + 1] - n + 1
        used = np.zeros(max(last - starts[b[k]], 0), dtype=np.bool_)
        for here in range(starts[a[k]], starts[a[k] + 1] - n + 1):
            for there in range(starts[b[k]], last):
                same = not used[there - starts[b[k]]]
                for step in range(n):
                    if not same:
                        break
                    same = ids[here + step] == ids[there + step]
                if same:
                    used[there - starts[b[k]]] = True
                    out[k] += 1
                    break
    return out


@compiled
def in_order(ids: Codes, starts: Places, a: Places, b: Places) -> Places:
    """Length of the longest common subsequence of the texts `a[k]` and `b[k]`; arguments as `common_grams`."""
    out = np.zeros(len(a), dtype=np.int64)
    for k in range(len(a)):
        other = ids[starts[b[k]] : starts[b[k] + 1]]
        best = np.zeros(len(other) + 1, dtype=np.int64)
        for word in ids[starts[a[k]] : starts[a[k] + 1]]:
            corner = 0
            for place in range(len(other)):
                above = best[place + 1]
                if word == other[place]:
                    best[place + 1] = corner + 1
                elif best[place] > above:
                    best[place + 1] = best[place]
                corner = above
        out[k] = best[-1]
    return out


@compiled
def in_lines(ids: Codes, line_starts: Places, lines: Places, a: Places, b: Places) -> Places:
    """How many words of the lines of text `b[k]` are in a longest common subsequence with a line of text `a[k]`.

    No more of a word than text `a[k]` has. Of several longest ones that counts which rouge-score finds: from the end,
    a common word is taken, else one of `a` is left out where that costs nothing that leaving one of `b` out would not.

    Args:
        ids: words of all texts.
        line_starts: where each line begins, and the end.
        lines: the first line of each text, and the number of lines.
        a: numbers of texts.
        b: numbers of texts, as many.
    """
    out = np.zeros(len(a), dtype=np.int64)
    for k in range(len(a)):
        whole = ids[line_starts[lines[a[k]]] : line_starts[lines[a[k] + 1]]]
        used = np.zeros(len(whole), dtype=np.bool_)
        for line in range(lines[b[k]], lines[b[k] + 1]):
            own = ids[line_starts[line] : line_starts[line + 1]]
            found = np.zeros(len(own), dtype=np.bool_)
            for other in range(lines[a[k]], lines[a[k] + 1]):
                _mark(own, ids[line_starts[other] : line_starts[other + 1]], found)
            for word in own[found]:
                for place in range(len(whole)):
                    if not used[place] and whole[place] == word:
                        used[place] = True
                        out[k] += 1
                        break
    return out


@compiled
def _mark(own: Codes, other: Codes, found: NDArray[np.bool_]) -> None:
    """Mark in `found` the places in `own` of one longest common subsequence with `other`."""
    best = np.zeros((len(own) + 1, len(other) + 1), dtype=np.int32)
    for i in range(len(own)):
        for j in range(len(other)):
            if own[i] == other[j]:
                best[i + 1, j + 1] = best[i, j] + 1
            else:
                best[i + 1, j + 1] = max(best[i, j + 1], best[i + 1, j])
    i, j = len(own), len(other)
    while i > 0 and j > 0:
        if own[i - 1] == other[j - 1]:
            found[i - 1] = True
            i, j = i - 1, j - 1
        elif best[i, j - 1] > best[i - 1, j]:
            j -= 1
        else:
            i -= 1
