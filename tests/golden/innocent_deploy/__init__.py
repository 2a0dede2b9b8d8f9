"""The card provider fails; a deployment of another service shortly before is innocent."""
