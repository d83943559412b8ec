"""The Debug Adapter Protocol: backward passes, stepped forth and back, in VS Code and any other editor that speaks it."""
