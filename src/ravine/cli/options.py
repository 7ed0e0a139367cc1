"""Options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Formula = Annotated[str, typer.Argument(help="'y = a*x + b' with a table; '(x - 50)**2' without.")]
Table = Annotated[
    Path | None, typer.Argument(help="CSV, TSV, Parquet, NPZ or Excel; without it the formula is minimized.")
]
Start = Annotated[list[str] | None, typer.Option(help="Where to begin: a=2,b=4.5. Repeat for several starts.")]
Grid = Annotated[str | None, typer.Option(help="A grid of starts: a=-2:7:10,b=-2:7:10.")]
Random = Annotated[
    str | None,
    typer.Option(help="Random starts: normal:COUNT, normal:COUNT:SCALE or uniform:COUNT (with --box)."),
]
Box = Annotated[str | None, typer.Option(help="The box of uniform starts: a=-2:7,b=-2:7.")]
Steps = Annotated[int, typer.Option(help="The most steps.")]
Loss = Annotated[
    str | None,
    typer.Option(help="mse, half_sse, sse, mae, huber, log_cosh, cauchy, or a Keras loss. Default: mse."),
]
Sigma = Annotated[str | None, typer.Option(help="Column (or number) with the standard deviation of each row.")]
Bounds = Annotated[str | None, typer.Option(help="b=0:,a=-1:1; an empty side is open.")]
Seed = Annotated[int, typer.Option(help="Of random starts.")]
Dtype = Annotated[Literal["float32", "float64"], typer.Option(help="How exactly to compute.")]
StopGradient = Annotated[float, typer.Option(help="Converged when no slope is larger; 0: only where all is flat.")]
NanPolicy = Annotated[
    Literal["raise", "omit"], typer.Option(help="Refuse rows with missing values, or leave them out.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
