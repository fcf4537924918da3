"""A localizer as a function of images alone.

Shapes: ``N`` images, ``H, W`` network input, ``K`` classes.
"""

from torch import Tensor, nn

from mmwsol.models import Localizer, TenCropTTA


class ExportableLocalizer(nn.Module):
    """Images in, scores and maps out: what an exported graph computes.

    Colour order, mean and standard deviation are part of it; maps are those of
    :meth:`Localizer.predict` where no label is known.

    Args:
        localizer: Is put in evaluation mode.
    """

    def __init__(self, localizer: Localizer) -> None:
        super().__init__()
        problem = export_problem(localizer)
        if problem:
            raise ValueError(problem)
        self.localizer = localizer
        self.eval()

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Scores ``(N, K)`` and maps ``(N, 1, H, W)``, both in [0, 1].

        Args:
            images: ``(N, 3, H, W)`` uint8, RGB.
        """
        model = self.localizer
        # the preprocessor is told how to make the network's order of OpenCV's, BGR
        inputs = model.data_preprocessor(dict(inputs=images.flip(1)))['inputs']
        scores, maps = model.head.scores_and_maps(model.extract_feat(inputs))
        return scores, model.finished(maps[:, 0], inputs.shape[-2:])[:, None]


def export_problem(model: nn.Module) -> str | None:
    """Why a model is no single forward pass, as its head or wrapper says, or None."""
    part = model if isinstance(model, TenCropTTA) else model.head
    if part.export_problem is None:
        return None
    name = type(part).__name__
    return f'Expected a model that can be exported, but {name} {part.export_problem}'
