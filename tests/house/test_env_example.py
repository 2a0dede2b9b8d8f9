from pathlib import Path

from streams.settings import Settings, env_example


def test_the_env_example_is_what_the_settings_say(repository: Path) -> None:
    written = (repository / ".env.example").read_text(encoding="utf-8")
    assert written == env_example(), "run `make env-example` and commit .env.example"


def test_reading_the_env_example_gives_the_defaults(repository: Path) -> None:
    lines = (repository / ".env.example").read_text(encoding="utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert Settings.from_environment(environment) == Settings()
