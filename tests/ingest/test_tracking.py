"""Tracking: parameters of the browsers' lists go, those that select a page stay; only redirectors are unwrapped."""

import pytest

from ingest.tracking import REDIRECTORS, TRACKING_NAMES, unwrap
from ingest.urls import canonical_url

COMMON_NAMES = (  # one or more of each list's families
    "utm_source utm_id utm_social-type utm-campaign UTM_Medium gclid dclid gbraid wbraid gclsrc srsltid _ga _gl gs_l "
    "gad_source gad_campaignid usqp fbclid fb_action_ids fb_ref mibextid igshid twclid ttclid msclkid yclid ysclid "
    "ymclid _openstat li_fat_id epik rdt_cid ScCid __twitter_impression hsCtaTracking _hsenc _hsmi __hstc hsa_acc "
    "hsa_kw mc_cid mc_eid mkt_tok __s _ke _kx dm_i trk_contact et_rid bbeml _bhlid vgo_ee ml_subscriber vero_id "
    "bsft_clkid elqTrackId oft_id oly_enc_id rb_clickid wickedid mtm_campaign pk_campaign pk_kwd piwik_kwd "
    "matomo_source at_medium at_recipient_id xtor ns_mchannel itm_source itm_term hmb_source otm_source dpg_source "
    "tracking_source cm_mmc s_cid s_kwcid ef_id wt_mc wt_zmc WT.mc_id wtrid oprtrack os_ehash _branch_match_id "
    "adjust_tracker irclickid irgwc awc sscid tduid erid guccounter guce_referrer spm Echobox action_type_map "
    "sc_customer ss_email_id unicorn_click_id cx_click cmpid CMP ICID ncid mbid ocid ftag"
)
COMMON = COMMON_NAMES.split()


@pytest.mark.parametrize("name", COMMON)
def test_a_parameter_of_the_lists_goes_and_its_neighbours_stay(name: str) -> None:
    wanted = "https://news.example/a?id=7&page=2"
    assert canonical_url(f"https://news.example/a?id=7&{name}=x1&page=2") == wanted
    assert canonical_url(f"https://news.example/a?{name}&id=7&page=2") == wanted


@pytest.mark.parametrize(
    "query",
    [
        "pk_news=77",
        "pk_id=7",
        "pk=7",
        "mtm_page=2",
        "piwik_id=3",
        "matomo_article=4",
        "utmost=5",
        "utmn=6",
        "id=7&ref=8&mc=9&s=1&si=2&source=3",
        "gclidx=1",
        "fbclid_page=2",
        "at_page=3",
        "campaign=4",
        "cmpid2=5",
        "spmid=6",
        "q=utm_source",
    ],
)
def test_a_name_that_only_begins_like_one_of_them_stays(query: str) -> None:
    assert canonical_url(f"https://news.example/a?{query}") == f"https://news.example/a?{query}"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("https://news.example/a?id=7&amp;utm_source=rss&amp;utm_medium=x", "https://news.example/a?id=7"),
        ("https://news.example/a?id=7&?utm_source=rss", "https://news.example/a?id=7"),
        ("https://news.example/a??utm_source=rss&id=7", "https://news.example/a?id=7"),
    ],
)
def test_what_tools_have_added_wrongly_goes_too(written: str, wanted: str) -> None:
    assert canonical_url(written) == wanted


def test_the_names_are_exact_and_lower_case() -> None:
    assert all(name == name.lower() for name in TRACKING_NAMES)
    assert not {"id", "page", "p", "q", "ref", "mc", "s", "article", "story", "aid"} & TRACKING_NAMES


TARGET = "https%3A%2F%2Fnews.example%2F2026%2F11%2Fsea-wall%3Fid%3D7%26utm_source%3Dx"


@pytest.mark.parametrize(
    "wrapped",
    [
        f"https://www.google.com/url?rct=j&sa=t&url={TARGET}&ct=ga&cd=CAE&usg=AOv",
        f"https://www.google.co.uk/url?q={TARGET}&sa=D",
        f"http://www.google.de/url?sa=t&url={TARGET}",
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url={TARGET}&c=1&mkt=en-us",
        f"HTTP://WWW.BING.COM/news/apiclick.aspx?url={TARGET}",
        f"https://duckduckgo.com/l/?uddg={TARGET}&rut=1",
        f"https://l.facebook.com/l.php?u={TARGET}&h=AT0",
        f"https://out.reddit.com/?url={TARGET}&token=1",
        f"https://www.google.com/url?url={'http%3A%2F%2Fwww.bing.com%2Fnews%2Fapiclick.aspx%3Furl%3D'}"
        + TARGET.replace("%", "%25"),
    ],
)
def test_a_redirector_is_unwrapped(wrapped: str) -> None:
    assert canonical_url(wrapped) == "https://news.example/2026/11/sea-wall?id=7"


@pytest.mark.parametrize(
    "url",
    [
        f"https://news.example/url?url={TARGET}",  # not a redirector's host
        f"https://google.example/url?url={TARGET}",
        f"https://google.com.evil.example/url?url={TARGET}",
        f"https://notbing.com/news/apiclick.aspx?url={TARGET}",
        f"https://www.google.com/search?url={TARGET}",  # not its path
        f"https://www.bing.com/news/search?url={TARGET}",
        f"https://www.bing.com/news/apiclick.aspx?q={TARGET}",  # not its parameter
        "https://www.google.com/url?url=javascript:alert(1)",
        "https://www.google.com/url?url=ftp%3A%2F%2Fnews.example%2Fa",
        "https://www.google.com/url?url=%2Flocal",
        "https://www.google.com/url?url=https%3A%2F%2F",
        "https://www.google.com/url?url=https%3A%2F%2F%5B",
        "ftp://www.google.com/url?url=https%3A%2F%2Fnews.example",
        "https://[",
    ],
)
def test_nothing_else_is_unwrapped(url: str) -> None:
    assert unwrap(url) == url


def test_redirectors_that_lead_to_themselves_come_to_an_end() -> None:
    url = "https://news.example/"
    for _ in range(9):
        url = "https://www.google.com/url?url=" + url.replace("%", "%25").replace("&", "%26").replace("?", "%3F")
    assert unwrap(url).startswith("http")
    assert all(names for names in REDIRECTORS.values())
