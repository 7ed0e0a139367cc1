"""The real TensorBoard over our event files, in a real browser: something is seen in every tab."""

import contextlib
import socket
import threading
import urllib.request

import numpy as np
import pytest

import ravine as rv
from ravine import listening
from ravine.bridge import server

pytestmark = pytest.mark.slow

_LOADED = {"scalars": "rates/sgd/rate-0.25", "images": "film", "text": "explanation", "mesh": "loss surface"}


def tags(address, kind, until):
    """Return what TensorBoard has of a kind so far."""
    with urllib.request.urlopen(f"{address}/data/plugin/{kind}/tags", timeout=until.patience) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def address(tmp_path_factory, until):
    """Serve a run and a sweep, and return where."""
    logs = tmp_path_factory.mktemp("logs")
    run = rv.descend("(x - 1)**2 + 3*(y + 2)**2", {"x": 4, "y": 3}, learning_rate=0.1, steps=12)
    rv.to_tensorboard(run, logs / "bowl")
    rv.to_tensorboard(rv.sweep("(x - 2)**2", [0.05, 0.25], ["sgd"], {"x": 6}, steps=20), logs / "rates")
    ended, seen = threading.Event(), []

    def ready(address):
        seen.append(address)
        ended.wait()
        raise KeyboardInterrupt

    with listening.held("127.0.0.1", 0, "tensorboard") as port:
        thread = threading.Thread(target=server.serve, args=(logs, "127.0.0.1", port, ready), daemon=True)
        thread.start()
        until(lambda: seen or not thread.is_alive(), what="TensorBoard")
        # Its pages show what was there when they opened.
        until(lambda: all(words in tags(seen[0], kind, until) for kind, words in _LOADED.items()), what="all results")
        yield seen[0]
        ended.set()
        until(lambda: not thread.is_alive(), what="the end of TensorBoard")
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), until.patience).close()


@pytest.fixture(scope="module")
def page(browser, until):
    with contextlib.closing(browser.new_page(viewport={"width": 1400, "height": 900})) as page:
        page.set_default_timeout(1000 * until.patience)
        yield page


def open_tab(page, address, name):
    page.goto("about:blank")  # from one tab to another the page wouldn't be loaded anew
    page.goto(f"{address}/#{name}")


def test_scalars(page, address, until):
    open_tab(page, address, "timeseries")
    until(page.get_by_text("gradient norm").first.is_visible, what="a scalar")
    until(page.locator("scalar-card path, scalar-card canvas").count, what="its curve")


def test_images(page, address, until):
    open_tab(page, address, "images")
    until(page.get_by_text("tag: film").first.is_visible, what="the film")
    images = page.locator("tf-image-loader img")
    until(lambda: images.evaluate_all("images => images[0]?.naturalWidth"), 960, what="a picture of it")


def test_texts(page, address, until):
    open_tab(page, address, "text")
    until(page.get_by_text("What the optimizer makes of it").first.is_visible, what="the text")


def test_the_mesh(page, address, until):
    open_tab(page, address, "mesh")
    until(page.locator("tf-mesh-loader canvas").first.is_visible, what="the mesh")
    until(lambda: red_of(page) > 200, what="the path on the surface")


def test_hyperparameters(page, address, until):
    open_tab(page, address, "hparams")
    until(page.get_by_text("learning_rate").first.is_visible, what="the learning rate")
    until(page.get_by_text("sgd/rate-0.25").first.is_visible, what="a run of the sweep")


def red_of(page):
    """Return how many points of the screen are red."""
    import io

    from PIL import Image

    picture = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), int)
    return ((picture[..., 0] > 190) & (picture[..., 1] < 60) & (picture[..., 2] < 70)).sum()
