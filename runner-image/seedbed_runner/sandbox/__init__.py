"""The seal: what a process takes from itself, for good, before it reads data or runs code of others.

    policy = Policy(read=(data,), write=out, scratch=out / "tmp", limits=Limits())
    seal = sandbox.seal(policy)      in a fork with one thread, by our own code; it can't be undone
    sandbox.probe()                  what this machine can seal, found out in a fork

`train.supervise(work, request, run)` is how a trusted step starts a sealed child and gets its result: `run`
is called in the child once the supervisor has seen the seal from outside and found it to meet the request's
demand. It sees the folder `data` of `work` and writes regular files into `out`; `train` uses it with
`child.run`, a re-prediction with a function of its own. `request.demand` and `request.declared` say what must
hold, `TrainRecord.assurance` and `.seal` what did.
"""

from seedbed_runner.sandbox.assurance import assurance_of, meets
from seedbed_runner.sandbox.policy import Limits, Policy
from seedbed_runner.sandbox.probing import probe
from seedbed_runner.sandbox.sealing import Seal, SealFailed, seal

__all__ = ["Limits", "Policy", "Seal", "SealFailed", "assurance_of", "meets", "probe", "seal"]
