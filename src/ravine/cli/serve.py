"""``ravine serve``."""

from __future__ import annotations

from typing import Annotated

import typer

_EPILOG = """
[bold]Examples[/bold]

  ravine serve
  ravine serve --port 9000 --no-browser

  For others in the same network (they can use this machine's processor):
  ravine serve --host 192.168.1.20
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; by default this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes any free one.")] = 8050,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many descents are computed at once.")] = 4,
) -> None:
    """Open the playground: formulas, data, starts and optimizers under the pointer."""
    from ravine.app import serving

    def ready(address: str) -> None:
        print(f"Listening on {address}", flush=True)
        if browser:
            import webbrowser

            webbrowser.open(address)

    serving.serve(host, port, workers, ready)
