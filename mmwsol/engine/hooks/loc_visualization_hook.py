"""Pictures of predictions during evaluation."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from mmengine.visualization import Visualizer
from mmpretrain.registry import HOOKS
from mmpretrain.structures import DataSample


@HOOKS.register_module()
class LocVisualizationHook(Hook):
    """Draws every so many evaluated images, with map, predicted and true box.

    Takes the place of the host's ``VisualizationHook``, which draws the class alone, and
    blue as red.

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

    def before_val_epoch(self, runner: Runner) -> None:
        self.seen = 0

    def before_test_epoch(self, runner: Runner) -> None:
        self.seen = 0

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: list
    ) -> None:
        self._draw(runner, data_batch, outputs, runner.val_loop, runner.epoch)

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: list
    ) -> None:
        self._draw(runner, data_batch, outputs, runner.test_loop, 0)

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
            name = f'{number:06d}_{Path(sample.get("img_path", "image")).stem}'
            out_file = None
            if self.out_dir is not None:
                Path(self.out_dir).mkdir(parents=True, exist_ok=True)
                out_file = str(Path(self.out_dir) / f'{name}_{step}.jpg')
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
