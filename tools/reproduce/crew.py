"""Jobs side by side, step after step, until they are done or time is up."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import torch

from tools.reproduce.check import note_settings
from tools.reproduce.plan import Job, Step

GRACE = 120.0
"""Seconds that a process has to save and end."""
TIME_IS_UP = 75
"""Exit code that batch systems take for a request to start again."""
INTERVAL = 0.2
"""Seconds between looks at the processes."""
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == 'linux' else None


class Process(Protocol):
    """What is needed of :class:`subprocess.Popen`."""

    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Stopped(Exception):
    """Time is up, or a signal came: what was running has saved and ended."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def start(
    command: list[str], output: Path, environment: dict[str, str], lock: int
) -> Process:
    """Starts Python in a new process.

    It is told to end (SIGTERM) when this process dies, on Linux; a signal from the keyboard
    does not reach it.

    Args:
        command: The arguments of Python.
        output: The file that gets what it prints, after what is there.
        environment: Variables in addition to this process's.
        lock: The descriptor of the folder's lock, which it keeps until it ends.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open('ab') as stream:
        return subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            pass_fds=[lock],
            preexec_fn=_end_with_parent if _LIBC else None,
        )


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class _Active(NamedTuple):
    job: Job
    step: Step
    rest: Iterator[Step]
    process: Process
    output: Path

    @property
    def title(self) -> str:
        return f'{self.job.title}, {self.step.what}'


class Crew:
    """Does what is not done yet; SIGTERM and Ctrl-C stop it.

    Args:
        args: The command line: ``jobs`` is how many work at once, and ``max_hours`` how
            long.
        lock: The descriptor of the folder's lock, as :func:`start` needs it.
        start: Starts a process.
    """

    def __init__(
        self, args: Namespace, lock: int, start: Callable[..., Process] = start
    ) -> None:
        self.size = args.jobs
        hours = args.max_hours or float('inf')
        self.deadline = time.monotonic() + 3600 * hours
        self.lock, self.start, self.signal = lock, start, 0

    def __enter__(self) -> 'Crew':
        numbers = (signal.SIGTERM, signal.SIGINT)
        self.former = {n: signal.signal(n, self._note) for n in numbers}
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self.former.items():
            signal.signal(number, handler)

    def call(self, command: list[str], output: Path, title: str) -> int:
        """Waits for one process alone; gives its exit code."""
        output.unlink(missing_ok=True)
        process = self.start(command, output, {}, self.lock)
        while process.poll() is None:
            self._pause({title: process})
        return process.poll()

    def work(self, jobs: list[Job]) -> dict[str, Path]:
        """Does all steps that are not done.

        Returns:
            Titles of the steps that failed, and the file of what each printed. The steps
            after it are left out.
        """
        waiting, failed = list(jobs), {}
        places: list[_Active | None] = [None] * self.size
        while waiting or any(places):
            for place, active in enumerate(places):
                if active is None and waiting:
                    job = waiting.pop(0)
                    note_settings(job)
                    places[place] = self._next(job, iter(job.steps), place)
                elif active is not None and active.process.poll() is not None:
                    code = active.process.poll()
                    if code == 0 and active.step.is_done():
                        places[place] = self._next(active.job, active.rest, place)
                        continue
                    reason = f'exit code {code}' if code else 'it left no whole result'
                    say(f'FAILED {active.title} ({reason}), see {active.output}')
                    failed[active.title] = active.output
                    places[place] = None
            self._pause({a.title: a.process for a in places if a})
        return failed

    def _next(self, job: Job, steps: Iterator[Step], place: int) -> _Active | None:
        step = next((step for step in steps if not step.is_done()), None)
        if step is None:
            return None
        output = job.folder / f'{step.what}.txt'
        process = self.start(step.command, output, self._environment(place), self.lock)
        active = _Active(job, step, steps, process, output)
        say(f'{active.title}: see {output}')
        return active

    def _environment(self, place: int) -> dict[str, str]:
        """Each place its GPU, or its share of the cores."""
        if self.size == 1:
            return {}
        given = os.environ.get('CUDA_VISIBLE_DEVICES')
        devices = given.split(',') if given else range(torch.cuda.device_count())
        if devices:
            return {'CUDA_VISIBLE_DEVICES': str(devices[place % len(devices)])}
        threads = max(1, (os.cpu_count() or 1) // self.size)
        return {'OMP_NUM_THREADS': os.environ.get('OMP_NUM_THREADS', str(threads))}

    def _pause(self, running: dict[str, Process]) -> None:
        """Waits a little, or tells all to save and end when it is time to."""
        late = time.monotonic() > self.deadline
        if not (late or self.signal):
            time.sleep(INTERVAL)
            return
        reason = signal.Signals(self.signal).name if self.signal else 'time is up'
        say(f'Stops ({reason}): {"; ".join(running) or "nothing"}')
        for process in running.values():
            process.terminate()
        deadline = time.monotonic() + GRACE
        while any(process.poll() is None for process in running.values()):
            if time.monotonic() > deadline:
                for process in running.values():
                    process.kill()
            time.sleep(0.1)
        raise Stopped(128 + self.signal if self.signal else TIME_IS_UP)

    def _note(self, number: int, frame: object) -> None:
        self.signal = number


def say(line: str) -> None:
    print(line, flush=True)
