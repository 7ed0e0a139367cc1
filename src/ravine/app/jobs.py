"""Jobs: work of many pages at once, in lanes, each with its own threads, places in the queue and time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

from ravine.app.descents import Abandoned, Check
from ravine.errors import RavineError

Answer = TypeVar("Answer")

_LOOK = 0.05  # seconds between two looks whether somebody still waits


class Busy(RavineError):
    """The server does what it can already; asking again later helps."""


class Lane:
    """Threads for one kind of work.

    Parameters
    ----------
    name
        Of its threads.
    workers
        How many jobs run at once.
    queue
        How many more may wait.
    seconds
        How long one may take, waiting included.
    """

    def __init__(self, name: str, workers: int, queue: int, seconds: float) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._places = threading.Semaphore(workers + queue)
        self.seconds = seconds
        self._closing = threading.Event()

    def run(self, work: Callable[[Check], Answer], is_gone: Callable[[], bool] = lambda: False) -> Answer:
        """Return what the work returns.

        It is given a check that it calls now and then, which raises `Abandoned` once nobody waits any more. Work that
        never calls it keeps its thread until it's done, but not the one who waits.

        Raises
        ------
        Busy
            If too many jobs wait already, or this one takes too long.
        Abandoned
            If the one who asked is gone.
        """
        if not self._places.acquire(blocking=False):
            raise Busy("The server is busy with other pages. Try again in a few seconds.")
        until = time.monotonic() + self.seconds
        ended = threading.Event()

        def check() -> None:
            if ended.is_set() or self._closing.is_set() or time.monotonic() > until:
                raise Abandoned

        try:
            future = self._pool.submit(_begun, work, check)
        except RuntimeError:  # the pool is closed
            self._places.release()
            raise Busy("The server is stopping.") from None
        future.add_done_callback(lambda _: self._places.release())
        try:
            while True:
                try:
                    return future.result(min(_LOOK, self.seconds))
                except Late:
                    if future.done():
                        raise
                    self._look(until, is_gone)
                except Abandoned:
                    raise self._late() from None
        finally:
            ended.set()
            future.cancel()

    def close(self) -> None:
        """Take no more work, and tell what runs to end."""
        self._closing.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self, until: float, is_gone: Callable[[], bool]) -> None:
        if is_gone() or self._closing.is_set():
            raise Abandoned
        if time.monotonic() > until:
            raise self._late()

    def _late(self) -> Busy:
        return Busy(
            f"This took longer than the {self.seconds:g} seconds a page may have. Take fewer steps, starts or points, "
            "a simpler formula, or the ravine command."
        )


def _begun(work: Callable[[Check], Any], check: Check) -> Any:
    check()
    return work(check)
