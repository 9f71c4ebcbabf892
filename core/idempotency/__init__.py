"""A write that is sent twice happens once, where the client sends an `Idempotency-Key`. Reads need none.

A router says `dependencies=[Depends(idempotent)]`. The answer is kept for a day, and kept before it is sent. What is
not covered: a process that dies between the commit of the write and the keeping of its answer; such a write may run
again once its claim has lapsed (five minutes). Refusals and failures are not kept: they changed nothing, so the same
request may simply be tried again.
"""
