"""The whole way once: real order flow is matched, proven, settled on a local chain, and attacked.

`flow` finds the order flow, `tamper` changes batches and proofs, `story` runs all of it.
"""
