"""The shipped rules, for tests that are about something else."""

from streams.policy_file import read

POLICY = read()
