"""Goals on texts, decided on a laptop: drawn words, and a dataset in GLUE's form from a hub on loopback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from fakes.hub import Hub, parquet
from seedbed_runner.data.hub_tasks import TASKS

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[2] / "examples"


def decided(folder: Path, example: str, **environment: str) -> tuple[str, dict]:
    """What is printed of a goal that runs to its verdict, and the card of its data."""
    document = yaml.safe_load((EXAMPLES / f"{example}.yaml").read_text())
    document["spec"]["budget"] |= {"experiments": 2}
    (folder / "goal.yaml").write_text(yaml.safe_dump(document))
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("SEEDBED_", "HF_"))}
    given = plain | {"SEEDBED_CACHE": str(folder / "cache")} | environment
    command = [sys.executable, "-c", "from seedbed.cli.main import main; main()", "run", "goal.yaml"]
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    (card,) = folder.glob("**/public/card.json")
    return " ".join(done.stdout.split()), json.loads(card.read_bytes())


def test_drawn_words_are_told_apart(tmp_path):
    said, card = decided(tmp_path, "words")
    assert "words: ACHIEVED: accuracy on synthetic reaches 0.85" in said
    assert (card["kind"], card["bayes_accuracy"]) == ("text", 0.95)


def sentences(count, seed, labelled=True):
    """Rows in CoLA's form: a sentence is acceptable when its subject comes before its verb."""
    random = np.random.default_rng(seed)
    subjects, verbs = [f"noun{i}" for i in range(20)], [f"verb{i}" for i in range(20)]
    rows, labels = [], random.integers(0, 2, count)
    for label in labels:
        one, other, third = random.choice(subjects), random.choice(verbs), random.choice(subjects)
        rows.append(f"the {one} {other} the {third} ." if label else f"the {other} oddly {one} {third} .")
    told = labels if labelled else np.full(count, -1)
    return parquet(
        {"sentence": rows, "label": told.tolist(), "idx": list(range(count))},
        {"label": ["unacceptable", "acceptable"]},
    )


def test_a_goal_on_glue_from_a_hub(tmp_path):
    hub = Hub()
    try:
        repo, commit = TASKS["glue/cola"].source
        readme = "---\nconfigs:\n- config_name: cola\n  data_files:\n" + "".join(
            f"  - {{split: {split}, path: cola/{split}-*}}\n" for split in ("train", "validation", "test")
        )
        files = {
            "README.md": f"{readme}---\n".encode(),
            "cola/train-0.parquet": sentences(900, 0),
            "cola/validation-0.parquet": sentences(300, 1),
            "cola/test-0.parquet": sentences(50, 2, labelled=False),
        }
        hub.add(repo, files, commit=commit)
        said, card = decided(tmp_path, "cola", HF_ENDPOINT=hub.address)
    finally:
        hub.close()
    assert "cola: ACHIEVED: " in said and "on cola reaches 0.05" in said
    assert card["metric"] == "matthews" and card["provenance"]["revision"] == commit
    assert any(note.startswith("the public test split has no labels") for note in card["notes"])
    report = next(tmp_path.glob("**/report.md")).read_text()
    assert "the public test split has no labels" in report
