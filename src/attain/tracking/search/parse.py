"""Reading a filter: MLflow's grammar, and OR, NOT and parentheses.

either   = both ("OR" both)*
both     = negated ("AND" negated)*
negated  = "NOT" negated | "(" either ")" | clause
clause   = field ("IS" ["NOT"] "NULL" | ["NOT"] "IN" "(" value ("," value)* ")" | operator value)
"""

from typing import NoReturn

from attain.tracking.errors import Invalid
from attain.tracking.search.fields import RUNS, Words, read_field
from attain.tracking.search.operators import OPERATORS
from attain.tracking.search.syntax import EVERYTHING, And, Compare, Field, Filter, In, Missing, Not, Or, Value
from attain.tracking.search.tokens import Token, fail, tokens

LONGEST_PATTERN = 10_000
"""More than any text that is kept has; SQLite takes 50,000 bytes."""
MOST_CLAUSES, MOST_VALUES = 200, 10_000
DEEPEST = 50


def parse(text: str, words: Words = RUNS) -> Filter:
    """The filter that a text says, in the words of what is searched; `""` is everything.

    Clauses are true or false of every run: a run without the field fails each comparison, so `NOT` of it holds.

    Raises:
        Invalid: the text is not a filter; the message points at the character.
    """
    if text == "":
        return EVERYTHING
    if not text.strip():
        raise Invalid("The filter is blank. Leave it empty to get everything, or write e.g. 'metrics.auc > 0.7'.")
    return _Reader(text, words).whole()


class _Reader:
    def __init__(self, text: str, words: Words) -> None:
        self.text, self.words, self.given, self.at = text, words, tokens(text), 0
        self.clauses = self.depth = self.listed = 0

    def whole(self) -> Filter:
        found = self.either()
        if self.here.kind != "end":
            self.fail(f"expected AND, OR or the end, but found {self.here.text!r}")
        return found

    def either(self) -> Filter:
        parts = [self.both()]
        while self.skip_word("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Filter:
        parts = [self.negated()]
        while self.skip_word("AND"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self) -> Filter:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"more than {DEEPEST} parentheses and NOTs lie in each other")
        if self.skip_word("NOT"):
            found: Filter = Not(self.negated())
        elif self.skip_sign("("):
            found = self.either()
            if not self.skip_sign(")"):
                self.fail("a ')' is missing")
        else:
            found = self.clause()
        self.depth -= 1
        return found

    def clause(self) -> Filter:
        self.clauses += 1
        if self.clauses > MOST_CLAUSES:
            self.fail(f"there are more than {MOST_CLAUSES} clauses")
        field, self.at = read_field(self.text, self.given, self.at, self.words)
        if self.skip_word("IS"):
            return self.missing(field)
        if self.skip_word("NOT"):
            if not self.skip_word("IN"):
                self.fail("expected IN after NOT")
            return And((Not(Missing(field)), Not(self.values(field))))
        if self.skip_word("IN"):
            return self.values(field)
        operator = self.operator(field)
        if operator in ("LIKE", "ILIKE") and len(self.here.text) > LONGEST_PATTERN:
            self.fail(f"the pattern has {len(self.here.text):,} characters; at most {LONGEST_PATTERN:,} are taken")
        return Compare(field, operator, self.value(field))

    def operator(self, field: Field) -> str:
        sign = self.here.text.upper()
        if self.here.kind not in ("sign", "word") or sign not in OPERATORS:
            found = repr(self.here.text) if self.here.kind != "end" else "the end"
            self.fail(f"expected an operator ({', '.join(OPERATORS)}, IN, IS NULL), but found {found}")
        fitting = [s for s, o in OPERATORS.items() if (o.for_numbers if self.words.is_number(field) else o.for_text)]
        if sign not in fitting:
            kind = "a number" if self.words.is_number(field) else "text"
            self.fail(f"{sign} does not fit {field.key!r}, which is {kind}; use one of {', '.join(fitting)}")
        self.at += 1
        return sign

    def missing(self, field: Field) -> Filter:
        negated = self.skip_word("NOT")
        if not self.skip_word("NULL"):
            self.fail("expected NULL or NOT NULL after IS")
        return Not(Missing(field)) if negated else Missing(field)

    def values(self, field: Field) -> In:
        if not self.skip_sign("("):
            self.fail("expected a list in parentheses after IN, such as ('a', 'b')")
        values = [self.value(field)]
        while self.skip_sign(","):
            values.append(self.value(field))
        self.listed += len(values)
        if self.listed > MOST_VALUES:
            self.fail(f"there are more than {MOST_VALUES:,} values in lists")
        if not self.skip_sign(")"):
            self.fail("expected ',' or ')' in the list")
        return In(field, tuple(values))

    def value(self, field: Field) -> Value:
        token = self.here
        if self.words.is_number(field):
            if token.kind != "number":
                found = f"{token.quote}{token.text}{token.quote}" or "the end"
                self.fail(f"{field.key!r} is a number, but found {found}; write one without quotes")
            self.at += 1
            return _number(token.text)
        bare = self.words.bare_text and token.kind in ("word", "number")
        if not bare and (token.kind != "quoted" or token.quote == "`"):
            self.fail(f"{field.key!r} is text, which needs quotes: '{token.text or '…'}'")
        self.at += 1
        return token.text

    @property
    def here(self) -> Token:
        return self.given[self.at]

    def is_word(self, word: str) -> bool:
        return self.here.kind == "word" and self.here.text.upper() == word

    def skip_word(self, word: str) -> bool:
        found = self.is_word(word)
        self.at += found
        return found

    def skip_sign(self, sign: str) -> bool:
        found = self.here.kind == "sign" and self.here.text == sign
        self.at += found
        return found

    def fail(self, problem: str) -> NoReturn:
        fail(self.text, self.here.at, problem)


def _number(text: str) -> Value:
    """Whole numbers of 64 bits exactly (times are such), others as floats."""
    value = float(text)
    return int(text) if value.is_integer() and abs(value) < 2**62 and text.lstrip("+-").isdigit() else value
