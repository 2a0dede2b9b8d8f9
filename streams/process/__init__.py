"""What every process of ours shares: its exit codes, metrics, name in the groups, and presence."""
