"""The slow, readable twins of what Rust and Cairo do: written from the papers, sharing no code."""
