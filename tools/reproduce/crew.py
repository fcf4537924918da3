"""Runs beside each other, step after step, until they are done or time is up."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tools.reproduce.processes import Process, end_all, start
from tools.reproduce.progress import Progress
from tools.reproduce.steps import Step

Start = Callable[[list[str], Path, dict[str, str], int], Process]
INTERVAL = 0.2
"""Seconds between looks at the processes."""
PAUSE = 2.0
"""Seconds between looks at a log."""


class Stopped(Exception):
    """Time is up, or a signal came: what was running has saved and ended."""


class Crew:
    """Does the steps of runs that are not done yet; SIGTERM and Ctrl-C stop it.

    Args:
        lock: Of the folder, as for :func:`tools.reproduce.processes.start`.
        jobs: How many runs at once; they share out the GPUs.
        hours: After so many it stops.
        start: Starts a process.
        say: Gets every line of progress.
    """

    def __init__(
        self,
        lock: int,
        jobs: int = 1,
        hours: float | None = None,
        start: Start = start,
        say: Callable[[str], None] = print,
    ) -> None:
        self.lock = lock
        self.jobs = jobs
        self.deadline = time.monotonic() + hours * 3600 if hours else None
        self.start = start
        self.say = say
        self.signal = 0
        self.former: dict[int, object] = {}

    def __enter__(self) -> 'Crew':
        for number in (signal.SIGTERM, signal.SIGINT):
            self.former[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self.former.items():
            signal.signal(number, handler)

    def call(self, command: list[str], output: Path, title: str) -> int:
        """One process alone; its exit code."""
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(b'')
        process = self.start(command, output, {}, self.lock)
        while process.poll() is None:
            self._look([(title, process)])
            time.sleep(INTERVAL)
        return process.poll()

    def run(self, chains: list[list[Step]]) -> dict[str, str]:
        """All steps of all chains that are not done.

        Returns:
            Titles of the steps that failed, and the file of what each printed. The steps
            after it are left out.
        """
        waiting = [
            (number, iter(steps)) for number, steps in enumerate(chains, start=1)
        ]
        self.total = len(chains)
        active: list[_Active | None] = [None] * self.jobs
        failed: dict[str, str] = {}
        while waiting or any(active):
            for slot, current in enumerate(active):
                if current is None and waiting:
                    active[slot] = self._next(*waiting.pop(0), slot)
                elif current is not None:
                    active[slot] = self._followed(current, slot, failed)
            self._look([(a.step.title, a.process) for a in active if a])
            time.sleep(INTERVAL)
        return failed

    def _next(self, number: int, steps, slot: int) -> '_Active | None':
        step = next((s for s in steps if not s.is_done()), None)
        if step is None:
            return None
        self.say(f'[{number} of {self.total}] {step.title}')
        output = step.folder / 'output.txt'
        process = self.start(step.command, output, self._environment(slot), self.lock)
        return _Active(number, step, steps, process, output)

    def _followed(
        self, current: '_Active', slot: int, failed: dict[str, str]
    ) -> '_Active | None':
        """What is at hand after a look at it: itself, the next step, or nothing."""
        code = current.process.poll()
        for line in current.news(at_once=code is not None):
            self.say(line)
        if code is None:
            return current
        if code == 0 and current.step.is_done():
            return self._next(current.number, current.steps, slot)
        reason = f'exit code {code}' if code else 'it left no whole result'
        failed[current.step.title] = str(current.output)
        self.say(f'FAILED {current.step.title} ({reason}), see {current.output}')
        return None

    def _environment(self, slot: int) -> dict[str, str]:
        """Each place its GPU, or its share of the cores."""
        if self.jobs == 1:
            return {}
        given = os.environ.get('CUDA_VISIBLE_DEVICES')
        devices = given.split(',') if given else range(torch.cuda.device_count())
        if devices:
            return {'CUDA_VISIBLE_DEVICES': str(devices[slot % len(devices)])}
        threads = max(1, (os.cpu_count() or 1) // self.jobs)
        return {'OMP_NUM_THREADS': os.environ.get('OMP_NUM_THREADS', str(threads))}

    def _look(self, running: list[tuple[str, Process]]) -> None:
        """Stops everything if it is time to."""
        late = self.deadline is not None and time.monotonic() > self.deadline
        if not (late or self.signal):
            return
        reason = signal.Signals(self.signal).name if self.signal else 'time is up'
        names = '; '.join(title for title, _ in running) or 'nothing'
        self.say(f'Stops ({reason}): {names}')
        end_all([process for _, process in running])
        raise Stopped(reason)

    def _note(self, number: int, frame: object) -> None:
        self.signal = number


class _Active:
    """A step at hand."""

    def __init__(self, number, step: Step, steps, process: Process, output: Path):
        self.number, self.step, self.steps = number, step, steps
        self.process, self.output = process, output
        trains = step.what == 'training'
        self.progress = (
            Progress(step.title, step.folder, step.epochs) if trains else None
        )

        self.looked = time.monotonic()

    def news(self, at_once: bool) -> list[str]:
        if not self.progress or not (at_once or time.monotonic() > self.looked + PAUSE):
            return []
        self.looked = time.monotonic()
        return self.progress.news()
