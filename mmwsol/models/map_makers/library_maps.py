"""Maps by pytorch-grad-cam: weights of channels from gradients or from masked images.

The library weights; the pass, its gradient and the enlargement are those of all makers.
Shapes: as in :mod:`mmwsol.models.map_makers.map_maker`.
"""

import io
from contextlib import redirect_stderr
from importlib.util import find_spec

import numpy as np
import torch
from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.map_makers.map_maker import MapMaker, Pass


class LibraryMaps(MapMaker):
    """A class of pytorch-grad-cam, called as the subclass is.

    Args:
        layer: As for :class:`MapMaker`.

    Raises:
        ImportError: The library is not installed.
    """

    reads_gradient = True

    def __init__(self, layer: str | None = None) -> None:
        super().__init__(layer)
        if find_spec('pytorch_grad_cam') is None:
            raise ImportError(
                f'Expected the package grad-cam for {type(self).__name__}; install it with: '
                "pip install 'mmwsol[cam]'"
            )

    def of_classes(self, seen: Pass, classes: Tensor) -> Tensor:
        """The library's map of each image, without what is below 0."""
        import pytorch_grad_cam
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        gradient = None
        if self.reads_gradient:
            scores = seen.logits.gather(1, classes[:, None])[:, 0]
            gradient = _array(seen.gradient(scores))
        # without target layers, whose pass would be another one
        library = getattr(pytorch_grad_cam, type(self).__name__)(seen.model, [])
        targets = [ClassifierOutputTarget(int(own)) for own in classes]
        with redirect_stderr(io.StringIO()):  # ScoreCAM draws a bar for each image
            maps = library.get_cam_image(
                seen.inputs, None, targets, _array(seen.feat), gradient, False
            )
        return torch.from_numpy(np.maximum(maps, 0)).to(seen.feat)


@MODELS.register_module()
class GradCAM(LibraryMaps):
    """The sum of channels, each weighted by the mean of the class score's gradient to it.

    `Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization
    (ICCV 2017) <https://arxiv.org/abs/1610.02391>`_. On the last feature before a linear
    classifier it is CAM, cut off at 0.
    """


@MODELS.register_module()
class GradCAMPlusPlus(LibraryMaps):
    """Grad-CAM with means over places that weigh by higher powers of the gradient.

    `Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep Convolutional
    Networks (WACV 2018) <https://arxiv.org/abs/1710.11063>`_.
    """


@MODELS.register_module()
class LayerCAM(LibraryMaps):
    """The sum of channels, each weighted at every place by its gradient there if above 0.

    `LayerCAM: Exploring Hierarchical Class Activation Maps for Localization (TIP 2021)
    <https://ieeexplore.ieee.org/document/9462463>`_.
    """


@MODELS.register_module()
class ScoreCAM(LibraryMaps):
    """The sum of channels, each weighted by the class's score of the image that it masks.

    `Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks
    (CVPRW 2020) <https://arxiv.org/abs/1910.01279>`_. It takes a pass of the network for
    each channel.
    """

    reads_gradient = False


def _array(values: Tensor) -> np.ndarray:
    # NumPy has no numbers of 16 bits that do for sums
    exact = values if values.dtype == torch.float64 else values.float()
    return exact.detach().cpu().numpy()
