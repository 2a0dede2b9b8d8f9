"""Which patterns of a service are the same statement of its program? Clusters that grow online."""

import itertools
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import Indel

from detectors.mining.skeleton import ANY, skeleton_of
from detectors.mining.variation import (
    could_be_same,
    could_be_values,
    differences,
    is_meaning,
    says_what,
    with_any,
)
from models.record import content_id

MOST_CLUSTERS = 640
"""Clusters of a service; at some 600 bytes each at most 400 kB. A program seldom logs more statements."""

MOST_KNOWN = 1_600
"""Skeletons whose cluster is remembered: at some 50 bytes each 80 kB."""

TEMPLATE_KEPT = 240
"""Characters of a cluster's template that are kept."""

BYTES_EACH = 150
"""Bytes of text that a cluster has on average at most, so that long statements are fewer of them."""

MOST_COMPARED = 48
"""Clusters that a new skeleton is compared with: the latest that begin or end alike."""

ALIKE = 0.6
"""Least share of characters in common (Indel similarity) of two skeletons of one statement: below it,
more than half the words would have to be values."""

ENOUGH_VALUES = 4
"""Distinct words at one place that make it a value: states come in twos and threes."""

MOST_PLACES = 6
"""Varying places remembered of skeletons that begin or end alike."""

MOST_FRAMES = 4
"""Frames of templates that begin alike: statements seldom share a first word and their length."""

FRAMES_KEPT = 100
"""Frames of a service; at some 150 bytes each 15 kB."""

OVERFLOW = "(other statements)"


class Cluster(msgspec.Struct):
    """One statement of a program."""

    id: str
    skeleton: str
    template: str
    """The template of its first line."""


class Frame(msgspec.Struct, array_like=True):
    """What stands before and after a word of a template that was found to be a value."""

    before: str
    after: str
    id: str
    """The signature of the templates that have it."""


class SignatureClusters(msgspec.Struct):
    """The clusters of one service: a fold of its templates in their order, below 350 kB as JSON."""

    clusters: dict[str, Cluster] = {}
    """By signature id, in the order in which they were first seen."""
    known: dict[str, str] = {}
    """Signature id by hash of a skeleton."""
    begins: dict[str, list[str]] = {}
    """Signature ids by where a skeleton begins and where it ends, latest last."""
    varying: dict[str, list[int]] = {}
    """Places that were found to vary, by where a skeleton begins and ends: looked at first."""
    frames: dict[str, list[Frame]] = {}
    """Frames by number of words and first word, looked at before all else: what a template with yet
    another value costs is one comparison."""
    size: int = 0
    """UTF-8 bytes of the clusters' skeletons and templates when they were first seen."""
    overflow: int = 0
    """Templates that found no cluster of theirs because the service has too many."""


class Assignment(NamedTuple):
    """The signature of a template at that moment."""

    signature_id: str
    template: str
    is_first: bool
    """No template was given this signature before."""
    merged: tuple[str, ...]
    """Ids that were merged into `signature_id` just now; they are not given any more."""


_new: Callable[[type[Assignment], tuple[Any, ...]], Assignment] = tuple.__new__


def assign(clusters: SignatureClusters, service: str, template: str, most: int = MOST_CLUSTERS) -> Assignment:
    """Give the signature of a template, adding to the clusters what is learned from it.

    The id is a content hash of the service and the first skeleton, so workers that see the same
    statement first in the same form agree without talking. Ids change only by a merge that is reported.
    With `most` clusters, too much text or too many forms to remember, a template without a cluster is
    counted as overflow.
    """
    if framed := framed_in(clusters, template):
        return framed
    skeleton = skeleton_of(template)
    mark = _mark(skeleton)
    known = clusters.known.get(mark)
    if known is not None:
        return _as_before(clusters.clusters[known])
    words = skeleton.split(" ")
    keys = _keys(words)
    held = _held(clusters, words, keys)
    if held is not None:
        cluster, place = held
        _frame(clusters, cluster, template, words[place])
        return _as_before(cluster)
    if len(clusters.known) < MOST_KNOWN:
        found, merged = _join(clusters, words, skeleton, keys)
        if found is not None:
            clusters.known[mark] = found.id
            return Assignment(found.id, found.template, False, merged)
    is_full = len(clusters.clusters) >= most or clusters.size >= most * BYTES_EACH
    if is_full or len(clusters.known) >= MOST_KNOWN:
        clusters.overflow += 1
        return Assignment(content_id("signature", service, OVERFLOW), OVERFLOW, False, ())
    signature_id = content_id("signature", service, skeleton)
    template = template if len(template) <= TEMPLATE_KEPT else template[: TEMPLATE_KEPT - 1] + "…"
    clusters.clusters[signature_id] = Cluster(signature_id, skeleton, template)
    clusters.size += _bytes(skeleton) + _bytes(template)
    clusters.known[mark] = signature_id
    for key in keys:
        clusters.begins.setdefault(key, []).append(signature_id)
    return Assignment(signature_id, template, True, ())


def framed_in(clusters: SignatureClusters, template: str) -> Assignment | None:
    """Give the signature of a template that a frame fits: it differs from earlier ones in a value alone."""
    for frame in frames_for(clusters, template):
        if template.startswith(frame.before) and template.endswith(frame.after):
            value = template[len(frame.before) : len(template) - len(frame.after)]
            if value.isalpha() and not says_what(value):
                return _as_before(clusters.clusters[frame.id])
    return None


