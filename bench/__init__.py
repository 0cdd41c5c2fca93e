"""Speed and quality, printed by commands: each figure beside its baseline, in the same run."""
