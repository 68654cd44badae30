import asyncio
import io
import json
import logging

import pytest

from seedbed.cluster import logs

log = logging.getLogger("seedbed.test")


@pytest.fixture
def written():
    """What is logged, as text; the root logger is left as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    yield lambda format: logs.set_up(format, "INFO", stream) or stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_record_names_what_it_is_about(written):
    stream = written("json")
    with logs.about(namespace="research", goal="digits"):
        with logs.about(experiment="digits-e001", seed=3):
            log.info("scored %s", "0.97")
        log.warning("later")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info", "logger": "seedbed.test", "message": "scored 0.97", "namespace": "research",
        "goal": "digits", "experiment": "digits-e001", "seed": 3,
    }  # fmt: skip
    assert second["goal"] == "digits" and "experiment" not in second


def test_text_is_one_line_a_record_whatever_the_message(written):
    stream = written("text")
    with logs.about(goal="digits"):
        log.info("two\nlines")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("INFO    goal=digits two\\nlines")


def test_a_traceback_stays_in_its_json_line(written):
    stream = written("json")
    try:
        raise KeyError("bug")
    except KeyError:
        log.exception("a reconcile failed")
    (line,) = stream.getvalue().splitlines()
    assert "KeyError: 'bug'" in json.loads(line)["traceback"]


def test_tasks_at_once_do_not_mix_their_fields(written):
    stream = written("json")

    async def one(name):
        with logs.about(goal=name):
            await asyncio.sleep(0)
            log.info("of %s", name)

    async def main():
        await asyncio.gather(*(one(f"g{i}") for i in range(5)))

    asyncio.run(main())
    for line in map(json.loads, stream.getvalue().splitlines()):
        assert line["message"] == f"of {line['goal']}"


def test_chatter_of_libraries_is_left_out(written):
    stream = written("json")
    logging.getLogger("kopf.activities").info("chatter")
    logging.getLogger("kopf.activities").warning("trouble")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["trouble"]
