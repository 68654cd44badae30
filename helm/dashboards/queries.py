"""The PromQL that both dashboards are made of.

Runs and goals end rarely, and a counter's series begins with its first event, at 1: `increase` alone would
miss that one. So the whole value counts of a series that is younger than the window, the increase of every
other. It also makes a first goal visible that ended before Prometheus came.
"""

RANGE = "$__range"  # the time that is chosen on the dashboard
HOUR = "1h"
MOMENT = "5m"
RATE = "$__rate_interval"
NAMESPACE = 'goal_namespace=~"$goal_namespace"'


def series(metric: str, *matchers: str) -> str:
    """A metric's series in the chosen namespaces."""
    return f"{metric}{{{', '.join([NAMESPACE, *matchers])}}}"


def events(counter: str, window: str, *by: str) -> str:
    """How many events a counter's series counted within a window, summed by labels."""
    young = f"last_over_time({counter}[{window}]) unless {counter} offset {window}"
    return f"sum by ({', '.join(by)}) (({young}) or increase({counter}[{window}]))"


def quantile(share: float, histogram: str, window: str, *by: str) -> str:
    """What a share of a histogram's observations within a window did not exceed; `histogram` its buckets."""
    return f"histogram_quantile({share}, {events(histogram, window, 'le', *by)})"


def or_zero(query: str, label: str = "", value: str = "none") -> str:
    """A query, or 0 where nothing was counted yet; named by a label where the legend shows one."""
    zero = f'label_replace(vector(0), "{label}", "{value}", "", "")' if label else "vector(0)"
    return f"({query}) or on () {zero}"
