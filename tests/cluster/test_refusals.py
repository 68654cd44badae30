import asyncio

from seedbed.cluster.refusals import FIELDS, HOLDS, Refusals


def event(uid, message, at):
    return {"involvedObject": {"uid": uid}, "message": f"Error creating: {message}", "lastTimestamp": at}


class Rest:
    def __init__(self, *events):
        self.events, self.lists = list(events), 0

    async def list_all(self, path, **selectors):
        assert (path, selectors) == ("/api/v1/namespaces/team/events", {"fieldSelector": FIELDS})
        self.lists += 1
        return list(self.events)


def test_many_jobs_are_answered_by_one_list_for_a_moment():
    rest, now = Rest(event("a", "exceeded quota", "2026-01-01T00:00:00Z")), [100.0]
    refusals = Refusals(rest, "team", lambda: now[0])

    async def ask():
        return await asyncio.gather(*(refusals.of(uid) for uid in "abc"))

    assert asyncio.run(ask()) == ["exceeded quota", "", ""] and rest.lists == 1
    rest.events.append(event("b", "forbidden", "2026-01-01T00:00:01Z"))
    now[0] += HOLDS / 2
    assert asyncio.run(ask())[1] == "" and rest.lists == 1
    now[0] += HOLDS
    assert asyncio.run(ask()) == ["exceeded quota", "forbidden", ""] and rest.lists == 2


def test_what_was_said_last_counts():
    said = [event("a", "new", "2026-01-01T00:00:09Z"), event("a", "old", "2026-01-01T00:00:01Z")]
    assert asyncio.run(Refusals(Rest(*said), "team").of("a")) == "new"
