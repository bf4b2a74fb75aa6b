"""Jobs done side by side, in processes that end with the one that started them, however it ends.

The processes are started afresh, since forked ones would share the locks of JAX's threads. Each
does one job after the other. One that dies, such as for want of memory, loses its job alone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from jaxent.app import devices
from jaxent.app.errors import InputError, told
from jaxent.app.progress import Progress
from jaxent.app.results import Failed

Job = TypeVar("Job")
Do = Callable[[Job, Progress], Any]
Heard = Callable[[Job, str, float], None]

_SAID, _DONE, _FAILED = "said", "done", "failed"
_PATIENCE = 5.0  # seconds that a process may take to end


def done(
    jobs: Sequence[Job], do: Do[Job], processes: int, heard: Heard[Job]
) -> Generator[tuple[Job, Any]]:
    """Each job with what became of it, as they are finished; close it to end what is not.

    Args:
        jobs: the jobs, begun in this order.
        do: does one and tells how far it is; a function of a module, and it and the jobs can be
            pickled.
        processes: how many work at the same time; one is this process itself.
        heard: told of a job what is being done and how far it is.

    Yields:
        A job, and what ``do`` returned or the exception that it raised.
    """
    processes = min(processes, len(jobs))
    return (
        _side_by_side(jobs, do, processes, heard) if processes > 1 else _one_by_one(jobs, do, heard)
    )


def in_words(error: Exception) -> str:
    """What went wrong in a job; the kind of error, too, where its text alone says little."""
    plain = isinstance(error, InputError | RuntimeError | ValueError | OSError | MemoryError)
    return told(error) if plain else f"{type(error).__name__}: {error}"


def _one_by_one(jobs: Sequence[Job], do: Do[Job], heard: Heard[Job]) -> Generator[tuple[Job, Any]]:
    for job in jobs:

        def tell(stage: str, fraction: float, job: Job = job) -> None:
            heard(job, stage, fraction)

        try:
            outcome = do(job, tell)
        except Exception as error:  # the others are done all the same
            outcome = error
        yield job, outcome


def _side_by_side(
    jobs: Sequence[Job], do: Do[Job], processes: int, heard: Heard[Job]
) -> Generator[tuple[Job, Any]]:
    left = list(jobs)
    workers: list[_Worker] = []
    busy: list[_Worker] = []

    def next_job(worker: _Worker | None = None) -> None:
        """Have a process do the next job: one that is idle, or a new one."""
        if left:
            if worker is None:
                workers.append(worker := _Worker.start(do))
            worker.give(left.pop(0))
            busy.append(worker)

    try:
        for _ in range(processes):
            next_job()
        while busy:
            ready = wait([worker.connection for worker in busy])
            for worker in [worker for worker in busy if worker.connection in ready]:
                kind, content = worker.answer()
                if kind == _SAID:
                    heard(worker.job, *content)
                    continue
                busy.remove(worker)
                job = worker.job
                next_job(None if worker.lost else worker)
                yield job, _failure(*content) if kind == _FAILED else content
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join(_PATIENCE)


def _failure(words: str, trace: str = "") -> Failed:
    error = Failed(words)
    if trace:
        error.add_note(trace)
    return error


@dataclass
class _Worker:
    """A process that does jobs, and what the first process needs to talk to it."""

    process: Any
    connection: Connection
    job: Any = None
    lost: bool = False

    @classmethod
    def start(cls, do: Do[Any]) -> _Worker:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(there, do, devices.chosen()))
        process.start()
        # Its own end alone is left, so that the loss of the process is the end of what it says.
        there.close()
        return cls(process, here)

    def give(self, job: Any) -> None:
        self.job = job
        with contextlib.suppress(OSError):  # it is lost, as its answer will say
            self.connection.send(job)

    def answer(self) -> tuple[str, Any]:
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.lost = True
            self.process.join(_PATIENCE)
            code = self.process.exitcode
            signalled = f"signal {-code}" if code and code < 0 else f"exit code {code}"
            hint = "; too little memory ends processes so" if code == -signal.SIGKILL else ""
            return _FAILED, (f"its process ended with {signalled}{hint}",)


def _work(connection: Connection, do: Do[Any], platforms: str | None) -> None:
    """What a process does from its start to its end."""
    # An interrupt ends it at once; what is to be said about it, the first process says.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    devices.use(None, shared=True)
    devices.choose(platforms)
    from jaxent.compilation import keep_compiled

    keep_compiled()

    def tell(stage: str, fraction: float) -> None:
        connection.send((_SAID, (stage, fraction)))

    with contextlib.suppress(EOFError, BrokenPipeError):  # nobody listens any more
        while True:
            job = connection.recv()
            try:
                answer = _DONE, do(job, tell)
            except Exception as error:  # the first process reports it
                answer = _FAILED, (in_words(error), traceback.format_exc())
            connection.send(answer)


def _end_with_parent() -> None:
    """End this process, whatever it is doing, as soon as the one that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