def frames_for(clusters: SignatureClusters, template: str) -> list[Frame]:
    """Give the frames that may fit a template, in the order in which they are asked."""
    return clusters.frames.get(_begin(template), [])


def _begin(template: str) -> str:
    return f"{template.count(' ')} {template.partition(' ')[0]}"


def _as_before(cluster: Cluster) -> Assignment:
    # Skips the constructor's reading of names: this is all that a line with yet another value costs.
    return _new(Assignment, (cluster.id, cluster.template, False, ()))


def _mark(skeleton: str) -> str:
    return blake2b(skeleton.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _keys(words: Sequence[str]) -> tuple[str, ...]:
    length = len(words)
    if length < 3:
        return (f"^{length} {words[0]}",)
    return (f"^{length} {words[0][:24]}", f"${length} {words[-1][:24]}")


def _held(clusters: SignatureClusters, words: list[str], keys: Sequence[str]) -> tuple[Cluster, int] | None:
    """Give the cluster that has the words but for one at a place found to vary.

    Such forms need not be remembered one by one: they are found the same way every time.
    """
    found: dict[str, int] = {}
    for key in keys:
        for place in clusters.varying.get(key, ()):
            if not is_meaning(words, place):
                known = clusters.known.get(_mark(with_any(words, [place])))
                if known is not None:
                    found.setdefault(known, place)
    if not found:
        return None
    # The oldest one, so that a cluster that comes later takes no form away from it.
    oldest = (
        next(iter(found)) if len(found) == 1 else next(each for each in clusters.clusters if each in found)
    )
    return clusters.clusters[oldest], found[oldest]


def _frame(clusters: SignatureClusters, cluster: Cluster, template: str, word: str) -> None:
    """Remember what stands around a value, where no other cluster has a form that fits it too."""
    begin = _begin(template)
    before, found, after = template.partition(f" {word} ")
    frames = clusters.frames.get(begin, [])
    if not found or not word.isalpha() or f" {word} " in f" {after}" or len(frames) >= MOST_FRAMES:
        return
    if sum(map(len, clusters.frames.values())) >= FRAMES_KEPT or len(template) > TEMPLATE_KEPT:
        return
    if _is_alone(clusters, cluster, skeleton_of(f"{before} {ANY} {after}")):
        clusters.frames.setdefault(begin, []).append(Frame(f"{before} ", f" {after}", cluster.id))


def _is_alone(clusters: SignatureClusters, cluster: Cluster, skeleton: str) -> bool:
    words = skeleton.split(" ")
    return not any(
        other is not cluster and could_be_same(other.skeleton.split(" "), words)
        for other in clusters.clusters.values()
    )


def _join(
    clusters: SignatureClusters, words: list[str], skeleton: str, keys: Sequence[str]
) -> tuple[Cluster | None, tuple[str, ...]]:
    ids: dict[str, None] = {}
    for key in keys:
        ids |= dict.fromkeys(clusters.begins.get(key, ())[-MOST_COMPARED:])
    if not ids:
        return None, ()
    near = [clusters.clusters[each] for each in ids]
    texts = [each.skeleton for each in near]
    alike = process.extract(
        skeleton, texts, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, limit=MOST_COMPARED
    )
    others: dict[int, list[tuple[Cluster, str]]] = {}
    for _, _, index in alike:
        cluster = near[index]
        theirs = cluster.skeleton.split(" ")
        places = differences(theirs, words)
        if could_be_values(theirs, words, places):
            _generalise(clusters, cluster, places, keys)
            return cluster, ()
        if len(places) == 1 and not is_meaning(words, places[0]) and not is_meaning(theirs, places[0]):
            others.setdefault(places[0], []).append((cluster, theirs[places[0]]))
    for place, same in others.items():
        if len({word for _, word in same}) >= ENOUGH_VALUES - 1:
            return _merge(clusters, [each for each, _ in same], place, keys)
    return None, ()


def _generalise(
    clusters: SignatureClusters, cluster: Cluster, places: Sequence[int], keys: Sequence[str]
) -> None:
    cluster.skeleton = with_any(cluster.skeleton.split(" "), places)
    known = clusters.known.setdefault(_mark(cluster.skeleton), cluster.id)
    if known == cluster.id and len(places) == 1 and _is_alone(clusters, cluster, cluster.skeleton):
        for key in keys:
            varying = clusters.varying.setdefault(key, [])
            if places[0] not in varying and len(varying) < MOST_PLACES:
                varying.append(places[0])


def _merge(
    clusters: SignatureClusters, same: list[Cluster], place: int, keys: Sequence[str]
) -> tuple[Cluster, tuple[str, ...]]:
    order = {each: index for index, each in enumerate(clusters.clusters)}
    first, *later = sorted(same, key=lambda each: order[each.id])
    gone = {each.id for each in later}
    for each in gone:
        clusters.size -= _bytes(clusters.clusters[each].skeleton) + _bytes(clusters.clusters[each].template)
        del clusters.clusters[each]
    for key in [key for key, ids in clusters.begins.items() if gone.intersection(ids)]:
        left = [each for each in clusters.begins[key] if each not in gone]
        if left:
            clusters.begins[key] = left
        else:
            del clusters.begins[key]
    for frame in itertools.chain.from_iterable(clusters.frames.values()):
        if frame.id in gone:
            frame.id = first.id
    for mark, each in clusters.known.items():
        if each in gone:
            clusters.known[mark] = first.id
    _generalise(clusters, first, [place], keys)
    return first, tuple(each.id for each in later)
