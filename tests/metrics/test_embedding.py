from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.core.metric import Sums
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "what", "is", "a", "cell", "fraction", "?", "plant", "дробь"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two tiny layers with weights at random."""
    folder = tmp_path_factory.mktemp("encoder")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=32,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def alone(encoder: Path, text: str) -> np.ndarray:
    """The vector of one text, without padding."""
    tokeniser = transformers.AutoTokenizer.from_pretrained(encoder)
    model = transformers.AutoModel.from_pretrained(encoder).eval()
    with torch.no_grad():
        states = model(**tokeniser(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0)
    return np.asarray(states / states.norm())


def test_the_value_is_the_cosine_of_each_text_alone(pieces: Pieces, encoder: Path) -> None:
    many = [("what is a cell?", ["what is a plant?"]), ("дробь", ["a fraction is what?", "a cell"])]
    statistic = find(f"embedding_similarity[{encoder}]").statistic(
        pieces([text for text, _ in many], references=[some for _, some in many])
    )
    assert isinstance(statistic, Sums)
    expected = [max(float(alone(encoder, text) @ alone(encoder, one)) for one in some) for text, some in many]
    assert statistic.by_unit[:, 0].tolist() == pytest.approx(expected, abs=1e-5)


def test_equal_texts_are_as_near_as_can_be_and_empty_ones_score_0(
    pieces: Pieces, value_of: ValueOf, encoder: Path
) -> None:
    table = pieces(["what is a cell?", None, "  "], references=[["what is a cell?"], ["a"], ["a"]])
    assert value_of(f"embedding_similarity[{encoder}]", table) == pytest.approx(1 / 3, abs=1e-6)


def test_a_text_longer_than_the_encoder_reads_is_cut(pieces: Pieces, value_of: ValueOf, encoder: Path) -> None:
    table = pieces(["cell " * 100], references=[["cell " * 200]])
    assert value_of(f"embedding_similarity[{encoder}]", table) == pytest.approx(1, abs=1e-6)


def test_the_signature_names_the_files_of_the_encoder(pieces: Pieces, encoder: Path, tmp_path: Path) -> None:
    table = pieces(["a"], references=[["a"]])
    (one,) = evaluate(table, [find(f"embedding_similarity[{encoder}]")], replicates=0)
    other = tmp_path / "other"
    transformers.AutoTokenizer.from_pretrained(encoder).save_pretrained(other)
    model = transformers.AutoModel.from_pretrained(encoder)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.add_(1)
    model.save_pretrained(other)
    (two,) = evaluate(table, [find(f"embedding_similarity[{other}]")], replicates=0)
    assert one.signature.startswith("encoder:")
    assert one.signature != two.signature


def test_without_an_encoder_or_a_reference_there_is_no_value(pieces: Pieces, encoder: Path) -> None:
    (bare,) = evaluate(pieces(["a"], references=[["a"]]), [find("embedding_similarity")], replicates=0)
    assert (bare.value, bare.reason) == (
        None,
        "it needs the folder of an encoder: embedding_similarity[FOLDER]",
    )
    (lone,) = evaluate(pieces(["a"], references=[[]]), [find(f"embedding_similarity[{encoder}]")], replicates=0)
    assert (lone.value, lone.reason) == (None, "no piece has a reference")


def test_a_folder_without_an_encoder_is_named(pieces: Pieces, tmp_path: Path) -> None:
    table = pieces(["a"], references=[["a"]])
    with pytest.raises(UserError, match=r"is no folder with a text encoder \(it has no config.json\)"):
        find(f"embedding_similarity[{tmp_path}]").statistic(table)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="holds no encoder that transformers can load"):
        find(f"embedding_similarity[{tmp_path}]").statistic(table)
