import threading

import pytest

from ravine.app.descents import Abandoned
from ravine.app.jobs import Busy, Lane
from ravine.app.replies import basins


@pytest.fixture
def lane(until):
    """Return a function that opens a lane; work in it may take as long as tests have patience."""
    opened = []

    def call(workers=1, queue=1, seconds=until.patience):
        opened.append(Lane("test", workers, queue, seconds))
        return opened[-1]

    yield call
    for each in opened:
        each.close()


@pytest.fixture
def release():
    """Return an event that work waits for; a test that fails lets it go too."""
    event = threading.Event()
    yield event
    event.set()


def test_work_is_answered(lane):
    assert lane().run(lambda check: 42) == 42


def test_errors_of_the_work_arrive(lane):
    with pytest.raises(ZeroDivisionError):
        lane().run(lambda check: 1 / 0)


def test_who_asks_waits_no_longer_than_the_lane_allows(lane, release, until):
    slow = lane(workers=2, seconds=0.4)
    with pytest.raises(Busy, match=r"0\.4 seconds"):
        slow.run(lambda check: release.wait())  # which nobody has let go on by then
    slow.seconds = until.patience
    assert slow.run(lambda check: "another page is answered meanwhile")


def test_work_that_looks_up_ends_when_the_browser_is_gone(lane, until):
    begun, ended = threading.Event(), threading.Event()

    def work(check):
        begun.set()
        try:
            while True:
                check()
        finally:
            ended.set()

    with pytest.raises(Abandoned):
        lane().run(work, is_gone=begun.is_set)
    until(ended.is_set, what="the end of the work")


def test_a_full_lane_says_so(lane, release, until):
    full, begun = lane(queue=0), threading.Event()
    thread = threading.Thread(target=lambda: full.run(lambda check: begun.set() or release.wait()))
    thread.start()
    until(begun.is_set, what="the work that fills the lane")
    with pytest.raises(Busy, match="busy"):
        full.run(lambda check: 1)
    release.set()
    thread.join()


def test_a_closed_lane_takes_no_work(lane):
    closed = lane(queue=0)
    closed.close()
    with pytest.raises((Busy, Abandoned)):
        closed.run(lambda check: 1)


def test_a_map_of_basins_ends_soon_after_its_browser_is_gone():
    asked, looks = {"formula": "(x**2 - 1)**2 + y**2", "plane": [["x", -2, 2], ["y", -2, 2]], "steps": 400}, []

    def check():
        looks.append("one more")
        if len(looks) > 1:
            raise Abandoned

    with pytest.raises(Abandoned):
        basins({"state": asked, "stage": 2}, check)
    assert len(looks) == 2  # of about five, one for each stretch of steps
