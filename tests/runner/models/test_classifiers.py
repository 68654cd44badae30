import subprocess
import sys

import pytest
import torch

from seedbed_runner.contract.layers import TORCHVISION, LayerError
from seedbed_runner.models import build_model
from seedbed_runner.models.torchvision_import import torchvision_models


def build(name, shape, classes=10):
    return build_model({"torchvision": {"name": name}}, shape, classes)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_classifier_takes_the_images_channels(channels):
    model = build("squeezenet1_1", (channels, 17, 20), classes=7).eval()
    with torch.no_grad():
        assert model(torch.randn(2, channels, 17, 20)).shape == (2, 7)
    assert model.get_submodule("features.0").in_channels == channels


def test_small_images_and_unknown_names_are_refused_before_torchvision_is_imported():
    code = (
        "import sys; sys.modules['torchvision'] = None\n"
        "from seedbed_runner.contract.layers import LayerError\n"
        "from seedbed_runner.models import build_model\n"
        "for name, said in (('vgg11_bn', 'at least 32×32'), ('vgg11', 'did you mean vgg11_bn')):\n"
        "    try: build_model({'torchvision': {'name': name}}, (1, 8, 8), 10)\n"
        "    except LayerError as error: assert said in str(error), error\n"
        "    else: raise SystemExit('built')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", TORCHVISION)
def test_the_smallest_image_is_what_each_classifier_can_take(name):
    known = TORCHVISION[name]
    model = build(name, (2, known.minimum_side, known.minimum_side), classes=3)
    first = next(part for part in model.modules() if isinstance(part, torch.nn.Conv2d))
    assert model.get_submodule(known.stem) is first
    assert first.in_channels == 2

    def run(side):
        with torch.no_grad():
            return model(torch.randn(2, 2, side, side))

    assert run(known.minimum_side).shape == (2, 3)
    if known.minimum_side > 1:
        with pytest.raises(RuntimeError):
            run(known.minimum_side - 1)
        with pytest.raises(LayerError):
            build(name, (3, known.minimum_side - 1, known.minimum_side), classes=3)


def test_the_import_leaves_other_errors_alone(monkeypatch):
    def broken(name):
        raise RuntimeError("something else")

    monkeypatch.setattr("importlib.import_module", broken)
    with pytest.raises(RuntimeError, match="something else"):
        torchvision_models()
