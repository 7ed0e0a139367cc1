"""Layout: what stands where on the page. What happens there is in assets/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, dcc, html

from ravine.app import gallery, quotas, wording
from ravine.app import state as states

_TEXTS = wording.texts("en")
_POLITE: dict[str, Any] = {"aria-live": "polite"}

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="data:,">
{%css%}
<script src="/plotly.min.js"></script>
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""

#: Buttons of which the page is told when they are pressed.
BUTTONS = (
    "undo", "theme", "language", "again", "apply", "clear", "first", "back", "play", "forward", "zoom-in", "zoom-out",
    "around", "basins-start", "basins-stop", "basins-hide", "report-start", "copy-python", "copy-command", "copy-link",
    "save-run", "save-picture", "save-page",
)  # fmt: skip

#: Controls whose values are parts of the state.
CONTROLS = ("formula", "noise", "optimizers", "rate", "rate-number", "steps", "steps-number", "add", "draw")
SWITCHES = ("add", "draw")


def page() -> dash.Dash:
    """Return the page as an application of Dash, all of whose parts come from this machine."""
    app = dash.Dash(
        "ravine", title="Ravine", update_title="", index_string=_INDEX, serve_locally=True,
        assets_folder=str(Path(__file__).parent / "assets"), include_assets_files=True,
    )  # fmt: skip
    app.layout = dmc.MantineProvider(
        [html.Main([_head(), html.Div([_side(), _stage()], className="columns")]), *_unseen()],
        id="provider", forceColorScheme="light", theme={"primaryColor": "indigo", "defaultRadius": "sm"},
    )  # fmt: skip
    _connect(app)
    return app


def _connect(app: dash.Dash) -> None:
    """Tell the scripts of the page what happens to its parts."""

    def tell(function: str, sink: str, *inputs: Any) -> None:
        app.clientside_callback(ClientsideFunction("ravine", function), Output(sink, "data"), *inputs)

    tell("changed", "sink-changed", *[Input(name, "checked" if name in SWITCHES else "value") for name in CONTROLS])
    tell("pressed", "sink-pressed", *[Input(name, "n_clicks") for name in BUTTONS])
    tell("opened", "sink-opened", Input("example", "value"))
    tell("dropped", "sink-dropped", Input("upload", "contents"), State("upload", "filename"))
    tell("columned", "sink-columned", *[Input(name, "value") for name in ("column-x", "column-y", "model")])
    tell("turned", "sink-turned", Input("panels", "value"))


def _unseen() -> list[Any]:
    sinks = ("changed", "pressed", "opened", "dropped", "columned", "turned")
    return [dcc.Store(id=f"sink-{name}") for name in sinks]


def _head() -> html.Header:
    copy = [_item(f"copy-{name}") for name in ("python", "command", "link")]
    save = [_item(f"save-{name}") for name in ("run", "picture", "page")]
    buttons = [
        _button("undo", "subtle"), _menu("copy", copy), _menu("save", save),
        _button("language", "subtle"), _button("theme", "subtle", "◐"),
    ]  # fmt: skip
    name = html.H1(["Ravine ", html.Span(_TEXTS["title"], id="text-title", className="quiet")])
    said = html.Div("", id="said", role="status", className="quiet small")
    return html.Header([name, said, html.Div(buttons, className="row")])


def _side() -> html.Section:
    return html.Section([_formula(), _data(), _descent()], id="side")


def _formula() -> html.Div:
    preview = dcc.Markdown("", id="preview", mathjax=True, className="preview")
    return html.Div(
        [
            _label("formula"),
            dmc.Textarea(
                id="formula",
                value="",
                autosize=True,
                minRows=1,
                maxRows=5,
                spellCheck=False,
                size="md",
                className="code",
            ),
            html.Div(preview, id="preview-box"),
            html.Pre("", id="trouble", className="trouble", role="alert"),
            _label("example"),
            dmc.Select(id="example", data=[], searchable=True, nothingFoundMessage="–", maxDropdownHeight=360),
        ],
        className="card",
    )


def _data() -> html.Div:
    drop = dcc.Upload(
        html.Span(_TEXTS["upload"], id="text-upload"), id="upload", className="upload", multiple=False,
        max_size=quotas.UPLOAD_BYTES,
    )  # fmt: skip
    models = [{"value": name, "label": name.replace("_", " ")} for name in gallery.ready_names()]
    own = html.Div(
        [
            html.Div([html.Div([_label("column-x"), dmc.Select(id="column-x", data=[])]),
                      html.Div([_label("column-y"), dmc.Select(id="column-y", data=[])])], className="pair"),
            _label("model"), dmc.Select(id="model", data=models, value="line", searchable=True),
            _button("apply", "light"),
        ],
        id="own", hidden=True,
    )  # fmt: skip
    sketch = html.Div(
        [_label("noise"), _slider("noise", 0.0, 1.0, 0.01, 0.1), _button("again", "light")], id="sketch", hidden=True
    )
    draw = html.Div(dmc.Switch(id="draw", label=_TEXTS["draw"], checked=False, size="sm"), id="drawing", hidden=True)
    about = html.Div(id="about-data", className="quiet")
    return html.Div(
        [html.H2(_TEXTS["data"], id="text-data"), about, drop, own, sketch, draw], className="card",
    )  # fmt: skip


def _descent() -> html.Div:
    low, high = (-4.0, 1.0)
    return html.Div(
        [
            _label("optimizers"),
            dmc.MultiSelect(id="optimizers", data=list(states.OPTIMIZERS), value=["sgd"], maxValues=quotas.OPTIMIZERS),
            html.P(_TEXTS["optimizers-hint"], id="text-optimizers-hint", className="quiet small", hidden=True),
            _numbered("rate", low, high, 0.05, -1.0, 0.1),
            _numbered("steps", 0.0, 3.7, 0.05, 2.3, 200),
            html.Span(_TEXTS["starts"], id="text-starts", className="label"),
            html.Div(id="starts"),
            dmc.Switch(id="add", label=_TEXTS["add"], checked=False, size="sm"),
            _button("clear", "subtle"),
        ],
        className="card",
    )


def _stage() -> html.Section:
    way = html.Div(
        [
            html.Div(
                [
                    html.H2(_TEXTS["way"], id="text-way"),
                    html.Div(
                        [
                            _button("zoom-out", "subtle", "−"),
                            _button("zoom-in", "subtle", "+"),
                            _button("around", "subtle", "⤢"),
                        ],
                        className="row",
                    ),
                ],
                className="bar",
            ),
            html.P(_TEXTS["tagline"], id="text-tagline", className="quiet small"),
            _plot("way", tabIndex=0, role="application", **_named("way-label")),
        ],
        className="card way",
    )
    beside = html.Div(
        [_picture("fit"), _picture("loss")], className="beside",
    )  # fmt: skip
    return html.Section(
        [html.Div([way, beside], className="pictures"), _player(), html.P("", id="ends", role="status"), _panels()],
        id="stage",
    )


def _picture(name: str) -> html.Div:
    plot = _plot(name, role="img", **_named(name))
    return html.Div([html.H2(_TEXTS[name], id=f"text-{name}"), plot], className="card")


def _plot(name: str, **more: Any) -> html.Div:
    """Return a picture with a layer above it for what moves while it plays."""
    return html.Div(
        [html.Div(id=name, className="plot", **more), html.Div(id=f"{name}-marks", className="marks")],
        className="frame",
    )


def _player() -> html.Div:
    signs = {"first": "|◀", "back": "◁", "play": "▶", "forward": "▷"}
    return html.Div(
        [
            html.Div(
                [_button(name, "light" if name != "play" else "filled", sign) for name, sign in signs.items()],
                className="row",
            ),
            html.Div(id="scrubber"),
            html.Output("", id="where"),
        ],
        className="card player",
    )


def _panels() -> dmc.Tabs:
    names = ("step-title", "report", "basins")
    tabs = dmc.TabsList([dmc.TabsTab(html.Span(_TEXTS[name], id=f"text-{name}"), value=name) for name in names])
    step = html.Pre("", id="step-text", className="report", tabIndex=0)
    report = [
        html.P(_TEXTS["report-hint"], id="text-report-hint", className="quiet"), _button("report-start", "light"),
        html.Pre("", id="report-text", className="report", tabIndex=0, **_POLITE),
    ]  # fmt: skip
    basins = [
        html.P(_TEXTS["basins-hint"], id="text-basins-hint", className="quiet"),
        html.Div([_button(f"basins-{name}", "light") for name in ("start", "stop", "hide")], className="row"),
        html.Progress(id="basins-progress", max="3", value="0", hidden=True),
        html.P("", id="basins-where", role="status"),
        html.Pre("", id="basins-text", className="report", tabIndex=0),
    ]  # fmt: skip
    contents = {"step-title": step, "report": report, "basins": basins}
    return dmc.Tabs(
        [tabs, *[dmc.TabsPanel(part, value=name) for name, part in contents.items()]],
        id="panels",
        value="step-title",
        className="card",
    )


def _named(name: str) -> dict[str, Any]:
    """Return what says a part's name to those who can't see it."""
    return {"aria-label": _TEXTS[name]}


def _label(name: str) -> html.Label:
    return html.Label(_TEXTS[name], id=f"text-{name}", htmlFor=name, className="label")


def _button(name: str, variant: str, sign: str = "") -> dmc.Button:
    """Return a button; one with a sign says its name to those who can't see it."""
    if sign:
        return dmc.Button(sign, id=name, variant=variant, size="compact-md", **_named(name))
    return dmc.Button(html.Span(_TEXTS[name], id=f"text-{name}"), id=name, variant=variant, size="compact-md")


