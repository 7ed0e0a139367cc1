"""Pages of stories, read as HTML."""

import json
import re
from html.parser import HTMLParser

import pytest

from ravine.gallery.pages import Place, index_page, lesson_page


class Read(HTMLParser):
    """Elements and texts of a page, in order."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self._open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, text):
        self.texts.append((tuple(self._open), text))

    def all(self, tag, **wanted):
        return [each for name, each in self.elements if name == tag and wanted.items() <= each.items()]

    def said(self, tag):
        return "".join(text for where, text in self.texts if tag in where)


def place(stories, index):
    return Place(tuple((story.name, story.title) for story in stories), index)


@pytest.fixture
def page(stories):
    return Read(lesson_page(stories[0], place(stories, 0)))


def test_texts_are_escaped(page):
    said = "".join(text for _, text in page.texts)
    for words in (
        "Why <b>?",
        "& <i>more</i>.",
        "It says <so>.",
        "one <",
        "a <caption>",
        "Two <panels>.",
        "How <much>?",
    ):
        assert words in said
    assert not {"so", "much", "panels", "i"} & {tag for tag, _ in page.elements}


def test_code_is_whole_under_its_colors_and_has_a_button(page):
    assert 'print("<a>" & 1)' in page.said("pre")
    assert "ravine demo > out.txt" in page.said("pre")
    assert len(page.all("button", **{"class": "copy"})) == 2


def test_an_answer_opens_on_demand(page):
    assert "open" not in page.all("details")[0]
    assert "That <much>: 2." in page.said("details")
    assert "How <much>?" not in page.said("details")


def test_every_panel_has_a_place_and_a_figure(stories):
    text = lesson_page(stories[0], place(stories, 0))
    plots = Read(text).all("div", role="img")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert [plot["data-plot"] for plot in plots] == ["0", "1"] and len(data["plots"]) == 2
    assert plots[0]["aria-label"] == "A <title>. Two <panels>."
    assert data["plots"][0]["figure"]["data"][0]["type"] == "scatter"


def test_numbers_end_at_the_right_and_words_begin_at_the_left(page):
    assert [each.get("class") for each in page.all("th")] == ["words", None]


def test_lessons_lead_to_each_other_and_home(stories):
    first, last = (Read(lesson_page(story, place(stories, at))) for at, story in enumerate(stories))
    assert [each["href"] for each in first.all("a", rel="next")] == ["second.html"]
    assert [each["href"] for each in last.all("a", rel="prev")] == ["parabola.html"]
    for page in (first, last):
        assert page.all("a", href="index.html")


@pytest.mark.parametrize(("language", "address"), [("en", "zh/{}.html"), ("zh", "../{}.html")])
def test_the_language_changes_on_the_same_lesson(language, address, small):
    told = [lesson.tell(language) for lesson in small.values()]
    for at, story in enumerate(told):
        page = Read(lesson_page(story, place(told, at)))
        assert page.all("a", id="language")[0]["href"] == address.format(story.name)
        assert page.all("html")[0]["lang"].startswith(language)


def test_the_index_lists_the_course_in_order(stories):
    page = Read(index_page(stories))
    titles = [each["href"] for each in page.all("a") if "class" not in each and each["href"].endswith(".html")]
    assert [title for title in titles if title != "index.html"] == ["parabola.html", "second.html"]
    assert page.all("a", **{"class": "begin"})[0]["href"] == "parabola.html"
    assert "pictures: 1 · exercises: 1" in page.said("li")
