"""The training side: prepares data, trains one seed of an experiment, scores it.

It knows nothing of goals, planners or Kubernetes. What it shares with the control side is
`seedbed_runner.contract`: records, metrics, the layer vocabulary; standard library only.
"""

import os

# scikit-learn imports pandas where it is installed, and pandas pyarrow, whose allocator starts a thread of
# its own: a process that forks runs, or seals itself, must have but one.
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
