import ast

import pytest

from seedbed.api.source.forbidden import forbidden


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("f = open('labels')", "`open`"), ("eval('1')", "`eval`"), ("x = exec", "`exec`"),
        ("__import__('os')", "`__import__`"), ("globals()['x']", "`globals`"), ("exit(0)", "`exit`"),
        ("torch.os.system('id')", "`os`"), ("x = torch.nn.functional.sys", "`sys`"),
        ("f.__globals__", "`__globals__`"), ("getattr(f, '__globals__')", "`__globals__`"),
        ("torch.load('w')", "`torch.load`"), ("from torch import load", "`load`"),
        ("torch.hub.list('x')", "`hub`"), ("torch.manual_seed(0)", "`manual_seed`"),
        ("torch.random.manual_seed(0)", "`manual_seed`"), ("torch.Generator()", "`torch.Generator`"),
        ("torch.set_num_threads(8)", "`set_num_threads`"), ("x.cuda()", "`cuda`"),
        ("torch.compile(m)", "`torch.compile`"), ("from torch import os", "`os`"),
        ("resnet18(pretrained=True)", "`pretrained=`"), ("resnet18(weights='DEFAULT')", "`weights=`"),
        ("resnet18(weights=W.DEFAULT)", "`weights=`"),
        ("resnet18(weights=W.IMAGENET1K_V1)", "`IMAGENET1K_V1`"),
    ],
)  # fmt: skip
def test_names_that_are_refused(line: str, name: str) -> None:
    (found,) = forbidden(ast.parse("\n" + line))
    assert (found.code, found.line) == ("Forbidden", 2)
    assert found.sentence.startswith(f"{name} is refused: ")


@pytest.mark.parametrize(
    "text",
    [
        "def forward(self, input):\n    return input.relu()",
        "class A:\n    def load(self): return self.load()\n    def seed(self): self.compile()",
        "getattr(nn, name)()", "getattr(nn, 'ReLU')()", "super().__init__()", "type(self).__name__",
        "resnet18(weights=None)", "cross_entropy(x, y, weight=w)", "f(weights=self.weights)",
        "from collections.abc import Generator", "x.device.type == 'cuda'",
    ],
)  # fmt: skip
def test_names_that_are_not(text: str) -> None:
    assert list(forbidden(ast.parse(text))) == []
