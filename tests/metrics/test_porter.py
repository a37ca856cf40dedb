from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from attain.metrics._porter import stem

ENDINGS = (
    "sses ies ss s eed ed ing at bl iz y ational tional enci anci izer bli alli entli eli ousli ization ation ator "
    "alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er "
    "ic able ible ant ement ment ent ion ou ism ate iti ous ive ize e ll ied ying"
)
APART = "sky skies dying lying tying news innings outings cannings howe proceed exceed succeed ties died"
PARTS = st.lists(st.one_of(st.sampled_from(ENDINGS.split()), st.text(alphabet="abcdeilnosty1", max_size=4)), max_size=3)


@settings(max_examples=500)
@given(PARTS.map("".join).filter(bool))
def test_stems_are_those_of_nltk(word: str) -> None:
    assert stem(word) == PorterStemmer().stem(word)


def test_words_that_nltk_treats_apart_are_treated_so() -> None:
    for word in [
        "sky",
        "skies",
        "dying",
        "lying",
        "tying",
        "news",
        "innings",
        "outings",
        "cannings",
        "howe",
        "proceed",
        "exceed",
        "succeed",
        "ties",
        "died",
    ]:
        assert stem(word) == PorterStemmer().stem(word)
