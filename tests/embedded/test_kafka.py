"""The embedded broker's identity."""

import base64

from embedded.kafka import cluster_id


def test_no_cluster_id_is_taken_for_an_option() -> None:
    """One in 64 of random ones begins with "-", and Kafka's tool refuses it: a first start would fail."""
    made = [cluster_id() for _ in range(2_000)]
    assert not [each for each in made if each.startswith("-")]
    assert {len(base64.urlsafe_b64decode(each + "==")) for each in made} == {16}
    assert len(set(made)) == len(made)
