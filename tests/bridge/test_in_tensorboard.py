"""The real TensorBoard over our event files, in a real browser: something is seen in every tab."""

import contextlib
import socket
import threading
from types import SimpleNamespace

import numpy as np
import pytest

import ravine as rv
from ravine.bridge import server

_PATIENCE = 240_000  # milliseconds: other tests keep the machine busy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serve a run and a sweep, and return where."""
    logs = tmp_path_factory.mktemp("logs")
    run = rv.descend("(x - 1)**2 + 3*(y + 2)**2", {"x": 4, "y": 3}, learning_rate=0.1, steps=12)
    rv.to_tensorboard(run, logs / "bowl")
    rv.to_tensorboard(rv.sweep("(x - 2)**2", [0.05, 0.25], ["sgd"], {"x": 6}, steps=20), logs / "rates")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    started, ended, seen = threading.Event(), threading.Event(), SimpleNamespace(address="")

    def ready(address):
        seen.address = address
        started.set()
        ended.wait()
        raise KeyboardInterrupt

    thread = threading.Thread(target=server.serve, args=(logs, "127.0.0.1", port, ready))
    thread.start()
    assert started.wait(300)
    yield seen.address
    ended.set()
    thread.join(30)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 2).close()


@pytest.fixture(scope="module")
def page(browser, address):
    with contextlib.closing(browser.new_page(viewport={"width": 1400, "height": 900})) as page:
        page.set_default_timeout(_PATIENCE)
        page.goto(address)
        yield page


def open_tab(page, address, name):
    page.goto(f"{address}/#{name}")
    page.reload()


def test_scalars(page, address):
    open_tab(page, address, "timeseries")
    page.get_by_text("gradient norm").first.wait_for()
    page.locator("scalar-card path, scalar-card canvas").first.wait_for(state="attached")


def test_images(page, address):
    open_tab(page, address, "images")
    page.get_by_text("tag: film").first.wait_for()
    image = page.locator("tf-image-loader img").first
    image.wait_for(state="attached")
    page.wait_for_function("image => image.naturalWidth === 960", arg=image.element_handle())


def test_texts(page, address):
    open_tab(page, address, "text")
    page.get_by_text("What the optimizer makes of it").first.wait_for()


def test_the_mesh(page, address):
    open_tab(page, address, "mesh")
    page.locator("tf-mesh-loader canvas").first.wait_for()
    page.wait_for_timeout(3000)
    picture = picture_of(page)
    red = (picture[..., 0] > 190) & (picture[..., 1] < 60) & (picture[..., 2] < 70)
    assert red.sum() > 200  # the path on the surface


def test_hyperparameters(page, address):
    open_tab(page, address, "hparams")
    page.get_by_text("learning_rate").first.wait_for()
    page.get_by_text("sgd/rate-0.25").first.wait_for()


def picture_of(page):
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), int)
