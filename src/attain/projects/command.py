"""Commands with places for values: split into words first and filled afterwards, so that no shell sees a value.

A value is a part of one word of the command, whatever characters are in it.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath

PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")
"""A place for a value, `{lr}`; `{{` and `}}` stand for braces."""
_SHELL = re.compile(r"\|\|?|&&?|;|[0-9]?>>?&?[0-9]?|<<?|\$[A-Za-z_{(].*|.*`.*")
_CODE = re.compile(r"-[A-Za-z]*[ce]|--eval|--command")
_RUNS_CODE = re.compile(r"(ba|z|da|k|fi|c|tc)?sh|python[0-9.]*|pypy[0-9.]*|perl|ruby|node|Rscript|R|julia|pwsh")

_WITH_WORD = ("-W", "-X", "-o", "-O")
"""Options of interpreters that a word of their own belongs to."""


def split(command: str | Sequence[str]) -> list[str]:
    """The words of a command.

    >>> split("python train.py --note 'two words' --lr={lr}")
    ['python', 'train.py', '--note', 'two words', '--lr={lr}']

    Raises:
        ValueError: it is empty, has a quote that does not end, or is for a shell.
    """
    if not isinstance(command, str):
        words = list(command)
    else:
        words = shlex.split(command)
        for word in words:
            if _SHELL.fullmatch(word) and not PLACE.fullmatch(word):
                raise ValueError(
                    f"{word!r} is for a shell, and none reads the command; put that into a script, or give the command "
                    "as a list of words if it is meant so"
                )
    if not words or not words[0]:
        raise ValueError("the command is empty")
    return words


def names_in(text: str) -> list[str]:
    """The names of the places in a text.

    >>> names_in("--lr={lr} {{not}} {data}")
    ['lr', 'data']
    """
    return [found[1] for found in PLACE.finditer(text) if found[1]]


def unsafe(words: Sequence[str]) -> str:
    """Why values could be taken for code or choose the program, in words; "" where they cannot."""
    if names_in(words[0]):
        return "the first word is the program; a value may not choose it"
    at = next((at for at, word in enumerate(words) if _RUNS_CODE.fullmatch(PurePath(word).name)), len(words))
    left = list(words[at + 1 :])
    while left and left[0].startswith("-"):  # up to the script: what follows is for it
        option = left.pop(0)
        places = names_in(left[0] if left and _CODE.fullmatch(option) else option) if _CODE.match(option) else []
        if places:
            return (
                f"{PurePath(words[at]).name} runs what stands with {option[:2]} as code, so that a value in it could "
                f"run anything; give {{{places[0]}}} as a word of its own behind it, or in `environment`"
            )
        if _CODE.fullmatch(option) or option in _WITH_WORD:
            left = left[1:]
    return ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """A word with the values in their places.

    >>> fill("--lr={lr} {{x}}", {"lr": "0.1; rm -r *"})
    '--lr=0.1; rm -r * {x}'
    """
    return PLACE.sub(lambda found: values[found[1]] if found[1] else found[0][0], text)


def filled(words: Sequence[str], values: Mapping[str, str], said: Callable[[str, str], str | None]) -> list[str]:
    """The words to run.

    Args:
        words: the command, split.
        values: by name of parameter.
        said: what a parameter and its value are in the command; a word that is nothing but the place of one that is
            None falls away.
    """
    texts = {name: said(name, value) for name, value in values.items()}
    kept = [word for word in words if not ((only := PLACE.fullmatch(word)) and only[1] and texts[only[1]] is None)]
    return [fill(word, {name: text or "" for name, text in texts.items()}) for word in kept]
