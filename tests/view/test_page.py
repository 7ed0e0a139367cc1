"""The page as text: complete, small, safe, and alone."""

import base64
import dataclasses
import hashlib
import html
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import ravine as rv
from ravine.errors import ProblemError, StoreError
from ravine.formula import Formula
from ravine.formula.functions import FUNCTIONS
from ravine.formula.math_numpy import MATH
from ravine.model import Opaque
from ravine.notes import Note
from ravine.view import plots
from ravine.view.page.content import Content, Picture
from ravine.view.page.document import SCRIPTS, asset, export, page_of
from ravine.view.page.figures import figure_of, translation_of
from ravine.view.page.nouns import content_of
from ravine.view.page.packing import json_in_html, packed
from ravine.view.page.programs import program_of
from ravine.view.page.wording import LANGUAGES, WORDS

MEGABYTE = 1e6
HOSTILE = "</script><img src=x onerror=alert(1)>"


class Read(HTMLParser):
    """What a browser sees: elements with attributes, the texts of scripts, and all other text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._in: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            del self._in[len(self._in) - 1 - self._in[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if "script" in self._in:
            self.scripts[-1] += data
        elif "style" not in self._in:
            self.words.append(data)


def read(path: Any) -> Read:
    return Read(path.read_text(encoding="utf-8"))


def data_of(page: Read) -> dict[str, Any]:
    return json.loads(page.scripts[0])


def numbers(value: Any) -> np.ndarray:
    kind = {"f4": "<f4", "f8": "<f8"}[value["dtype"]]
    flat = np.frombuffer(base64.b64decode(value["bdata"]), kind)
    return flat.reshape([int(size) for size in value["shape"].split(",")]) if "shape" in value else flat


@pytest.fixture(scope="module")
def path(three_starts, tmp_path_factory):
    return export(three_starts, tmp_path_factory.mktemp("page") / "run.html")


@pytest.fixture(scope="module")
def page(path):
    return read(path)


@pytest.fixture(scope="module")
def decay() -> rv.Fit:
    x = np.linspace(0, 4, 30)
    noise = 0.1 * np.random.default_rng(3).normal(size=30)
    return rv.fit("y = a*exp(-b*x) + c", {"x": x, "y": 2.5 * np.exp(-1.3 * x) + 0.5 + noise})


# -- one file, alone


def test_the_page_of_the_lesson_is_under_six_megabytes(descend, tmp_path):
    x = np.linspace(-1, 1, 200)
    y = np.sin(2.5 * np.cos(1.2 * x)) + 0.1 * np.random.default_rng(0).standard_normal(200)
    run = descend(rv.Problem("y = sin(b*cos(a*x))", {"x": x, "y": y}), [(5, 4), (5, 1), (2, 4.5)], steps=400)
    assert export(rv.with_surface(run), tmp_path / "lesson.html").stat().st_size < 6 * MEGABYTE


def test_nothing_is_loaded_from_elsewhere(page):
    loading = {"src", "href", "srcset", "action", "data", "poster", "background"}
    assert [(tag, attributes) for tag, attributes in page.elements if loading & set(attributes)] == []
    assert {tag for tag, _ in page.elements}.isdisjoint({"link", "iframe", "object", "embed", "base", "form"})
    assert "url(" not in asset("page.css")
    assert "@import" not in asset("page.css")


def test_the_policy_allows_these_scripts_and_nothing_else(page):
    (policy,) = [each["content"] for tag, each in page.elements if each.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in page.scripts[1:]
    }
    assert set(rules["script-src"].split()) == hashes
    assert "unsafe-eval" not in policy
    assert all("http" not in rule for rule in rules.values())


def test_our_scripts_evaluate_no_text():
    for name in SCRIPTS:
        text = asset(f"{name}.js").replace("'http://www.w3.org/2000/svg'", "a name, which nothing fetches")
        assert not re.search(
            r"\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacent|document\.write|https?:", text
        ), name


def test_the_same_run_gives_the_same_page(three_starts, path, tmp_path):
    again = export(three_starts, tmp_path / "run.html")
    assert again.read_bytes() == path.read_bytes()


# -- what it holds


def test_every_step_of_every_start_is_there(page, three_starts):
    descents = data_of(page)["descents"]
    assert descents["names"] == ["a", "b"]
    assert descents["best"] == three_starts.best
    for start, described in enumerate(descents["starts"]):
        path = three_starts.path(start)
        np.testing.assert_allclose(numbers(described["params"]).T, path["params"].values, rtol=1e-5)
        np.testing.assert_allclose(numbers(described["gradient"]).T, path["gradient"].values, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(numbers(described["loss"]), path["loss"].values, rtol=1e-3)
        np.testing.assert_array_equal(numbers(described["step"]), path["step"].values)


def test_panels_stand_in_order(page, parabola, decay):
    assert [each["kind"] for each in data_of(page)["pictures"]] == ["space", "plane", "data", "history", "history"]
    one = Read(page_of(content_of(parabola, None)))
    assert [each["kind"] for each in data_of(one)["pictures"]] == ["line", "history", "history"]


def test_settings_status_and_report_are_text(page, three_starts):
    text = " ".join(page.words)
    assert repr(three_starts) in text
    assert "sgd" in text
    assert "All 3 starts: Ran out of steps" in text
    assert "No warnings." in text


def test_warnings_stand_on_the_page(one_start):
    warned = dataclasses.replace(one_start, warnings=(Note("x", "Look <here> & there."),))
    text = page_of(content_of(warned, None))
    assert "<li>Look &lt;here&gt; &amp; there.</li>" in text


def test_a_fit_brings_its_report_its_bands_and_its_planes(decay, tmp_path):
    page = read(export(decay, tmp_path / "fit.html", pair=("b", "c")))
    data = data_of(page)
    assert data["planes"] == ["b, c", *data["planes"][1:]]
    assert len(data["planes"]) == 3
    text = " ".join(page.words)
    assert "value ± standard error" in text
    assert "degrees of freedom" in text
    (picture,) = [each for each in data["pictures"] if each["kind"] == "data"]
    assert "95 % confidence band" in [trace.get("name") for trace in picture["figure"]["data"]]
    program = Formula("a*exp(-b*x) + c").model
    assert data["model"]["program"] == program_of(program)


def test_very_many_starts_and_steps_are_thinned(line, descend, tmp_path):
    random = np.random.default_rng(0)
    run = descend(line, random.uniform(-2, 7, (200, 2)), steps=3)
    page = read(export(run, tmp_path / "many.html"))
    descents = data_of(page)["descents"]
    assert len(descents["starts"]) == 24
    assert run.best in [each["start"] for each in descents["starts"]]
    assert "24 of 200 starts are on this page." in " ".join(page.words)
    long = descend(line, [(5, 4)], steps=3000, rate=0.01)
    (only,) = data_of(read(export(long, tmp_path / "long.html")))["descents"]["starts"]
    steps = numbers(only["step"])
    assert len(steps) == 1000
    assert (steps[0], steps[-1]) == (0, 3000)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_a_run_that_leaves_the_numbers_makes_a_page(one_start, tmp_path, value):
    step = one_start.dataset["step"] < 20
    wild = {name: one_start.dataset[name].where(step, value) for name in ("loss", "params")}
    dataset = one_start.dataset.assign(wild)
    page = read(export(dataclasses.replace(one_start, dataset=dataset), tmp_path / "wild.html"))
    loss = numbers(data_of(page)["descents"]["starts"][0]["loss"])
    assert np.isfinite(loss[:20]).all()
    np.testing.assert_array_equal(loss[20:], value)


def test_a_function_from_a_file_shows_the_surface_that_was_saved(tmp_path, one_start, bowl):
    problem = rv.Problem(Opaque("f(x, a, b)", ("x", "a", "b"), None), {"x": [0.0, 1.0], "y": [1.0, 2.0]})
    dataset = one_start.dataset.assign(prediction=(("start", "point"), [[1.0, 2.0]]))
    run = dataclasses.replace(one_start, problem=problem, dataset=dataset)
    without = read(export(run, tmp_path / "without.html"))
    assert [each["kind"] for each in data_of(without)["pictures"]] == ["against", "history", "history"]
    assert "No loss surface was saved" in " ".join(without.words)
    with_it = read(export(dataclasses.replace(run, surface=bowl), tmp_path / "with.html"))
    assert data_of(with_it)["model"] is None
    assert "The model is a Python function" in " ".join(with_it.words)
    assert [each["kind"] for each in data_of(with_it)["pictures"]][:2] == ["space", "plane"]


# -- strangers' words


def test_strangers_words_stay_words(descend, tmp_path):
    x = np.linspace(-1, 1, 21)
    table = tmp_path / "data.csv"
    rows = "\n".join(f"{a},{2 * a}" for a in x)
    table.write_text(f'x [{HOSTILE}],"y [{HOSTILE}]"\n{rows}\n')
    run = descend(rv.Problem("y = a*x + b", table), [(5, 4)])
    assert HOSTILE in run.problem.label("x")
    page = read(export(run, tmp_path / "run.html"))
    assert len(page.scripts) == 3
    assert "img" not in {tag for tag, _ in page.elements}
    picture = data_of(page)["pictures"][2]
    assert "<" not in picture["figure"]["layout"]["xaxis"]["title"]["text"]


@pytest.mark.parametrize("field", ["title", "headlines", "warnings", "settings"])
def test_every_text_of_a_content_is_escaped(field, one_start):
    given: dict[str, Any] = {"title": HOSTILE, "headlines": (HOSTILE,), "warnings": (HOSTILE,)}
    given["settings"] = ((HOSTILE, HOSTILE),)
    content = Content(**{"title": "t", "headlines": (), "pictures": (), field: given[field]})
    page = Read(page_of(content))
    assert "img" not in {tag for tag, _ in page.elements}
    assert len(page.scripts) == 3
    assert HOSTILE in " ".join(page.words)


def test_titles_of_panels_are_escaped(one_start):
    scene = plots.loss(one_start)
    scene = dataclasses.replace(scene, panels=(dataclasses.replace(scene.panels[0], title=HOSTILE),))
    page = Read(page_of(Content("t", (), (Picture("still", scene),))))
    assert "img" not in {tag for tag, _ in page.elements}
    assert HOSTILE in [each.get("data-en") for _, each in page.elements]


@pytest.mark.parametrize("text", ["</script>", "<!--", "&lt;", "\u2028", 'a "quoted" \\ text', "温度"])
def test_json_survives_html(text):
    written = json_in_html({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not set("<>&\u2028") & set(written)


# -- numbers and words


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0.0, 1.0, np.nan], "f4"), ([1.7e9, 1.7e9 + 1], "f8"), ([1e80, 2e80], "f8"), ([np.inf, 1.0, 3.0], "f4")],
)
def test_arrays_keep_what_a_picture_needs(values, kind):
    found = packed(np.array(values))
    assert found["dtype"] == kind
    np.testing.assert_allclose(numbers(found), values, rtol=1e-6)


def test_tables_keep_their_shape():
    assert numbers(packed(np.arange(6.0).reshape(2, 3))).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_program_calculates_the_tree():
    tree = Formula("where(x > 1, a*sin(x)**2, -x/3)").model
    stack: list[Any] = []
    values = {"x": np.linspace(0, 3, 7), "a": 2.0}
    for kind, what, *size in program_of(tree):
        if kind == 2:
            operands = [stack.pop() for _ in range(size[0])][::-1]
            stack.append(MATH[what](*operands))
        else:
            stack.append(what if kind == 0 else values[what])
    np.testing.assert_array_equal(stack.pop(), tree.evaluate(values, MATH))


def test_the_script_has_a_line_for_every_function():
    text = asset("functions.js")
    body = text[text.index("const FUNCTIONS") :]
    assert set(re.findall(r"^  (\w+)(?::|,$)", body, re.MULTILINE)) == set(FUNCTIONS)


def test_every_word_is_said_in_both_languages():
    for key, said in WORDS.items():
        assert len(said) == len(LANGUAGES)
        assert all(said), key
        assert re.search("[\u4e00-\u9fff]", said[1]), key


def test_the_page_asks_for_no_word_that_it_lacks():
    used = set(re.findall(r"word\('(\w+)'\)", "".join(asset(f"{name}.js") for name in SCRIPTS)))
    used |= set(re.findall(r'data-(?:word|label)="(\w+)"', asset("page.html")))
    assert used <= set(WORDS)


def test_a_page_opens_in_chinese(one_start, tmp_path):
    page = read(export(one_start, tmp_path / "zh.html", language="zh"))
    assert ("html", {"lang": "zh-Hans"}) in page.elements
    text = " ".join(page.words)
    assert "俯瞰损失" in text
    assert "优化器" in text


def test_figures_are_translated_where_they_speak(three_starts):
    scene = plots.loss(three_starts)
    found = translation_of(scene, figure_of(scene))
    assert [["layout", "xaxis", "title", "text"], "步数"] in found
    assert any(words.startswith("从 (5, 4) 出发") for _, words in found)


# -- files and refusals


def test_a_failed_export_keeps_the_old_page(one_start, tmp_path, monkeypatch):
    path = export(one_start, tmp_path / "run.html")
    old = path.read_bytes()
    monkeypatch.setattr("ravine.view.page.document.page_of", lambda *_: "\ud800")  # can't be written as UTF-8
    with pytest.raises(UnicodeEncodeError):
        export(one_start, path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"path": "run.htm"}, StoreError, "ends in .html, got 'run.htm'"),
        ({"path": "nowhere/run.html"}, StoreError, "folder"),
        ({"language": "fr"}, ProblemError, "expected en or zh, got 'fr'"),
        ({"pair": ("a", "q")}, ProblemError, "expected two of the parameters a, b, got 'q'"),
        ({"pair": ("a", "a")}, ProblemError, "two different parameters, got a, a"),
        ({"result": 3}, ProblemError, "got int"),
    ],
)
def test_what_makes_no_page_is_refused(one_start, tmp_path, refuses, given, kind, said):
    options = {"result": one_start, "path": "run.html", **given}
    with refuses(kind, said):
        export(options.pop("result"), tmp_path / options.pop("path"), **options)


def test_export_needs_no_tensorflow(one_start, tmp_path):
    path = rv.save(one_start, tmp_path / "run.nc")
    code = f"import sys, ravine as rv; rv.export(rv.load({str(path)!r}), {str(tmp_path / 'run.html')!r}); "
    code += "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_titles_are_escaped_once(one_start):
    text = page_of(Content("a < b & c", (), ()))
    assert text.count(html.escape("a < b & c")) == 2
