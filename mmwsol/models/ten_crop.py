"""Class scores averaged over crops, the map from one of them."""

from mmengine.model import BaseTTAModel
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample


@MODELS.register_module()
class TenCropTTA(BaseTTAModel):
    """Test-time augmentation of the older protocols.

    The class is predicted from the mean of all views' scores, the map from the first
    view, which is the one whose boxes are evaluated. Ten crops (corners, centre and
    their mirror images) are set up by ``configs/_base_/datasets/cub_legacy.py``.
    """

    export_problem = (
        'merges ten forward passes; export the model without it, run it on ten crops, and '
        'take the mean of their scores.'
    )

    def merge_preds(
        self, data_samples_list: list[list[DataSample]]
    ) -> list[DataSample]:
        """One sample for each image from its views."""
        merged = []
        for views in data_samples_list:
            score = sum(view.pred_score for view in views) / len(views)
            sample = views[0]
            merged.append(
                sample.set_pred_score(score).set_pred_label(score.argmax(keepdim=True))
            )
        return merged
