"""The command `zkperp`: thin commands over the public API."""
