"""One configuration, a number of seeds fixed beforehand, in the caller's own process: `quick_evaluate_once`.

The same data split, loop and metrics as the runs of a goal, without folders and processes around them: for
notebooks, scripts and `quick-evaluator`. Nothing is sealed and nothing is searched, so what it says of a
target is one fixed-n test, never a claim after a search.

`config` and `result` are what goes in and out. `judge` reads the data, keeps the labels of the validation
split and scores (scikit-learn); `training` makes, trains and asks the models (torch); `once` brings the two
together, in a fresh process side by side (`beside`).
"""

from seedbed_runner.errors import RunnerError
from seedbed_runner.quick.config import QuickEvalConfig
from seedbed_runner.quick.once import quick_evaluate_once
from seedbed_runner.quick.result import QuickEvalResult, SeedResult

__all__ = ["QuickEvalConfig", "QuickEvalResult", "RunnerError", "SeedResult", "quick_evaluate_once"]
