"""The name of a run's TensorBoard event file; TensorBoard finds one by `tfevents` in it."""

EVENTS = "events.out.tfevents.seedbed"
