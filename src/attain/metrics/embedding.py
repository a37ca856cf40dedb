"""Likeness of meaning by a local text encoder: nothing is downloaded, and the id names the folder.

A cosine of an encoder has no fixed meaning: it depends on the model, most of whose pairs lie close together. So the
signature holds the fingerprint of the folder's files, and values of two encoders are not compared.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core import fingerprint
from attain.core.errors import UserError
from attain.core.extras import not_installed
from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import joined_notes, mean_of_rows
from attain.metrics._pieces import NO_REFERENCE, if_any_delivered, not_delivered, texts_in, without_reference

BATCH = 32
LONGEST = 512
"""Tokens of a text that are read at most, where the model itself allows as many."""
NO_ENCODER = "it needs the folder of an encoder: embedding_similarity[FOLDER]"


@metric(direction="max", unit="score", needs="text references", source="Reimers & Gurevych 2019 (mean pooling)")
def embedding_similarity(rows: Rows, encoder: str | None = None) -> Statistic:
    """Cosine of a piece and its reference as a local encoder sees them, from -1 to 1, as a mean over pieces.

    `encoder` is a folder that `transformers` can load (config, tokeniser, weights); texts are the mean of its last
    states over their tokens. Of several references the nearest one counts. A piece that is empty or was not delivered
    scores 0; one without reference is left out. Undefined without an encoder, and where no piece has a reference or
    none that has one was delivered.
    """
    references = texts_in(rows, "references")
    known = np.array([bool(some) for some in references], dtype=bool)
    own, wanted = rows.where(known), [some for some in references if some]
    if encoder is None or not wanted:
        why = NO_ENCODER if encoder is None else NO_REFERENCE
        return Sums(np.zeros((rows.n_units, 1)), lambda sums: np.full(len(sums), np.nan), why)
    pieces = [text.strip() for text in own.text("text")]
    texts = sorted({text for text in (*pieces, *(text for some in wanted for text in some)) if text})
    place = {text: at for at, text in enumerate(texts)}
    folder = Path(encoder)
    vectors = _encode(folder, texts)
    nearest = [
        max(float(vectors[place[piece]] @ vectors[place[text]]) for text in some) if piece else 0.0
        for piece, some in zip(pieces, wanted, strict=True)
    ]
    mean = mean_of_rows(own, np.array(nearest))
    said = joined_notes(not_delivered(own, "they score 0"), without_reference(rows, known))
    return if_any_delivered(Sums(mean.by_unit, mean.value, NO_REFERENCE, said, mean.n_rows, _signature(folder)), own)


def _encode(folder: Path, texts: Sequence[str]) -> NDArray[np.float64]:
    """Vectors of length 1 of texts that are not empty; shape (n, any)."""
    tokeniser, model = _loaded(folder)
    limits = (LONGEST, tokeniser.model_max_length, getattr(model.config, "max_position_embeddings", LONGEST))
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    found: dict[int, NDArray[np.float64]] = {}
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        given = tokeniser(
            [texts[at] for at in batch], padding=True, truncation=True, max_length=min(limits), return_tensors="pt"
        )
        states = model(**given).last_hidden_state.numpy().astype(np.float64)
        mask = given["attention_mask"].numpy().astype(np.float64)[..., None]
        found |= dict(zip(batch, (states * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1), strict=True))
    vectors = np.array([found[at] for at in range(len(texts))])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> tuple[Any, Any]:  # transformers types neither
    """The tokeniser and the model in a folder.

    Raises:
        UserError: there is no such folder, or no model in it that can be loaded.
    """
    if not (folder / "config.json").is_file():
        raise UserError(f"{str(folder)!r} is no folder with a text encoder (it has no config.json).")
    try:
        from transformers import AutoModel, AutoTokenizer
    except ModuleNotFoundError as error:
        raise not_installed("'embedding_similarity'", error) from None
    try:
        tokeniser = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise UserError(f"{str(folder)!r} holds no encoder that transformers can load: {error}") from None
    return tokeniser, model.eval().requires_grad_(False)


def _signature(folder: Path) -> str:
    files = {path.name: fingerprint.of_file(path) for path in sorted(folder.iterdir()) if path.is_file()}
    return f"encoder:{fingerprint.of_json(files)}|pooling:mean"
