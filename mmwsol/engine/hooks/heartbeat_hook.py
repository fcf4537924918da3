"""Several processes notice when one of them hangs."""

import os
import socket
from datetime import timedelta
from threading import Event, Thread

from mmengine.dist import get_dist_info
from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from torch.distributed import TCPStore

DONE = 'done'


@HOOKS.register_module()
class HeartbeatHook(Hook):
    """Ends a run of several processes when one is not heard of any more, and says which.

    A launcher notices processes that end, but not those that are stopped, wait for a disk or
    are on a machine that is gone; the others would wait for ``env_cfg.dist_cfg.timeout``,
    and the launcher would name one of them. A thread of each process leaves signs of life
    in the store where the processes found each other, and looks for those of the next one.

    Args:
        interval: Seconds between two signs.
        patience: Signs missed in a row until the run is ended; 0 to do nothing.
    """

    def __init__(self, interval: float = 5, patience: int = 9) -> None:
        self.interval = interval
        self.patience = patience
        self.ended = Event()
        self.threads: list[Thread] = []
        self.seen = ''  # of the next process
        self.answers = 0  # of the store

    def before_run(self, runner: Runner) -> None:
        if (
            get_dist_info()[1] == 1
            or not self.patience
            or 'MASTER_PORT' not in os.environ
        ):
            return
        self.ended.clear()
        # daemons, since the first may wait for the store forever
        self.threads = [
            Thread(target=t, daemon=True) for t in (self._beat, self._watch)
        ]
        for thread in self.threads:
            thread.start()

    def after_run(self, runner: Runner) -> None:
        self.ended.set()
        for thread in self.threads:  # in the store at exit, one would abort the process
            thread.join(timeout=10)

    def _beat(self) -> None:
        rank, world_size = get_dist_info()
        host, port = os.environ['MASTER_ADDR'], int(os.environ['MASTER_PORT'])
        # processes that were started again may share the store with those before them
        attempt = os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')
        own, other = (f'beat/{attempt}/{r}' for r in (rank, (rank + 1) % world_size))
        beats = 0
        try:
            store = TCPStore(
                host, port, timeout=timedelta(minutes=1), wait_for_workers=False
            )
            while not self.ended.wait(self.interval):
                beats += 1
                store.set(own, f'{beats} on {socket.gethostname()}, pid {os.getpid()}')
                if store.check([other]):
                    self.seen = store.get(other).decode()
                self.answers += 1
            store.set(own, DONE)
        except RuntimeError:  # the store is gone, which the other thread notices
            return

    def _watch(self) -> None:
        answers, seen, missed = 0, '', 0
        # counts looks, not seconds: who was stopped himself has not looked either
        while missed < self.patience:
            if self.ended.wait(self.interval):
                return
            answered = self.answers > answers
            silent = not answered or self.seen == seen != ''
            missed = missed + 1 if silent and self.answers and self.seen != DONE else 0
            answers, seen = self.answers, self.seen
        rank, world_size = get_dist_info()
        lost = f'process {(rank + 1) % world_size} of {world_size} (sign {seen})'
        if not answered:
            place = f'{os.environ["MASTER_ADDR"]}:{os.environ["MASTER_PORT"]}'
            lost = f'{place}, which process 0 or the launcher keeps,'
        MMLogger.get_current_instance().error(
            f'Nothing was heard of {lost} for {self.patience * self.interval:g} s: it hangs, '
            'was stopped, or is on a machine that is gone. Ends the run; go on with --resume.'
        )
        os._exit(1)  # the main thread may wait for that process
