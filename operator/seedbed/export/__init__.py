"""Runs written into the files of other experiment trackers, on demand and offline: `research-agent export`.

content      what a tracker is told of a run, from plain values
tensorboard  the event files that runs have already, laid out as one log folder
wandb        Weights & Biases' offline mode         mlflow   a local MLflow store

The latter two go through those projects' own packages, which are optional extras. None of them ever runs
where models do.
"""
