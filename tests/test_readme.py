"""What the README shows is run: its commands, its Python, its output."""

import ast
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from ravine.cli import main

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "README.zh.md")
# The map's resolution and the frames of the film, whose pictures aren't looked at here.
_SMALLER = {"256": ["64"], "run.gif": ["run.gif", "--seconds", "1", "--fps", "5", "--size", "small"]}


def _commands(page):
    """Return the indented ``ravine …`` lines, without comments."""
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", "")
    lines = re.findall(r"^    (ravine .*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True)[1:] for line in lines]


def _run(arguments, monkeypatch):
    monkeypatch.setattr("sys.argv", ["ravine", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0, arguments


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Return an empty folder to work in, with the reader's own table in it."""
    monkeypatch.chdir(tmp_path)
    x = np.linspace(0, 5, 40)
    y = 2 * np.exp(-x) + 0.5 + 0.02 * np.random.default_rng(0).standard_normal(40)
    rows = "\n".join(f"{a},{b}" for a, b in zip(x, y, strict=True))
    Path("mine.csv").write_text(f"x,y\n{rows}\n")
    return tmp_path


def test_the_commands_of_the_readme_run(workplace, monkeypatch, capsys):
    page = "README.md"
    commands = _commands(page)
    told = {"lesson", "descend", "fit", "show", "basins", "race", "sweep", "export", "explain", "diagnose"}
    assert {arguments[0] for arguments in commands} >= told
    for arguments in commands:
        _run([word for each in arguments for word in _SMALLER.get(each, [each])], monkeypatch)
    assert (workplace / "out" / "surface.png").exists()
    shown = re.search(r"```\n(Ran out.*?)\n```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    _assert_printed(shown[1], capsys.readouterr().out)


def _assert_printed(shown, said):
    """The words were printed, with numbers alike to 3e-4: the descent at the edge doesn't forget its rounding.

    XLA makes other code of it for another processor, and each of 400 steps rounds b by a unit of float32 at most:
    2e-4 in all, twice the 2.5026 − 4 of which makes 6e-4 of a loss of 2.25.
    """
    number = r"\d+(?:\.\d+)?(?:e[-+]\d+)?"
    pattern = r"\s+".join(f"({number})".join(map(re.escape, re.split(number, word))) for word in shown.split())
    found = re.search(pattern, said)
    assert found is not None, said
    assert [float(each) for each in found.groups()] == pytest.approx(
        [float(each) for each in re.findall(number, shown)], rel=3e-4
    )


def test_the_chinese_readme_has_the_same_commands_and_the_same_output():
    english, chinese = ((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    in_english = [[word for word in line if word not in ("--language", "zh")] for line in _commands("README.zh.md")]
    assert in_english == _commands("README.md")
    blocks = [re.findall(r"```\n((?:Ran out|formula:).*?)```", text, re.DOTALL) for text in (english, chinese)]
    assert blocks[0] == blocks[1] != []


def _python(page):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    return code


def test_the_chinese_readme_has_the_same_python():
    english, chinese = (ast.dump(ast.parse(_python(page))) for page in PAGES)
    assert english == chinese


def test_the_python_of_the_readme_runs(workplace, monkeypatch):
    _run(["lesson", "two-layer", "--out", "two-layer"], monkeypatch)
    names = {}
    exec(_python("README.md"), names)
    assert names["many"].starts == 2000
    assert (workplace / "way.png").exists() and (workplace / "run.nc").exists()
