"""Learns which images are like those of the classes at all."""

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.dist import get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmpretrain.registry import DATASETS, HOOKS
from torch.utils.data import DataLoader, Subset

from mmwsol.datasets.evenly import FITTED_ON, evenly_of_each
from mmwsol.interruption import outlive

IMAGES = 1000
"""How many are looked at in all."""
NOT_OF_TRAINING = ('LoadBoxes', 'LoadMasks')


@HOOKS.register_module()
class FamiliarityHook(Hook):
    """Looks at training images once more after the last epoch, as they are tested.

    :class:`mmwsol.models.Familiarity` follows from them; without ``model.familiarity=True``
    nothing is done. Up to 30 images of each class are looked at, and a thousand in all,
    shared out among the processes; nothing random is drawn, so that a run goes on bit for
    bit as without it.

    Args:
        interval: The number of epochs between two looks; the last epoch always has one.
            That of the checkpoints is sensible.
    """

    priority = 'NORMAL'  # before the checkpoint is written

    def __init__(self, interval: int = 1) -> None:
        self.interval = interval

    @torch.no_grad()
    def after_train_epoch(self, runner: Runner) -> None:
        due = self.every_n_epochs(runner, self.interval)
        if not due and not self.is_last_train_epoch(runner):
            return
        model = runner.model
        if is_model_wrapper(model):
            model = model.module
        if model.familiarity is None or model.head.fits:  # FitLoop has done it
            return
        training = model.training
        model.eval()
        for batch in loader_of_some(runner.cfg):
            data = model.data_preprocessor(batch, training=False)
            with runner.optim_wrapper.optim_context(runner.model):
                feats = model.extract_feat(data['inputs'])
            model.observe(feats, data['data_samples'])
        model.solve()
        model.train(training)


def loader_of_some(config: Config) -> DataLoader:
    """Some images of ``train_dataloader`` under the steps of ``test_dataloader``.

    Each of several processes gets its share.
    """
    trained, tested = config.train_dataloader, config.test_dataloader
    steps = [
        step for step in tested.dataset.pipeline if step['type'] not in NOT_OF_TRAINING
    ]
    dataset = DATASETS.build({**trained.dataset, 'pipeline': steps})
    labels = [dataset.get_data_info(i)['gt_label'] for i in range(len(dataset))]
    first = [int(np.atleast_1d(label)[0]) for label in labels]
    each = max(1, min(FITTED_ON, IMAGES // max(1, len({*first}))))
    places = evenly_of_each(first, each)[get_rank() :: get_world_size()]
    loader = DataLoader(
        Subset(dataset, places),
        tested.batch_size,
        num_workers=trained.num_workers,
        collate_fn=pseudo_collate,
        generator=torch.Generator(),  # the run's own would go on from elsewhere
    )
    outlive(loader)
    return loader
