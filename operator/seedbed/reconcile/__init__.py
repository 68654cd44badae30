"""Between engine and world: read, observe, decide, act. The same on the laptop and on the cluster."""

from seedbed.reconcile.reconciler import Reconciler

__all__ = ["Reconciler"]
