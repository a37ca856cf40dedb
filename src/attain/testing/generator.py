"""What every generator promises, as tests that its own test class inherits."""

# ruff: noqa: D102  # the name of a test is its sentence

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from attain.data.dataset import Dataset
from attain.data.prompt_split import ByPrompt, make
from attain.data.prompts import Prompts
from attain.data.split import Fold
from attain.tasks.content_generation import Generator, Piece, judge
from attain.tasks.context import FitContext
from attain.testing.adapter import AdapterTests
from attain.testing.small_prompts import small_prompts


class GeneratorTests(AdapterTests):
    """Inherit it, say which generator, and pytest runs every promise against it.

    ```python
    class TestMine(GeneratorTests):
        model = Mine
        params: ClassVar = {"temperature": 0.5}
    ```
    """

    model: ClassVar[type[Generator]]
    """The adapter."""

    def create(self, **params: object) -> Generator:
        """A new generator; `params` go before those of the class."""
        return self.model.create(**{**self.params, **params})

    def prompts(self) -> Prompts:
        """The prompts it is asked for; another set where these are not for it."""
        return small_prompts()

    def fold(self) -> Fold[Prompts]:
        """Half of the prompts to learn from, the others to judge."""
        return make(ByPrompt(folds=2), Dataset("small", self.prompts(), "none"), 0)

    def made(self, prompts: Prompts, *, seed: int = 0, model: Generator | None = None) -> list[Piece]:
        """The pieces for some prompts, of a generator that learned from the training half."""
        if model is None:
            model = self.create()
            model.fit(self.fold().train, FitContext(np.random.default_rng(seed), seed=seed))
        return sorted(model.generate(prompts, model.context), key=lambda piece: (piece.prompt, piece.sample))

    def seen(self, prompts: Prompts) -> Prompts:
        """What the framework shows to this generator."""
        return prompts.asked(with_pieces=self.model.reads_pieces)

    def test_one_piece_for_each_prompt_that_it_is_asked_for(self) -> None:
        prompts = self.seen(self.prompts())
        assert [piece.prompt for piece in self.made(prompts)] == sorted(prompts.ids)

    def test_each_piece_has_a_text_or_says_why_it_has_none(self) -> None:
        for piece in self.made(self.seen(self.prompts())):
            assert (piece.text.strip() != "") == (piece.state == "ok")
            assert piece.state != "failed" or piece.error

    def test_a_prompt_alone_gets_the_same_piece(self) -> None:
        prompts = self.seen(self.prompts())
        together = self.made(prompts)
        for at in (0, len(prompts) - 1):
            (alone,) = self.made(prompts.take(np.array([at])))
            assert _said(alone) in [_said(piece) for piece in together]

    def test_the_order_of_the_prompts_changes_no_piece(self) -> None:
        prompts = self.seen(self.prompts())
        backwards = replace(prompts, table=prompts.table.iloc[::-1].reset_index(drop=True))
        assert list(map(_said, self.made(backwards))) == list(map(_said, self.made(prompts)))

    def test_the_same_seed_gives_the_same_pieces(self) -> None:
        prompts = self.seen(self.prompts())
        assert list(map(_said, self.made(prompts, seed=3))) == list(map(_said, self.made(prompts, seed=3)))

    def test_what_is_judged_is_never_learned_from(self) -> None:
        fold = self.fold()
        model, other = self.create(), self.create()
        model.fit(fold.train, FitContext(np.random.default_rng(0)))
        table = fold.test.table.assign(references='["SECRET"]')
        other.fit(fold.train, FitContext(np.random.default_rng(0)))
        secret = judge(other, replace(fold, test=replace(fold.test, table=table))).frame
        plain = judge(model, fold).frame
        pd.testing.assert_series_equal(secret["text"], plain["text"])
        assert set(secret["references"]) == {'["SECRET"]'}

    def test_nothing_is_changed_in_what_it_is_given(self) -> None:
        fold = self.fold()
        before = fold.test.table.copy(), fold.train.table.copy()
        judge_it = self.create()
        judge_it.fit(fold.train, FitContext())
        list(judge_it.generate(self.seen(fold.test), judge_it.context))
        pd.testing.assert_frame_equal(fold.test.table, before[0])
        pd.testing.assert_frame_equal(fold.train.table, before[1])

    def test_saved_and_loaded_it_puts_out_the_same(self, tmp_path: Path) -> None:
        model = self.create()
        model.fit(self.fold().train, FitContext())
        model.save(tmp_path)
        again = self.model.load(tmp_path)
        assert again.params == model.params
        prompts = self.seen(self.fold().test)
        assert list(map(_said, self.made(prompts, model=again))) == list(map(_said, self.made(prompts, model=model)))


def _said(piece: Piece) -> tuple[str, int, str, str]:
    return piece.prompt, piece.sample, piece.text, piece.state
