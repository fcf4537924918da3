"""Localizers as ONNX models, with what a user of the file has to know inside it.

Nothing here is needed to run such a model but onnxruntime.
Shapes: ``N`` images, ``H, W`` network input, ``K`` classes.
"""

import json
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from mmwsol.models import CAMHead, Localizer, TenCropTTA
from mmwsol.version import __version__

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

OPSET = 18
"""The first with ``Col2Im``, which the maps of chosen classes need."""
PACKAGES = ('onnx', 'onnxruntime', 'onnxscript')


class ExportableLocalizer(nn.Module):
    """A localizer as a function of images alone: what an exported graph computes.

    Colour order, mean and standard deviation are part of it; maps are those of
    :meth:`Localizer.predict` where no label is known.

    Args:
        localizer: The model, which is put in evaluation mode.

    Raises:
        ValueError: It needs more than one forward pass.
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
        maps = model.finished(maps[:, 0], inputs.shape[-2:])
        if model.refine is not None:
            maps = model.refine(maps, inputs)
        return scores, maps[:, None]


def export_problem(model: nn.Module) -> str | None:
    """Why a model takes more than one forward pass, as its part says that does, or None."""
    part: Any = model
    if not isinstance(model, TenCropTTA):
        part = model.map_maker or model.head
    if part.export_problem is None:
        return None
    name = type(part).__name__
    return f'Expected a model that can be exported, but {name} {part.export_problem}'


def check_packages() -> None:
    """Says which of the optional packages are missing."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(
            f'Exporting needs {" and ".join(missing)}. Run: pip install {" ".join(PACKAGES)}'
        )


def to_onnx(
    model: ExportableLocalizer, size: tuple[int, int], notes: dict[str, str]
) -> bytes:
    """The content of an ONNX file.

    Its input is ``images (N, 3, H, W)``, uint8, RGB; its outputs are ``scores (N, K)`` and
    ``maps (N, 1, H, W)``, float32 in [0, 1], for any ``N``.

    Args:
        model: The model, on the CPU.
        size: ``H, W``.
        notes: Metadata of the file, besides the version of mmwsol.
    """
    check_packages()
    import onnx

    # two images: a batch of one would be taken for a constant
    example = torch.zeros(2, 3, *size, dtype=torch.uint8)
    with torch.no_grad():
        program = torch.onnx.export(
            model,
            (example,),
            # the older exporter knows no `fold` and leaves the maps' size open
            dynamo=True,
            dynamic_shapes=dict(images={0: torch.export.Dim('N')}),
            input_names=['images'],
            output_names=['scores', 'maps'],
            opset_version=OPSET,
            verbose=False,
        )
    proto = program.model_proto  # type: ignore[union-attr]  # None is of the older one
    # what the exporter notes of every node has paths of this machine in it
    for part in (proto.graph, *proto.graph.node, *proto.graph.value_info):
        del part.metadata_props[:]
    onnx.helper.set_model_props(proto, dict(mmwsol_version=__version__, **notes))
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString()


def describe(head: CAMHead, size: tuple[int, int], steps: list[dict]) -> dict[str, str]:
    """What a user of the file has to know, as metadata.

    Args:
        head: The head of the exported model.
        size: ``H, W`` of the images.
        steps: The test pipeline after loading.
    """
    steps = [step for step in steps if step['type'] != 'PackInputs']
    named: dict[str | int, str] = {
        'gt': 'predicted class',
        'all': 'mean of all classes',
    }
    rule = named.get(head.map_classes) or (
        f'mean of the {head.map_classes} classes with the highest scores'
    )
    return dict(
        color_order='RGB',
        input_size=json.dumps(size),
        test_pipeline=json.dumps(steps),
        scores='sigmoid' if head.multi_label else 'softmax',
        map_rule=rule,
    )


def open_session(model: bytes | str | PathLike, threads: int = 0) -> 'InferenceSession':
    """An onnxruntime session on the CPU.

    Args:
        model: A file or its content.
        threads: The number of threads; 0 leaves it to onnxruntime.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model, options, providers=['CPUExecutionProvider']
    )
