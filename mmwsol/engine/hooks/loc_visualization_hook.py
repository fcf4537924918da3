"""Pictures of predictions during evaluation."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import BaseLoop, Runner
from mmengine.visualization import Visualizer
from mmpretrain.registry import HOOKS
from mmpretrain.structures import DataSample

from mmwsol.io.names import printable


@HOOKS.register_module()
class LocVisualizationHook(Hook):
    """Draws every so many evaluated images, with map, predicted and true box.

    Takes the place of the host's ``VisualizationHook``, which draws the class alone, and
    blue as red. Pictures that cannot be written are named at the end.

    Args:
        enable: Whether anything is drawn.
        interval: Draws the first image and every ``interval``-th after it.
        out_dir: Folder for the pictures; by default the visualizer's backends get them.
        show: Opens a window for each.
        threshold: Share of a map's maximum above which its box lies; None for Otsu's.
        wait_time: Seconds that a window stays open.
    """

    def __init__(
        self,
        enable: bool = False,
        interval: int = 100,
        out_dir: str | None = None,
        show: bool = False,
        threshold: float | None = None,
        wait_time: float = 0,
    ) -> None:
        self.enable = enable
        self.interval = interval
        self.out_dir = out_dir
        self.show = show
        self.threshold = threshold
        self.wait_time = wait_time
        self.seen = 0
        self.problems: list[str] = []

    def before_val_epoch(self, runner: Runner) -> None:
        self.seen, self.problems = 0, []

    before_test_epoch = before_val_epoch

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: list
    ) -> None:
        self._draw(runner, data_batch, outputs, runner.val_loop, runner.epoch)

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: list
    ) -> None:
        self._draw(runner, data_batch, outputs, runner.test_loop, 0)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        if self.problems:
            MMLogger.get_current_instance().warning(
                f'{len(self.problems)} pictures could not be written, the first: '
                f'{self.problems[0]}'
            )

    after_test_epoch = after_val_epoch

    def _draw(
        self,
        runner: Runner,
        data_batch: dict,
        samples: Sequence[DataSample],
        loop: BaseLoop,
        step: int,
    ) -> None:
        if not self.enable:
            return
        classes = loop.dataloader.dataset.metainfo.get('classes')
        for image, sample in zip(data_batch['inputs'], samples):
            number, self.seen = self.seen, self.seen + 1
            if number % self.interval:
                continue
            # the number tells apart what is cut off of long names
            stem = printable(Path(sample.get('img_path', 'image')).stem)[:50]
            name = f'{number:06d}_{stem}'
            out_file = None
            if self.out_dir is not None:
                out_file = str(Path(self.out_dir) / f'{name}_{step}.jpg')
            try:
                Visualizer.get_current_instance().visualize_loc(
                    # the pipeline's BGR; backends and windows want RGB
                    image.permute(1, 2, 0).cpu().numpy()[..., ::-1],
                    sample,
                    classes,
                    threshold=self.threshold,
                    show=self.show,
                    wait_time=self.wait_time,
                    out_file=out_file,
                    name=name,
                    step=step,
                )
            except OSError as error:
                self.problems.append(printable(error))
