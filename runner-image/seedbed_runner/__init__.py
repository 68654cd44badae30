"""The training side: prepares data, trains one seed of an experiment, scores it.

It knows nothing of goals, planners or Kubernetes. What it shares with the control side is
`seedbed_runner.contract`: records, metrics, the layer vocabulary; standard library only.
"""
