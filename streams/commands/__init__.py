"""One module per `headwater` command; each exports it as `command`."""
