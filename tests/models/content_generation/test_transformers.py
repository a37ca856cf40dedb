import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from safetensors.torch import load_file

from attain.core.errors import UserError
from attain.data.prompt_split import AllPrompts, make
from attain.tasks.content_generation import Piece, run
from attain.tasks.context import FitContext
from attain.testing.generator import GeneratorTests
from attain.testing.small_prompts import small_prompt_set, small_prompts

pytest.importorskip("transformers", reason="attain[transformers] is not installed")

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from attain.models.content_generation.transformers import Transformers

POSITIONS = 400


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 of one layer with random weights, and a tokenizer of single bytes."""
    import torch

    folder = tmp_path_factory.mktemp("models") / "tiny"
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*alphabet, "<end>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained(folder)
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=len(vocabulary), n_positions=POSITIONS, n_embd=16, n_layer=1, n_head=2, eos_token_id=256
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def pieces(local: Path, **params: object) -> list[Piece]:
    model = Transformers.create(**{"model": str(local), "max_tokens": 8, **params})
    return list(model.generate(small_prompts().asked(), FitContext(seed=1, device="cpu")))


class TestLikeliest(GeneratorTests):
    model = Transformers
    params: ClassVar = {"max_tokens": 6, "max_failed_share": 1.0}

    @pytest.fixture(autouse=True)
    def _from_the_folder(self, local: Path) -> None:
        self.params = {**type(self).params, "model": str(local)}  # type: ignore[misc]  # the folder is the test's own


class TestDrawn(TestLikeliest):
    params: ClassVar = {"max_tokens": 6, "max_failed_share": 1.0, "temperature": 1.0, "shots": 1}


def texts(found: list[Piece]) -> dict[tuple[str, int], str]:
    return {(piece.prompt, piece.sample): piece.text for piece in found}


def test_the_batch_changes_no_text(local: Path) -> None:
    one, many = pieces(local, batch_size=1), pieces(local, batch_size=10)
    assert texts(one) == texts(many)
    assert len(set(texts(one).values())) > 1


def test_the_likeliest_text_is_what_the_library_gives_for_the_prompt_alone(local: Path) -> None:
    import torch

    model = Transformers.create(model=str(local), max_tokens=8)
    (row, *_) = small_prompts().records()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(local)
    tokens = torch.tensor([tokenizer(model.put(row))["input_ids"]])
    logits: Any = GPT2LMHeadModel.from_pretrained(local).eval()
    for _ in range(8):  # greedy, by hand
        following = logits(tokens).logits[0, -1].argmax()
        tokens = torch.cat([tokens, following.view(1, 1)], dim=1)
    expected = tokenizer.decode(tokens[0, -8:], skip_special_tokens=True).partition("<end>")[0].strip()
    assert texts(pieces(local))[row["prompt"], 0] == expected


def test_drawn_texts_go_by_prompt_and_sample(local: Path) -> None:
    drawn = texts(pieces(local, temperature=1.0, samples=3))
    assert len({drawn["plain", sample] for sample in range(3)}) == 3
    assert texts(pieces(local, temperature=1.0, samples=3, batch_size=1)) == drawn
    assert {key: text for key, text in drawn.items() if key[1] == 0} == texts(pieces(local, temperature=1.0))


def test_tokens_and_the_end_are_counted(local: Path) -> None:
    (first, *_) = pieces(local)
    model = Transformers.create(model=str(local))
    (row, *_) = small_prompts().records()
    assert first.tokens_in == len(model.put(row).encode())
    assert (first.tokens_out, first.finish_reason) == (8, "length")
    assert first.seconds is not None


def test_a_prompt_that_the_model_cannot_hold_is_a_failed_piece(local: Path) -> None:
    found = pieces(local, max_tokens=POSITIONS - 120)
    states = {piece.state for piece in found if piece.error}
    assert states == {"failed"}
    assert any("the model's 400 do not suffice" in piece.error for piece in found)


def test_the_model_is_part_of_what_a_run_is(local: Path, tmp_path: Path) -> None:
    planned = Transformers.with_files(Transformers.create(model=str(local)).params, tmp_path)
    again = Transformers.with_files(Transformers.create(model=str(local)).params, tmp_path)
    assert planned == again
    other = tmp_path / "other"
    other.mkdir()
    for path in local.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    (other / "config.json").write_text(json.dumps(json.loads((local / "config.json").read_text()) | {"x": 1}))
    changed = Transformers.with_files(Transformers.create(model="other").params, tmp_path)
    assert changed.model_dump()["model_sha256"] != planned.model_dump()["model_sha256"]


@pytest.mark.parametrize("model", ["", "gpt2", "no/such/folder"])
def test_a_name_that_is_no_folder_is_refused_and_never_looked_up(model: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no model .*nothing is downloaded"):
        Transformers.with_files(Transformers.create(model=model).params, tmp_path)


def test_a_folder_that_is_damaged_says_so(local: Path, tmp_path: Path) -> None:
    for path in local.iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    model = Transformers.create(model=str(tmp_path))
    with pytest.raises(UserError, match="cannot be read as a model with a tokenizer"):
        run(model, make(AllPrompts(), small_prompt_set(), 0), FitContext(device="cpu"))


def test_weights_are_not_kept_with_the_run(local: Path, tmp_path: Path) -> None:
    Transformers.create(model=str(local)).save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.json", "prompt.txt"}
    assert load_file(local / "model.safetensors")  # the tests' own model does keep them so
