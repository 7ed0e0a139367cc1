"""What the tutorial shows is run: its Python as one story, its commands afterwards."""

import re
import shlex
from pathlib import Path

import pytest

from ravine.cli import main

_PAGES = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("page", ["tutorial.md", "optimizers.md"])
def test_the_python_of_a_page_runs_as_it_stands(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (_PAGES / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    names = {}
    for block in blocks:
        exec(block, names)
    assert list(tmp_path.glob("*.png"))


def test_the_commands_of_the_tutorial_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(
        "x,y\n" + "".join(f"{x / 8},{3 * 2.7 ** (-x / 8) + 0.5 + 0.02 * (-1) ** x}\n" for x in range(40))
    )
    for line in re.findall(r"^ravine .*$", (_PAGES / "tutorial.md").read_text(encoding="utf-8"), re.MULTILINE):
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0, line
