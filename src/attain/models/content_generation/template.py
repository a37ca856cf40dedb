"""Questions by rule: the sentence of the answer with a gap, or a question word for it."""

import re
from collections.abc import Iterable
from typing import Literal

from attain.data.prompts import Prompts
from attain.models.content_generation._learned_nothing import LearnedNothing
from attain.tasks.content_generation import Generator, GeneratorParams, Piece
from attain.tasks.context import FitContext

GAP = "_____"


class TemplateParams(GeneratorParams):
    """Parameters of `template`."""

    form: Literal["cloze", "wh"] = "wh"
    """`cloze` leaves a gap in the sentence that holds the answer; `wh` asks for it with a question word."""


class Template(LearnedNothing, Generator):
    """Questions from the passage and its answer or concept, by rule: the same every time, without a model or network.

    The baseline that a language model must beat, and the default where nothing can be called.
    """

    name = "template"
    params: TemplateParams

    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        """See `Generator.generate`."""
        for row in prompts.records():
            sought = row.get("answer") or row.get("concept") or ""
            sentence = sentence_with(str(sought), str(row.get("passage", "")))
            make = cloze if self.params.form == "cloze" else wh_question
            text = make(str(sought), sentence, str(row.get("concept", "")))
            why = "" if text else "neither an answer nor a concept is given, and so there is nothing to ask for"
            for sample in range(self.params.samples):
                yield Piece(row["prompt"], text, sample, "ok" if text else "failed", why)


def sentence_with(sought: str, passage: str) -> str:
    """The first sentence of the passage that holds the sought words, in any case; "" where none does.

    One that holds them as words of their own goes before one where they are part of another.

    >>> sentence_with("a gas", "Ice melts. Steam is a gas. A gas has no form.")
    'Steam is a gas.'
    """
    sentences = re.split(r"(?<=[.!?])\s+|(?<=[。！？])\s*", passage.strip())
    return next((s for form in _forms(sought) for s in sentences if form.search(s)), "")


def cloze(sought: str, sentence: str, concept: str) -> str:
    """The sentence with a gap for the sought words; without one, a gap to be filled by what the concept names.

    >>> cloze("a gas", "Steam is a gas.", "")
    'Fill the gap: Steam is _____.'
    """
    if sentence:
        return f"Fill the gap: {_with_gap(sought, sentence)}"
    return wh_question(sought, sentence, concept)


def wh_question(sought: str, sentence: str, concept: str) -> str:
    """A question whose answer is sought: by the concept where that is another text, else by the sentence.

    >>> wh_question("the loss of water", "", "transpiration")
    'What is transpiration?'
    >>> wh_question("1912", "The ship sank in 1912.", "")
    'When is meant: The ship sank in _____?'
    """
    if concept and sought.casefold() != concept.casefold():
        return f"What is {concept}?"
    if sentence:
        return f"{_question_word(sought)} is meant: {_with_gap(sought, sentence).rstrip('.!?。！？')}?"
    return f"What is meant by {sought}?" if sought else ""


def _forms(sought: str) -> list[re.Pattern[str]]:
    """How words are sought: on their own, then anywhere, for scripts without spaces have no other way."""
    words = re.escape(sought)
    return [re.compile(form, re.IGNORECASE) for form in (rf"(?<!\w){words}(?!\w)", words)] if sought else []


def _with_gap(sought: str, sentence: str) -> str:
    """The sentence with a gap for the sought words where they come first."""
    form = next(form for form in _forms(sought) if form.search(sentence))
    return form.sub(GAP, sentence, count=1)


def _question_word(sought: str) -> str:
    """`When` for a year, `How many` for another number, else `What`."""
    if re.fullmatch(r"(1[0-9]|20)\d\d", sought.strip()):
        return "When"
    return "How many" if re.fullmatch(r"[\d.,]+", sought.strip()) else "What"
