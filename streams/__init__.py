"""When and where: topics, tables, agents, the intake and the command line."""
