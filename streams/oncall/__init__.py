"""From on-call files to the schedule that the reasoners ask."""
