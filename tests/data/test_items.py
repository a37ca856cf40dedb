"""Items from files: ids of generated pieces, options in two spellings, and mistakes in words."""

import json
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.items import Item, options_in, piece_id, read_items


def _file(tmp_path: Path, name: str, *lines: str) -> Path:
    path = tmp_path / name
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def test_a_piece_is_known_by_system_prompt_and_sample(tmp_path: Path) -> None:
    path = _file(tmp_path, "i.csv", "generator,prompt,sample,target", "tiny,p 1,2,3.5")
    assert read_items(path) == {
        "tiny/p 1/2": Item("tiny/p 1/2", "generated", "tiny", prompt="p 1", level=3.5),
    }
    assert piece_id("tiny", "p 1", 2) == "tiny/p 1/2"


def test_csv_and_jsonl_say_the_same(tmp_path: Path) -> None:
    options = ["Größe", "a, b", "c"]
    csv = _file(tmp_path, "i.csv", "item,options,right,text", '7,"Größe | a, b | c",c,"Was?"')
    lines = _file(
        tmp_path, "i.jsonl", json.dumps({"item": "7", "options": options, "right": "c", "text": "Was?", "mine": 1}), ""
    )
    assert read_items(csv) == read_items(lines) == {
        "7": Item("7", options=("Größe", "a, b", "c"), right="c", text="Was?")
    }  # fmt: skip


def test_the_first_option_is_the_right_one_where_nobody_says_more(tmp_path: Path) -> None:
    (item,) = read_items(_file(tmp_path, "i.csv", "item,options", '1,"[""x"", ""y""]"')).values()
    assert (item.options, item.right, item.kind, item.system) == (("x", "y"), "x", "human", "human")


def test_a_column_of_ids_alone_is_a_file_of_items(tmp_path: Path) -> None:
    assert list(read_items(_file(tmp_path, "i.csv", "item", "q1", "q2"))) == ["q1", "q2"]


def test_a_text_of_several_lines_is_one_text(tmp_path: Path) -> None:
    text = "Is it one\u2028or two?"
    lines = _file(tmp_path, "i.jsonl", json.dumps({"item": "7", "text": text}, ensure_ascii=False))
    csv = _file(tmp_path, "i.csv", "item,text", f'7,"{text}"')
    assert read_items(csv)["7"].text == read_items(lines)["7"].text == text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("name,level", "a,1"), "no column is named 'item'"),
        (("item,text", "7,a,b"), "line 2: 3 fields where the header has 2"),
        (("item,text,level", '7,"a', 'b",1', "8,c,hard"), "line 4: level is 'hard'"),
        ((), "the file is empty"),
        (("item,level", "a,hard"), r"line 2: level is 'hard'; expected a number"),
        (("item,level", "a,1", "a,2"), r"line 3: the item 'a' is there twice"),
        (("item,level", ",1"), "line 2: the item has no id"),
        (("item,kind", "a,robot"), "kind is 'robot'; expected 'human' or 'generated'"),
        (("item,options", "a,x | x"), "an option is there twice: 'x', 'x'"),
        (("item,level",), "the file has a header and no rows"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_items(_file(tmp_path, "i.csv", *lines))


@pytest.mark.parametrize(("line", "said"), [("{", "line 1: is not JSON"), ("[1]", "line 1: is not an object")])
def test_broken_jsonl_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_items(_file(tmp_path, "i.jsonl", line))


def test_a_file_that_is_not_there_or_no_text_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read"):
        read_items(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"item\n\xff\xfe\x00")
    with pytest.raises(UserError, match="line 2: byte 0xff is not utf-8"):
        read_items(tmp_path / "binary.csv")


def test_options_that_begin_like_a_list_must_be_one() -> None:
    with pytest.raises(UserError, match="here: options begin like a JSON list, but are none"):
        options_in("[x", "here")
