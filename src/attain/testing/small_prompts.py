"""A few prompts for the tests of generators: one of another script, one almost empty, one with odd signs."""

import json

import pandas as pd

from attain.data.dataset import Dataset
from attain.data.prompts import Prompts


def small_prompts() -> Prompts:
    """Ten prompts with passage, answer, concept, level and a reference."""
    rows = [("plain", "Ice melts in the sun. Steam rises.", "melts", "melting", 3.0)]
    rows += [("greek", "Ο πάγος λιώνει στον ήλιο.", "λιώνει", "τήξη", 4.0)]
    rows += [("japanese", "氷は溶ける。水は蒸発する。", "蒸発する", "蒸発", 5.0)]
    rows += [("answer only", "", "a gas", "", 6.0)]
    rows += [("odd signs", 'He said: {x} "quoted" \\ 50 % & <b>.', "{x}", "braces", 7.0)]
    counting = "The number {n} comes after {before}. It is {n}."
    rows += [(f"more {n}", counting.format(n=n, before=n - 1), str(n), "counting", 3.0) for n in range(5)]
    table = pd.DataFrame(rows, columns=["prompt", "passage", "answer", "concept", "level"])
    references = [json.dumps([f"What about {answer}?"], ensure_ascii=False) for answer in table["answer"]]
    table.insert(1, "row", range(len(table)))
    return Prompts(table.assign(references=references))


def small_prompt_set() -> Dataset[Prompts]:
    """The same as a data set."""
    return Dataset("small prompts", small_prompts(), "none")
