"""Scripts: the state as Python and as a command, which compute the numbers that one sees."""

from __future__ import annotations

import json
import shlex

from ravine.app.sources import Own, Sketch, Source, Values
from ravine.app.state import State

_END = "END-OF-TABLE"


def python(state: State) -> str:
    """Return a Python script whose ``runs`` are those on the page.

    Examples
    --------
    >>> print(python(State("(x - 50)**2", None, ((("x", 3.0),),), learning_rate=0.5)))
    import ravine as rv
    <BLANKLINE>
    problem = rv.Problem("(x - 50)**2")
    starts = [{"x": 3.0}]
    runs = [
        rv.descend(problem, starts, "sgd", learning_rate=0.5, steps=200),
    ]
    for run in runs:
        print(run)
    """
    lines = ["import ravine as rv", "", *_data_in_python(state.data)]
    lines.append(f"problem = rv.Problem({_quoted(state.formula)}{', data' if state.data else ''})")
    lines += [f"starts = [{', '.join(_dict(start) for start in state.starts)}]", "runs = ["]
    lines += [f"    rv.descend(problem, starts, {_settings(state, name)})," for name in state.optimizers]
    lines += ["]", "for run in runs:", "    print(run)"]
    if state.plane:
        box = ", ".join(f"{_quoted(name)}: ({low!r}, {high!r})" for name, low, high in state.plane)
        lines += [f"surface = rv.survey(problem, {{{box}}}, around=runs)", *_picture(state)]
    return "\n".join(lines)


def command(state: State) -> str:
    """Return shell commands that print the same runs, after writing the data into a file.

    Examples
    --------
    >>> print(command(State("(x - 50)**2", None, ((("x", 3.0),),), learning_rate=0.5)))
    ravine descend '(x - 50)**2' --start x=3.0 --optimizer sgd --learning-rate 0.5 --steps 200
    """
    table = _here_document(state.data)
    words = ["ravine", "descend", shlex.quote(state.formula), *(["data.csv"] if state.data else [])]
    for start in state.starts:
        words += ["--start", shlex.quote(",".join(f"{name}={value!r}" for name, value in start))]
    lines = []
    for name in state.optimizers:
        rate = state.rate_of(name)
        rates = [] if rate is None else ["--learning-rate", repr(rate)]
        lines.append(" ".join([*words, "--optimizer", name, *rates, "--steps", str(state.steps)]))
    return "\n".join([*table, *lines])


def _settings(state: State, optimizer: str) -> str:
    rate = state.rate_of(optimizer)
    rates = "" if rate is None else f"learning_rate={rate!r}, "
    return f'"{optimizer}", {rates}steps={state.steps}'


def _picture(state: State) -> list[str]:
    scene = "contour(runs, surface)" if len(state.plane) == 2 else "curve(runs[0], surface)"
    return [f'rv.save_picture(rv.plots.{scene}, "path.png")']


def _data_in_python(source: Source | None) -> list[str]:
    match source:
        case Sketch():
            x, y = (_quoted(name) for name in source.names)
            return [
                "import numpy as np",
                "",
                f"x = np.linspace({source.low!r}, {source.high!r}, {source.points})",
                f"exact = rv.Problem({_quoted(source.formula)}, {{{x}: x, {y}: x}}).predict({_dict(source.truth)})",
                f"noise = np.random.default_rng({source.seed}).normal(0.0, {source.noise!r}, {source.points})",
                f"data = {{{x}: x, {y}: exact + noise}}",
            ]
        case Own():
            columns = [f"    {_quoted(name)}: {list(values)!r}," for name, values in source.values]
            return ["data = {", *columns, "}"]
    return []


def _here_document(source: Source | None) -> list[str]:
    if source is None:
        return []
    columns = source.columns()
    header = ",".join(_cell(name) for name in columns)
    rows = [",".join(repr(float(value)) for value in row) for row in zip(*columns.values(), strict=True)]
    return [f"cat > data.csv <<'{_END}'", header, *rows, _END]


def _quoted(text: str) -> str:
    """Return a text as Python writes it, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _cell(name: str) -> str:
    quoted = name.replace('"', '""')
    return f'"{quoted}"' if any(letter in name for letter in ',"\n') else name


def _dict(values: Values) -> str:
    return "{" + ", ".join(f"{_quoted(name)}: {value!r}" for name, value in values) + "}"
