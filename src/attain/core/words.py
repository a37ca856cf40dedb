"""Words of a text in any script, as text measures compare them."""

import re
import unicodedata

_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Signs of scripts that part no words by blanks (Chinese, Japanese): each stands for a word."""


def words(text: str) -> list[str]:
    """The words of a text: letters, marks and digits of any script, without regard to case, width or ligatures.

    >>> words("Über-all: 3.5 ﬁles, can't")
    ['über', 'all', '3', '5', 'files', 'cant']
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)
    return _NO_SPACES.sub(r" \g<0> ", plain).split()


class _Signs(dict[int, str]):
    """What becomes of a sign: what words are made of stays, an apostrophe goes, all else parts words."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kept = sign if unicodedata.category(sign)[0] in "LMN" else "" if sign in "'’" else " "
        self[code] = kept
        return kept


_SIGNS = _Signs()
