"""The Faust app, its agents, and the recipe by which they keep their word."""
