"""Plays a step of a run: does what `training.<step>` of the request, or the dataset's name, tells it.

ok | exit:CODE | say:CODE:TEXT (in the termination message) | cry:CODE:TEXT (on stderr) | sleep:SECONDS |
memory | fill:FOLDER:MEBIBYTES | check (the surroundings that the step was promised) | tell (training.text)
"""

import json
import os
import sys
import time

NAMED = {("hoarder", "train"): "fill:/job/out:40"}  # what the runs of a whole goal play, by its name


def main():
    step = sys.argv[1]
    if step == "prepare":
        play(step, json.loads(os.environ["SEEDBED_DATASET"])["name"])
        return
    if step == "fetch":
        with open("/job/request.json", "w") as file:
            file.write(os.environ["SEEDBED_REQUEST"])
        with open("/job/data/inputs", "w") as file:
            file.write("data")
    if step == "train":
        with open("/job/out/predictions", "w") as file:
            file.write("out")
    with open("/job/request.json") as file:
        request = json.load(file)
    parts = request["training"]
    played = parts.get(step) or NAMED.get((request["experiment"].rpartition("-")[0], step), "ok")
    for part in played.split(";"):
        play(step, part)


def play(step, part):
    what, *arguments = part.split(":", 2)
    if what not in ("cry", "tell"):  # the two streams overtake each other, and theirs is to be the last word
        print(f"{step}: {part}", flush=True)
    if what == "exit":
        sys.exit(int(arguments[0]))
    elif what == "say":
        with open("/dev/termination-log", "w") as file:
            file.write(arguments[1])
        sys.exit(int(arguments[0]))
    elif what == "cry":
        print(arguments[1], file=sys.stderr, flush=True)
        sys.exit(int(arguments[0]))
    elif what == "sleep":
        time.sleep(float(arguments[0]))
    elif what == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1 << 20)) * 16)
    elif what == "fill":
        with open(f"{arguments[0]}/big", "wb") as file:
            for _ in range(int(arguments[1])):
                file.write(b"\0" * 2**20)
        time.sleep(150)  # a kubelet measures volumes once a minute
    elif what == "check":
        check(step)
    elif what == "tell":
        with open("/job/request.json") as file:
            sys.exit(json.load(file)["training"]["text"])


def check(step):
    """What a step is promised; a broken promise is its exit."""
    keys = {name for name in os.environ if name.startswith(("AWS_", "SEEDBED_"))}
    assert bool(keys) == (step != "train"), keys
    assert not os.path.exists("/var/run/secrets/kubernetes.io"), "a token"
    assert not [name for name in os.environ if name.endswith("_SERVICE_HOST") and "KUBERNETES" not in name]
    assert os.getuid() == 65532
    for folder in {"train": ["/", "/job/data"], "score": ["/", "/job/data", "/job/out"]}.get(step, ["/"]):
        try:
            open(f"{folder}/mine", "w").close()
        except OSError:
            continue
        raise AssertionError(f"{folder} can be written")
    status = open("/proc/self/status").read()
    assert "CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status, status
    assert not os.listdir("/tmp"), "another step's files"
    open("/tmp/mine", "w").close()


main()
