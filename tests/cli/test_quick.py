import json

import pytest
from click.testing import CliRunner

from seedbed.cli.quick import command

FORWARD = """from torch import nn
class Net(nn.Module):
    def forward(self, x):
        return self.layers(x)
build_model = Net
"""
QUICK = ["--dataset", "iris", "--num-seeds", "2", "--epochs", "3"]


def invoke(*arguments):
    return CliRunner().invoke(command, [*QUICK, *arguments])


def test_it_prints_every_seed_and_the_interval():
    result = invoke("--target-accuracy", "0.01")
    assert result.exit_code == 0, result.output
    assert "seed 0: " in result.output and "seed 1: " in result.output
    assert "val_accuracy" in result.output and "not a claim after a search" in result.output


def test_a_target_that_is_not_reached_has_its_own_exit_code():
    result = invoke("--target-accuracy", "0.999")
    assert result.exit_code == 3 and "does not reach 0.999" in result.output


def test_json_is_json_and_nothing_else():
    found = json.loads(invoke("--json").stdout)
    assert found["aggregated"]["val_accuracy"]["n"] == 2
    assert found["goal_achieved"] is None


def test_verbose_shows_all_metrics_and_the_fingerprint():
    output = invoke("--verbose").output
    assert "val_f1_macro" in output and "cpu_capability" in output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.yaml", "layers: [{type: Linear, out_features: classes}]"),
        ("m.json", '[{"type": "Linear", "out_features": "classes"}]'),
        (
            "m.py",
            "from torch import nn\ndef build_model(shape, n): return nn.Linear(*shape, n)\n",
        ),
    ],
)
def test_models_from_files(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    result = invoke("--model", str(tmp_path / name), "--verbose")
    assert result.exit_code == 0, result.output
    assert "15 parameters" in result.output


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("m.yaml", "layers: [", "is neither YAML nor JSON"),
        ("m.yaml", "depth: 3", "write a list of layers, or an object with `layers` or `torchvision`"),
        ("m.py", "x = 1\n", "has no function build_model(input_shape, num_classes)"),
        ("m.py", "x = 1\ndef build_model(:\n", "m.py, line 2: SyntaxError: "),
        ("m.py", "\nimport nowhere\n", "m.py, line 2: ModuleNotFoundError: No module named 'nowhere'"),
        ("m.py", "x = {}\nx['a']\n", "m.py, line 2: KeyError: 'a'"),
        ("m.py", "import sys\nsys.exit('no')\n", "m.py, line 2: SystemExit: no"),
        ("m.py", "def build_model(shape, n):\n  return n / 0\n", "m.py, line 2: ZeroDivisionError: division"),
        ("m.py", FORWARD, "m.py, line 4: AttributeError: 'Net' object has no attribute 'layers'"),
        ("m.yaml", "[{type: Linaer, out_features: classes}]", "Linear"),
        ("m.yaml", "[{type: Conv2d, out_channels: 8, kernel_size: 3}]", "layers[0] Conv2d"),
    ],
)
def test_a_wrong_model_file_is_one_sentence(tmp_path, name, text, sentence):
    (tmp_path / name).write_text(text)
    result = invoke("--model", str(tmp_path / name))
    assert result.exit_code == 2
    assert sentence in result.output and "Traceback" not in result.output


def test_an_error_that_is_not_the_files_is_ours(tmp_path, monkeypatch):
    (tmp_path / "m.py").write_text("from torch import nn\nbuild_model = lambda: nn.Linear(4, 3)\n")
    monkeypatch.setattr("seedbed.cli.quick._evaluate", lambda *args, **kwargs: 1 / 0)
    assert isinstance(invoke("--model", str(tmp_path / "m.py")).exception, ZeroDivisionError)


def test_help_shows_its_examples_as_lines():
    said = CliRunner().invoke(command, ["--help"]).stdout
    assert "\\b" not in said and "\b" not in said
    assert "\n    quick-evaluator --dataset iris --model layers.yaml --json\n" in said
    assert "\n    3  the target is not reached" in said


def test_unknown_datasets_and_targets_in_percent_are_sentences():
    unknown = CliRunner().invoke(command, ["--dataset", "digit"])
    assert unknown.exit_code == 2 and "did you mean digits?" in unknown.output
    percent = invoke("--target-accuracy", "97")
    assert percent.exit_code == 2 and "did you mean 0.97?" in percent.output
