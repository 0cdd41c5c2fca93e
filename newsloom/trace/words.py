"""The fixed words of messages (answers, outcomes, evidence of belonging, reasons) as people are told them. Pure."""

from collections.abc import Iterable, Mapping

# ErrorKind of ingest/web/fetch
ANSWERS: Mapping[str, str] = {
    "dns": "its host name leads nowhere",
    "connect": "its server took no connection",
    "tls": "its server has no certificate that holds",
    "timeout": "its server did not answer in time",
    "http": "its server sent an error",
    "too_large": "it is larger than what is read",
    "redirect": "it redirects too often",
    "refused": "such an address is not asked for",
    "encoding": "its bytes can't be decoded",
    "media": "it is a picture, sound or film",
    "robots": "robots.txt forbids it, or could not be read",
    "paused": "its host wants to be left alone for now",
}
# first words of a Decision's status (ingest/entry_decision) that are no answers
OUTCOMES: Mapping[str, str] = {
    "known": "another feed had brought it before",
    "no_page": "it has neither an address nor a text of its own",
    "bug": "a bug of ours",
    "other_page": "its page is about something else",
    "no_article_page": "its page is a front page or a list of articles",
    "unreadable_page": "no article can be read in its page",
    "too_large": "it is larger than a message may be",
}
# keys of ingest/belonging.WEIGHTS, and what ingest/entry_decision adds
EVIDENCE: Mapping[str, str] = {
    "own_address": "it lies at the address that the feed gives",
    "redirected": "the feed's address leads on to it",
    "other_site": "it is another site's",
    "states_entry_address": "it states the feed's address as its own",
    "claims_article": "it says that it is an article",
    "claims_no_article": "it does not say that it is an article",
    "headline_same": "its headline is the feed's",
    "headline_partly": "its headline is partly the feed's",
    "headline_other": "its headline is another one",
    "title_in_text": "the title's words are in its text",
    "title_partly_in_text": "some of the title's words are in its text",
    "title_not_in_text": "the title's words are not in its text",
    "summary_found": "the summary's words are in its text",
    "summary_partly": "some of the summary's words are in its text",
    "summary_other": "the summary's words are not in its text",
    "date_same_minute": "its time is the feed's to the minute",
    "date_near": "its day is the feed's",
    "date_other": "its day is another one",
    "list_address": "its address is that of a front page or a list",
    "less_than_entry_address": "it lies above the address that the feed gives",
    "canonical_of_list": "it gives a front page or a list as its address",
    "canonical_not_believed": "the address that it gives is not believed",
    "canonical_of_another": "the address that it gives is another article's",
}


def answer_in_words(answer: str) -> str:
    """What came when a page was asked for: an HTTP status or a kind of error."""
    if answer.isdigit():
        return f"HTTP {answer}"
    return ANSWERS.get(answer) or OUTCOMES.get(answer.partition(",")[0]) or answer


def outcome_in_words(outcome: str, answer: str) -> str:
    """Why an entry came to something else than its page, by its decision's status and the answer for its page."""
    reason = outcome.partition(",")[0]
    return OUTCOMES.get(reason) or f"its page was not to be had ({answer_in_words(answer or reason)})"


def evidence_in_words(evidence: Iterable[str]) -> str:
    """What speaks for and against that a page is the one which its feed's entry means."""
    return "; ".join(EVIDENCE[each] for each in evidence if each in EVIDENCE)


def count_of(number: int, one: str, several: str = "") -> str:
    """A number and what is counted; `several`: its plural, where that is more than an s behind it."""
    return f"{number} {one if number == 1 else several or one + 's'}"