def _item(name: str) -> dmc.MenuItem:
    return dmc.MenuItem(html.Span(_TEXTS[name], id=f"text-{name}"), id=name, n_clicks=0)


def _menu(name: str, items: list[Any]) -> dmc.Menu:
    opener = dmc.MenuTarget(
        dmc.Button([html.Span(_TEXTS[name], id=f"text-{name}"), " ▾"], id=name, variant="subtle", size="compact-md")
    )
    return dmc.Menu([opener, dmc.MenuDropdown(items)], id=f"menu-{name}")


def _slider(name: str, low: float, high: float, step: float, value: float) -> dmc.Slider:
    return dmc.Slider(
        id=name, min=low, max=high, step=step, value=value, label=None, thumbLabel=_TEXTS[name], updatemode="drag"
    )


def _numbered(name: str, low: float, high: float, step: float, power: float, value: float) -> html.Div:
    """Return a slider over powers of ten with the number itself beside it."""
    least, most = states.RATES if name == "rate" else (1, quotas.STEPS)
    number = dmc.NumberInput(
        id=f"{name}-number", value=value, min=least, max=most, hideControls=True, size="xs",
        allowDecimal=name == "rate",
        allowNegative=False, decimalScale=6, w=84, **_named(name),
    )  # fmt: skip
    return html.Div([html.Div([_label(name), number], className="bar"), _slider(name, low, high, step, power)])
