from models import topic as names
from streams.kafka.topics import TOPICS, changelog_name, topic_name, topics_for
from streams.settings import Settings


def test_every_topic_that_the_models_name_is_created() -> None:
    named = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}
    assert named <= {each.name for each in TOPICS}


def test_all_keyed_topics_have_one_partition_count_so_that_tables_match_their_sources() -> None:
    settings = Settings(partitions=7)
    counts = {name: topic.partitions(settings) for name, topic in topics_for(settings).items()}
    assert counts.pop("catalog") == 1
    assert set(counts.values()) == {7}


def test_two_installations_on_one_cluster_share_no_topic() -> None:
    ours = topics_for(Settings(topic_prefix="a-"))
    theirs = topics_for(Settings(topic_prefix="b-"))
    assert not ours.keys() & theirs.keys()
    assert len(ours) == len(theirs) == len(TOPICS)


def test_a_changelog_has_the_name_that_faust_gives_it() -> None:
    settings = Settings(topic_prefix="a-")
    assert changelog_name(settings, "reason", "scopes") == "a-headwater-reason-scopes-changelog"
    assert changelog_name(settings, "reason", "scopes") in topics_for(settings)
    assert topic_name(settings, names.TRIAGE) == "a-incident.triage"
