"""Why a run failed for a reason of its own configuration, and what to do about each: the one table of it.

The planner's prompt, the report, the commands and docs/models.md say these words.
"""

HINTS: dict[str, str] = {
    "OutOfMemory": "use smaller or fewer layers, a smaller batch, or ask for more memory",
    "Deadline": "use fewer epochs or a smaller model; never wait, and start no DataLoader workers "
    "(num_workers=0)",
    "Processes": "start no processes or threads: one process trains",
    "Disk": "write no files: predictions and weights are saved by the runner",
    "Size": "keep less state: what is saved has a limit",
    "Shape": "give one logit a class for each row, whatever the size of the batch",
    "NonFinite": "lower the learning rate, clip gradients, or normalise; take no logarithm or root of zero",
    "NoPredictions": "let training come to its end: never exit, and raise no signals",
    "NotRegular": "leave the files of the run alone: they are written by the runner",
    "Format": "save tensors only: parameters and buffers of the model, named as torch names them",
    "NoDevice": "ask for the device and precision that the profile has",
    "Forbidden": "do without files, network, other programs and processes: the seal refuses them",
    "NotReproduced": "let a row's prediction follow from that row and the state_dict alone: no randomness in "
    "evaluation, no statistics of the batch, no state outside of parameters and buffers",
    "Crash": "correct the line that raised it",
}


def hint(reason: str | None) -> str:
    """What to do about a failure; empty where that is not known."""
    return HINTS.get(reason or "", "")
