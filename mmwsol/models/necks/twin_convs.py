"""Two equal stacks of hidden convolutions."""

from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.necks.hidden_convs import HiddenConvs
from mmwsol.structures import Twin


@MODELS.register_module()
class TwinConvs(HiddenConvs):
    """Hidden convolutions twice: on the deepest feature, and on what a head makes of it.

    `Adversarial Complementary Learning for Weakly Supervised Object Localization (CVPR 2018)
    <https://arxiv.org/abs/1804.06962>`_, whose two classifiers have two convolutions with
    1024 channels each.

    Args:
        **kwargs: As for :class:`HiddenConvs`, of each stack.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.second = HiddenConvs(**kwargs)

    def forward(  # type: ignore[override]  # a layer besides features
        self, feats: tuple[Tensor, ...]
    ) -> Twin:
        """The first stack's output, and the second stack with the feature for it."""
        deep = feats[-1]
        return Twin(deep, self.second.refine, self.refine(deep))
