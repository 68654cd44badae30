"""Making a recorded run again from its record, and saying how far it came out the same: `verify`.

`records` reads what a store holds, `recorded` finds the runs in it, `chosen` picks those that are asked for;
`verifier` checks and trains each on this machine by the runner's own steps, `judging` gives the verdict.
Nothing here ever writes to the store.
"""
