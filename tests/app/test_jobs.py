import threading
import time

import pytest

from ravine.app.descents import Abandoned
from ravine.app.jobs import Busy, Lane
from ravine.app.replies import basins


@pytest.fixture
def lane():
    made = Lane("test", workers=2, queue=1, seconds=0.4)
    yield made
    made.close()


def test_work_is_answered(lane):
    assert lane.run(lambda check: 42) == 42


def test_errors_of_the_work_arrive(lane):
    with pytest.raises(ZeroDivisionError):
        lane.run(lambda check: 1 / 0)


def test_who_asks_waits_no_longer_than_the_lane_allows(lane):
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(Busy, match=r"0\.4 seconds"):
        lane.run(lambda check: release.wait(20))
    assert time.monotonic() - began < 10
    assert lane.run(lambda check: "another page is answered meanwhile")
    release.set()


def test_work_that_looks_up_ends_when_the_browser_is_gone():
    lane, ended = Lane("test", 1, 1, 60.0), threading.Event()

    def work(check):
        try:
            while True:
                check()
                time.sleep(0.01)
        finally:
            ended.set()

    with pytest.raises(Abandoned):
        lane.run(work, is_gone=lambda: True)
    assert ended.wait(10)
    lane.close()


def test_a_full_lane_says_so():
    lane, release = Lane("test", 1, 0, 60.0), threading.Event()
    thread = threading.Thread(target=lambda: lane.run(lambda check: release.wait(20)))
    thread.start()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            lane.run(lambda check: time.sleep(0.01))
        except Busy as busy:
            assert "busy" in str(busy)
            break
    else:
        pytest.fail("never full")
    release.set()
    thread.join()
    lane.close()


def test_a_closed_lane_takes_no_work():
    lane = Lane("test", 1, 0, 60.0)
    lane.close()
    with pytest.raises((Busy, Abandoned)):
        lane.run(lambda check: 1)


def test_a_map_of_basins_ends_soon_after_its_browser_is_gone():
    asked, looks = {"formula": "(x**2 - 1)**2 + y**2", "plane": [["x", -2, 2], ["y", -2, 2]], "steps": 400}, []

    def check():
        looks.append(time.monotonic())
        if len(looks) > 1:
            raise Abandoned

    with pytest.raises(Abandoned):
        basins({"state": asked, "stage": 2}, check)
    assert len(looks) == 2  # of about five, one for each stretch of steps
