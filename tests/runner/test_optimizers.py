import subprocess
import sys

import pytest
import torch

from seedbed_runner.optimizers import KINDS


def trained(kind, **more):
    """All weights after twenty steps."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.BatchNorm1d(7), torch.nn.Linear(7, 3))
    optimizer = kind(model.parameters(), lr=0.01, weight_decay=0.01, **more)
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(model(torch.randn(8, 5)), torch.randint(0, 3, (8,)))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return torch.cat([weights.flatten() for weights in model.parameters()])


@pytest.mark.parametrize(("name", "more"), [("SGD", {"momentum": 0.9}), ("Adam", {}), ("AdamW", {})])
def test_every_bit_is_what_torch_gives(name, more):
    ours, torchs = (trained(kind, **more) for kind in (KINDS[name], getattr(torch.optim, name)))
    assert torch.equal(ours, torchs) and ours.isfinite().all()


def test_they_are_torchs():
    made = KINDS["AdamW"](torch.nn.Linear(2, 2).parameters(), lr=0.1)
    assert isinstance(made, torch.optim.AdamW) and made.param_groups[0]["decoupled_weight_decay"]
    with pytest.raises(ValueError, match="`set_to_none` must be True"):
        made.zero_grad(set_to_none=False)


@pytest.mark.slow
def test_an_evaluation_imports_no_compiler():
    code = (
        "import sys; from seedbed import QuickEvalConfig, quick_evaluate_once; "
        "quick_evaluate_once(None, QuickEvalConfig('iris', num_seeds=1, epochs=1)); "
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
