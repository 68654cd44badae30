from seedbed.cluster.freshness import Freshness


def test_the_floor_of_each_resource_only_rises():
    freshness = Freshness()
    assert freshness.floor("jobs") == "0"
    for version in ("9", "100", "20"):  # as numbers: as texts, 9 would be the largest
        freshness.heard("jobs", version)
    assert freshness.floor("jobs") == "100" and freshness.floor("pods") == "0"
