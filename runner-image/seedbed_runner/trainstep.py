"""The train step of a run, whole: called by `run` on a laptop, and alone in a pod's own container.

Apart from `run`, whose imports for scoring take as long as torch itself.
"""

from dataclasses import replace
from pathlib import Path

from seedbed_runner.contract.records import RunRequest
from seedbed_runner.contract.source import repredicts
from seedbed_runner.flops import flops_a_row
from seedbed_runner.latency import measure_latency
from seedbed_runner.reprediction import predict_again
from seedbed_runner.train import supervise
from seedbed_runner.workfolder import TrainRecord, WorkFolder


def train(work: Path, request: RunRequest) -> TrainRecord:
    """Train, at a confirmation of code predict again, and take the time if asked to.

    Raises:
        Infrastructure: something other than the model failed.
        OSError: a disk is full, or a folder can't be read or written.
    """
    trained = supervise(work, request)
    if trained.failure is None:
        trained = replace(trained, flops=flops_a_row(request, WorkFolder(work).read_task()))
    if repredicts(request):
        trained = predict_again(work, request, trained)
    return measure_latency(work, request, trained) if request.latency else trained
