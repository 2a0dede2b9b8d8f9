"""Healthy traffic with recurring warnings and deployments: nothing to tell anybody."""
