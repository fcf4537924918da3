"""Localizers as ONNX models, with what a user of the file has to know inside it.

Nothing here is needed to run such a model but onnxruntime.
"""

import json
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING

import torch

from mmwsol.deployment.exportable import ExportableLocalizer
from mmwsol.models import CAMHead
from mmwsol.version import __version__

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

OPSET = 18
"""The first with ``Col2Im``, which the maps of chosen classes need."""
PACKAGES = ('onnx', 'onnxruntime', 'onnxscript')


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
        model: On the CPU.
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
    proto = program.model_proto
    # what the exporter notes of every node has paths of this machine in it
    for part in (proto.graph, *proto.graph.node, *proto.graph.value_info):
        del part.metadata_props[:]
    onnx.helper.set_model_props(proto, dict(mmwsol_version=__version__, **notes))
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString()


def describe(head: CAMHead, size: tuple[int, int], pipeline: list[dict]) -> dict:
    """What a user of the file has to know, as metadata.

    Args:
        head: Of the exported model.
        size: ``H, W`` of the images.
        pipeline: The test pipeline's steps after loading.
    """
    steps = [step for step in pipeline if step['type'] != 'PackInputs']
    named = {'gt': 'predicted class', 'all': 'mean of all classes'}
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
        model: File or its content.
        threads: 0 leaves the number to onnxruntime.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model, options, providers=['CPUExecutionProvider']
    )
