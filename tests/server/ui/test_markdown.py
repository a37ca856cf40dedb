"""Notes as Markdown: the usual marks work, and nothing that is typed runs, loads or leads somewhere unsafe."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.server.ui.markdown import MOST, marked_up

TAGS = re.compile("p|h[3-6]|em|strong|a|code|pre|ul|ol|li|blockquote|hr|br|table|thead|tbody|tr|th|td")
ATTRIBUTES = {("a", "href"), ("a", "rel"), ("a", "title"), ("code", "class"), ("ol", "start")}
MARKS = st.sampled_from([*"()[]!*_#|`>-+~<&\\\"' \n\t\u202e😀", "](", "```", "-|-", "http://a", "//a"])
ATTACKS = st.sampled_from(
    [
        "javascript:alert(1)",
        "&#106;avascript:",
        "data:text/html,",
        "<script>",
        "<a href='",
        "onclick=",
        "![x](",
        "[x]: ",
    ]
)


class Read(HTMLParser):
    """Collects the tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(markup: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Read()
    reader.feed(markup)
    reader.close()
    return reader.tags


def test_the_usual_marks_work() -> None:
    markup = marked_up(
        "*odd* **very**\n\n- one\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n[paper](https://example.org/a?b=1)"
    )
    for wanted in (
        "<em>odd</em>",
        "<strong>very</strong>",
        "<li>one</li>",
        "<td>2</td>",
        'href="https://example.org/a?b=1"',
    ):
        assert wanted in markup
    assert 'rel="nofollow noopener noreferrer"' in markup


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&Tab;script:alert(1)",
        "vbscript:x",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "blob:x",
        "mailto:a@example.org",
        "x:y",
    ],
)
def test_a_link_that_is_no_web_address_is_no_link(address: str) -> None:
    for text in (
        f"[x]({address})",
        f"[x](<{address}>)",
        f"<{address}>",
        f"[x][y]\n\n[y]: {address}",
        f"![x]({address})",
    ):
        assert all("href" not in attributes for _, attributes in tags(marked_up(text))), text


@pytest.mark.parametrize("address", ["https://example.org", "http://a/b", "/runs/1", "?file=a", "#preview", "../x"])
def test_links_to_the_web_and_to_this_site_work(address: str) -> None:
    assert [attributes["href"] for tag, attributes in tags(marked_up(f"[x]({address})")) if tag == "a"] == [address]


def test_a_picture_is_a_link_for_pages_load_nothing_from_elsewhere() -> None:
    assert [tag for tag, _ in tags(marked_up("![x](https://example.org/x.png)"))] == ["p", "a"]


def test_tags_that_were_typed_are_text() -> None:
    markup = marked_up("<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<div onclick=x>\n\n<!-- x -->")
    assert {tag for tag, _ in tags(markup)} == {"p"}
    assert "&lt;script&gt;" in markup


def test_headings_go_one_rank_down_at_a_time_below_that_of_the_page() -> None:
    ranks = [tag for tag, _ in tags(marked_up("##### a\n\n# b\n\n### c\n\n###### d\n\n###### e\n\nf\n==="))]
    assert ranks == ["h3", "h3", "h4", "h5", "h6", "h3"]


def test_a_note_too_long_for_it_is_not_read_as_markdown() -> None:
    assert marked_up("a" * MOST)
    assert marked_up("a" * (MOST + 1)) == ""


@given(st.one_of(st.text(max_size=200), st.lists(MARKS | ATTACKS, max_size=40).map("".join)))
def test_nothing_that_is_typed_becomes_more_than_harmless_markup(text: str) -> None:
    for tag, attributes in tags(marked_up(text)):
        assert TAGS.fullmatch(tag)
        assert {(tag, name) for name in attributes} <= ATTRIBUTES
        link = (attributes.get("href") or "").strip().lower()
        assert link.startswith(("http://", "https://")) or not re.match(r"[^/?#]*:", link)
