"""Words of a text in any script, as text measures compare them."""

import re
import unicodedata

WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana and Han: each character is a word, for where words end is not written."""
_BETWEEN = re.compile(rf"(?=(?=\w)[{WITHOUT_SPACES}])|(?<=[{WITHOUT_SPACES}])(?=\w)")


def words(text: str) -> list[str]:
    """The words of a text: letters, marks and digits of any script, without regard to case, width or ligatures.

    Apostrophes part no words, for learners write "dont" too.

    >>> words("Über-all: 3.5 ﬁles, can't")
    ['über', 'all', '3', '5', 'files', 'cant']
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)
    return (plain if plain.isascii() else _BETWEEN.sub(" ", plain)).split()


class _Signs(dict[int, str]):
    """What becomes of a sign: what words are made of stays, an apostrophe goes, all else parts words."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kept = sign if unicodedata.category(sign)[0] in "LMN" else "" if sign in "'’" else " "
        self[code] = kept
        return kept


_SIGNS = _Signs()
