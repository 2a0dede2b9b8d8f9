import dataclasses
import ssl
from pathlib import Path

import pytest

from streams.setting import setting_of
from streams.settings import InvalidSettingsError, Settings


def test_without_any_variable_all_settings_have_their_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_an_empty_variable_is_the_default() -> None:
    assert Settings.from_environment({"HEADWATER_PARTITIONS": " "}).partitions == 4


def test_a_misspelt_setting_is_refused_with_the_likely_name() -> None:
    with pytest.raises(InvalidSettingsError, match=r"HEADWATER_PARTITON .*HEADWATER_PARTITIONS\?"):
        Settings.from_environment({"HEADWATER_PARTITON": "4"})


def test_variables_of_others_are_ignored() -> None:
    assert Settings.from_environment({"KAFKA_HOME": "/opt", "PATH": "/bin"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HEADWATER_PARTITIONS", "0", "whole number of partitions from 1 to 1000"),
        ("HEADWATER_PARTITIONS", "1_0", "whole number of partitions"),
        ("HEADWATER_PARTITIONS", "many", "whole number of partitions"),
        ("HEADWATER_PORT", "70000", "from 0 to 65535"),
        ("HEADWATER_LATENESS_S", "nan", "number of seconds from 0.1 to 3600"),
        ("HEADWATER_LATENESS_S", "5s", "number of seconds"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS", "PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
        ("KAFKA_SSL_CHECK_HOSTNAME", "no", "true or false"),
        ("HEADWATER_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("KAFKA_BOOTSTRAP_SERVERS", "broker-1", "host:port"),
        ("HEADWATER_TOPIC_PREFIX", "a/b", "letters, digits"),
        ("HEADWATER_NATIONAL_IDS", "us-ssn,atlantis-id", "atlantis-id is not known"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_name_and_what_is_expected(
    name: str, value: str, expected: str
) -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        Settings.from_environment({name: value})
    assert name in refused.value.message
    assert repr(value) in refused.value.message
    assert expected in refused.value.message


def test_words_are_read_in_any_case() -> None:
    given = {"KAFKA_SECURITY_PROTOCOL": "ssl", "KAFKA_SSL_CHECK_HOSTNAME": "False"}
    settings = Settings.from_environment(given)
    assert (settings.security_protocol, settings.ssl_check_hostname) == ("SSL", False)


def test_idle_must_come_before_lateness() -> None:
    with pytest.raises(InvalidSettingsError, match=r"HEADWATER_IDLE_AFTER_S is 5 .*HEADWATER_LATENESS_S"):
        Settings.from_environment({"HEADWATER_IDLE_AFTER_S": "5"})


def test_logging_in_needs_a_user_and_a_password() -> None:
    with pytest.raises(InvalidSettingsError, match="KAFKA_SASL_USERNAME"):
        Settings.from_environment({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"})


def test_passwords_are_never_shown() -> None:
    settings = Settings(sasl_password="hunter2", ssl_password="hunter3", pseudonym_key="hunter4")
    assert "hunter" not in repr(settings)
    assert "hunter" not in repr(settings.redactor())


def test_a_key_that_is_too_short_is_refused_and_not_shown() -> None:
    with pytest.raises(InvalidSettingsError, match=r"HEADWATER_PSEUDONYM_KEY .* 16 characters") as refused:
        Settings.from_environment({"HEADWATER_PSEUDONYM_KEY": "hunter2"})
    assert "hunter" not in f"{refused.value.message} {refused.value!r}"
    assert refused.value.__cause__ is None


def test_national_ids_are_read_as_a_list_in_any_case_and_order_and_written_back() -> None:
    settings = Settings.from_environment({"HEADWATER_NATIONAL_IDS": " US-SSN, de-steuer-id ,"})
    assert settings.national_ids == ("de-steuer-id", "us-ssn")
    assert Settings.from_environment(settings.environment()) == settings


def test_a_plain_connection_needs_only_the_brokers() -> None:
    settings = Settings(bootstrap_servers="a:1, b:2")
    assert settings.connection() == {"bootstrap_servers": ["a:1", "b:2"], "security_protocol": "PLAINTEXT"}
    assert settings.broker_urls() == ["kafka://a:1", "kafka://b:2"]
    assert settings.faust_credentials() is None


def test_logging_in_over_tls_reaches_aiokafka_and_faust_alike() -> None:
    settings = Settings(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="headwater",
        sasl_password="secret",
        ssl_check_hostname=False,
    )
    connection = settings.connection()
    credentials = settings.faust_credentials()
    assert connection["security_protocol"] == credentials.protocol.value == "SASL_SSL"
    assert connection["sasl_mechanism"] == credentials.mechanism.value == "SCRAM-SHA-512"
    assert connection["sasl_plain_username"] == credentials.username == "headwater"
    assert connection["sasl_plain_password"] == credentials.password == "secret"
    assert connection["ssl_context"].check_hostname is credentials.ssl_context.check_hostname is False
    assert connection["ssl_context"].verify_mode is ssl.CERT_REQUIRED


def test_a_certificate_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    settings = Settings(security_protocol="SSL", ssl_cafile=str(tmp_path / "absent.pem"))
    with pytest.raises(InvalidSettingsError, match="KAFKA_SSL_CAFILE"):
        settings.connection()


def test_the_prefix_is_put_before_consumer_groups() -> None:
    assert Settings(topic_prefix="team-a.").group("intake") == "team-a.headwater-intake"


def test_every_setting_says_what_it_means_and_numbers_their_unit() -> None:
    for each in dataclasses.fields(Settings):
        setting = setting_of(each)
        assert setting.meaning.endswith(".")
        assert setting.unit or isinstance(each.default, str)
