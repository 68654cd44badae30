"""What part of a metric's scale a plot shows."""


def limits(scores: list[float], target: float) -> tuple[float, float]:
    """Limits that show the target and all but far outliers below (Tukey's fence); higher is better."""
    ordered = sorted(scores)
    quarter, median = ordered[len(ordered) // 4], ordered[len(ordered) // 2]
    fence = quarter - 3 * max(ordered[-1] - median, 0.01)
    low = min(target, next(score for score in ordered if score >= fence))
    high = max(target, ordered[-1])
    margin = 0.08 * max(high - low, 0.01)
    return low - margin, high + margin
