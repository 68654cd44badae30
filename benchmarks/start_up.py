"""How soon training begins: a cold `quick-evaluator`, and the runs of a laptop. Used by `evaluator.py`."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def cold_seconds() -> float:
    """From nothing to the end of `quick-evaluator` on digits with one seed: a process of its own.

    Python keeps what it compiled, as it does by default: the second call is the first that counts.
    """
    keeping = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [
        sys.executable,
        "-c",
        "from seedbed.cli.quick import main; main()",
        "--num-seeds",
        "1",
        "--json",
    ]
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=keeping | {"OMP_NUM_THREADS": "1"})
    return time.perf_counter() - started


async def start_up(runs: int) -> tuple[float, list[float]]:
    """Seconds until the warm parent is ready, and from each order to start to the first training step."""
    from seedbed.api import Experiment, ExperimentSpec, Metadata
    from seedbed.api.dataset import Dataset
    from seedbed.engine.naming import artifacts_prefix, result_key
    from seedbed.local.folder import Folder
    from seedbed.local.launcher import ProcessLauncher
    from seedbed.reconcile.requests import build_request
    from seedbed_runner.contract.records import RunResult

    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        folder.create()
        launcher = ProcessLauncher(folder, cores=1)
        layers = [{"type": "Linear", "out_features": "classes"}]
        spec = ExperimentSpec(
            dataset=Dataset(name="iris"), model={"layers": layers}, training={"epochs": 1}, seeds=range(runs),
            device="cpu", metric="accuracy",
        )  # fmt: skip
        made = Experiment(metadata=Metadata(name="start", uid="u"), spec=spec)
        began = time.time()
        await launcher.prepare(made)
        while (seen := await launcher.observe_preparation(made)).card is None or not launcher._ready:
            await asyncio.sleep(0.01)
        warm = time.time() - began
        delays = []
        for seed in range(runs):
            ordered = time.time()
            await launcher.start(made, build_request(made, seed, 1, seen.card.data_hash))
            while (await launcher.observe(made))[seed].phase != "Ended":
                launcher.changed.clear()
                await launcher.changed.wait()
            record = (folder.artifacts / result_key(made, seed)).read_bytes()
            kept = folder.artifacts / artifacts_prefix(made, RunResult.from_json(record))
            told = json.loads((kept / "diagnostics.json").read_text())
            delays.append(told["training_started_at"] - ordered)
        await launcher.close()
    return warm, delays
