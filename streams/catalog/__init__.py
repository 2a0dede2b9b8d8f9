"""From Backstage files to the catalog topic, and back to every process."""
