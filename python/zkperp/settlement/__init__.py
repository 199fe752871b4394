"""A venue and its chain: deploying one, settling its batches, reading it back.

`venue` is the venue's file, `devnet` the one that is built in, `keys` the L1 keys, `deposits` its
first requests, `connect` finds its contract, `batches` reads directories and proofs, `settle`
submits them, `rebuild` goes from the chain to the state, `compare` from a proof to the chain.
"""
