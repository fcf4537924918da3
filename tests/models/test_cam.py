"""CAM: the head that all others extend."""

import torch
from mmpretrain.models import LinearClsHead

from mmwsol.models import CAMHead


def test_class_maps_equal_weights_times_features_and_the_hosts_head(generator):
    head = CAMHead(num_classes=7, in_channels=5)
    head.init_weights()
    feat = torch.rand(3, 5, 4, 4, generator=generator)
    logits, maps = head.logits((feat,)), head.maps((feat,), None)
    by_hand = torch.einsum('kc,nchw->nkhw', head.classifier.weight[:, :, 0, 0], feat)
    bias = head.classifier.bias[:, None, None]
    torch.testing.assert_close(maps, by_hand + bias)
    host = LinearClsHead(num_classes=7, in_channels=5)
    host.fc.weight.data = head.classifier.weight.data[:, :, 0, 0]
    host.fc.bias.data = head.classifier.bias.data
    torch.testing.assert_close(logits, host((feat.mean((2, 3)),)))
