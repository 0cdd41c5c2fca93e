from enrich.recent_articles import RecentArticles
from tests.enrich.samples import annotated


def test_the_last_articles_are_kept_in_their_latest_revision() -> None:
    recent = RecentArticles(2)
    recent.put(annotated("a", "First", "text"))
    recent.put(annotated("b", "Second", "text"))
    recent.put(annotated("a", "First, corrected", "text", revision=2))
    recent.put(annotated("c", "Third", "text"))
    assert recent.get("a") == annotated("a", "First, corrected", "text", revision=2)
    assert recent.get("b") is None
    assert recent.get("c") is not None
