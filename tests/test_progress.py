"""Progress: a bar on long work at a terminal only."""

import io

import pytest

import ravine as rv
from ravine import progress
from ravine.progress import Progress


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose only element is what the clock shows."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def stderr(monkeypatch):
    """Return a function that puts a stream in the place of standard error, during the test itself."""

    def put(stream):
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        return stream

    return put


def test_short_work_shows_nothing(clock, stderr):
    terminal = stderr(_Terminal())
    with Progress(100) as bar:
        clock[0] = 0.9
        bar.show(100, 1.0)
    assert terminal.getvalue() == ""


def test_long_work_shows_steps_and_loss_and_wipes_them_away(clock, stderr):
    terminal = stderr(_Terminal())
    with Progress(100) as bar:
        clock[0] = 1.5
        bar.show(40, 0.25)
        bar._bar.refresh()
        assert "40/100" in terminal.getvalue()
        assert "loss 0.25" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")


def test_the_total_may_grow_before_the_bar_appears(clock, stderr):
    terminal = stderr(_Terminal())
    with Progress(100) as bar:
        bar.total *= 3
        clock[0] = 1.5
        bar.show(40, float("nan"))
        bar._bar.refresh()
    assert "40/300" in terminal.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_without_a_terminal_nothing_is_shown(clock, stderr, stream):
    stderr(stream)
    with Progress(100) as bar:
        clock[0] = 100
        bar.show(40, 0.25)
    assert stream is None or stream.getvalue() == ""


@pytest.mark.parametrize("enabled", [True, False])
def test_the_caller_decides(clock, stderr, enabled):
    stderr(io.StringIO())
    with Progress(100, enabled=enabled) as bar:
        clock[0] = 100
        bar.show(40, 0.25)
    assert (bar._bar is not None) is enabled


def test_the_bar_goes_when_the_work_breaks_off(clock, stderr):
    terminal = stderr(_Terminal())
    with pytest.raises(KeyboardInterrupt), Progress(100) as bar:
        clock[0] = 2
        bar.show(40, 0.25)
        raise KeyboardInterrupt
    assert "\x1b[?25h" in terminal.getvalue()  # the cursor is back


def test_starts_that_come_one_after_the_other_add_up(clock, stderr):
    stderr(_Terminal())
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Progress, "show", lambda self, done, loss: seen.append(self.behind + done))
        rv.descend("x**2", [{"x": 1}, {"x": 2}], "lamb", steps=5, callback=lambda seen: None)
    assert seen == sorted(seen)
