import pytest

from seedbed_runner.contract.layers import TORCHVISION, LayerError, torchvision_classifier


def test_a_known_name_without_data():
    assert torchvision_classifier("resnet18") is TORCHVISION["resnet18"]


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("resnet19", None, "'resnet19' is no classifier known here; did you mean resnet"),
        ("zzz", None, "there are alexnet, convnext_tiny"),
        ("resnet18", (13,), "torchvision resnet18: needs channels × height × width, but items are 13"),
        ("vgg11_bn", (1, 40, 8), "torchvision vgg11_bn: needs images of at least 32×32, but these are 40×8"),
    ],
)
def test_what_can_not_be(name, shape, message):
    with pytest.raises(LayerError) as caught:
        torchvision_classifier(name, shape)
    assert message in str(caught.value)
