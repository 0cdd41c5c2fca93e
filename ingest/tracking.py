"""Tracking: what is put into or around an address to follow its readers, and never selects a page.

In: a query's parameter, or the address of a redirector. Out: whether the parameter may go; the address that the
redirector leads to. Nothing is asked of the web.
"""

from urllib.parse import parse_qsl, urlsplit

# Exact names, in lower case. Sources, read in November 2026: ClearURLs/Rules data.min.json (globalRules), AdGuard's
# TrackParamFilter general_url.txt, brave-core components/query_filter/utils.cc, Mozilla's privacy.query_stripping
# .strip_list, uBlock Origin's privacy.txt, Miniflux internal/reader/urlcleaner, Matomo's campaign parameters; and what
# publishers add to links of their own feeds. Left out are names of these lists that select pages elsewhere: ref, mc,
# cuid, gci, clickid, vn_*.
_NAMES = """
utm _ga _gl _gac gs_l usqp gclid gclsrc dclid gbraid wbraid srsltid gad_source gad_campaignid
ga_source ga_medium ga_campaign ga_content ga_term ga_place
fbclid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source mibextid igsh igshid
action_object_map action_ref_map action_type_map
yclid ymclid ysclid _openstat erid msclkid mscklid twclid ttclid li_fat_id epik rdt_cid sccid qclid ndclid
__twitter_impression ref_src ref_url tblci dicbo obclid cx_click cx_recsorder cx_recswidget
_hsenc _hsmi __hsfp __hssc __hstc hsctatracking hsa_acc hsa_ad hsa_cam hsa_grp hsa_kw hsa_la hsa_mt hsa_net hsa_ol
hsa_src hsa_tgt hsa_ver
mc_cid mc_eid mc_tc mkt_tok __s _ke _kx dm_i trk_contact trk_msg trk_module trk_sid et_rid bbeml _bhlid vgo_ee
ml_subscriber ml_subscriber_hash ck_subscriber_id ss_email_id vero_id vero_conv nr_email_referer user_email_address
bsft_aaid bsft_clkid bsft_eid bsft_ek bsft_mid bsft_uid elqtrack elqtrackid elqaid elqat
mindbox-click-id mindbox-message-key sms_click sms_source sms_uph sc_customer sc_eh sc_uid sfmc_id sfmc_sub
oft_c oft_ck oft_d oft_id oft_ids oft_k oft_lk oft_sk oly_anon_id oly_enc_id rb_clickid wickedid _clde _cldee
mtm_campaign mtm_cid mtm_cpn mtm_content mtm_group mtm_keyword mtm_kwd mtm_medium mtm_placement mtm_source
pk_campaign pk_cid pk_cpn pk_content pk_group pk_keyword pk_kwd pk_medium pk_placement pk_source pk_vid
piwik_campaign piwik_keyword piwik_kwd matomo_campaign matomo_cid matomo_content matomo_group matomo_keyword
matomo_kwd matomo_medium matomo_placement matomo_source
at_bbc_team at_campaign at_campaign_type at_creation at_custom1 at_custom2 at_custom3 at_custom4 at_emailtype
at_format at_link at_link_id at_link_origin at_link_type at_medium at_ptr_name at_recipient_id at_recipient_list
at_send_date at_variant xtor xtref
ns_mchannel ns_source ns_campaign ns_linkname ns_fee
itm_source itm_medium itm_campaign itm_content itm_term hmb_campaign hmb_medium hmb_source hmb_content
otm_source otm_medium otm_campaign otm_content otm_term campaign_id campaign_medium campaign_name campaign_source
campaign_term campaign_content dpg_source dpg_campaign dpg_medium dpg_content tracking_source
cm_me cm_cr cm_re cm_sp cm_lm cm_mmc cm_mmca1 cm_mmca2 cm_mmca3 cm_mmca4 s_cid sc_cid sc_campaign sc_channel s_kwcid
ef_id wt_mc wt_zmc wt.mc_id wt.mc_ev wt.tsrc wtrid oprtrack os_ehash __io_lv _io_session_id
_branch_match_id _branch_referrer unicorn_click_id adjust_adgroup adjust_campaign adjust_creative adjust_referrer
adjust_tracker adjust_tracker_limit gps_adid external_click_id
irclickid irgwc ir_adid ir_campaignid ir_partnerid awc sscid cjevent cjdata tduid admitad_uid vc_lpp ebisadid
rtkcid aiad_clid famad_xuid _zucks_suid _sgm_campaign _sgm_source _sgm_action asgtbndr guccounter guce_referrer
guce_referrer_sig nx_source spm echobox __readwiselocation
cmp cmpid icid intcid intcmp int_cmp ncid mbid smid ocid ftag taid soc_src soc_trk sr_share
"""
TRACKING_NAMES = frozenset(_NAMES.split())
# everything under such a name is tracking: Urchin's own, and those that tools have added to it
TRACKING_PREFIXES = ("utm_", "utm-", "utm.")
# (host, path) of a redirector -> the parameters that may hold its target, the first that does. Exact: any other page of
# such a host is a page. Google's country hosts are one family.
REDIRECTORS = {
    ("google", "/url"): ("url", "q"),
    ("news.google.com", "/news/url"): ("url",),
    ("feedproxy.google.com", "/url"): ("url", "q"),
    ("bing.com", "/news/apiclick.aspx"): ("url",),
    ("duckduckgo.com", "/l"): ("uddg",),
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("facebook.com", "/l.php"): ("u",),
    ("l.instagram.com", "/"): ("u",),
    ("l.messenger.com", "/l.php"): ("u",),
    ("l.threads.net", "/"): ("u",),
    ("l.threads.com", "/"): ("u",),
    ("out.reddit.com", "/"): ("url",),
    ("youtube.com", "/redirect"): ("q",),
    ("linkedin.com", "/redir/redirect"): ("url",),
    ("linkedin.com", "/safety/go"): ("url",),
    ("vk.com", "/away.php"): ("to",),
    ("away.vk.com", "/away.php"): ("to",),
    ("t.umblr.com", "/redirect"): ("z",),
    ("slack-redir.net", "/link"): ("url",),
    ("steamcommunity.com", "/linkfilter"): ("url", "u"),
}
# of Google's second levels: google.com, google.de, google.co.uk, google.com.au
GOOGLE_SUFFIX_LABELS = 2
MOST_WRAPPERS = 3  # one redirector around another


def is_tracking(parameter: str) -> bool:
    """Whether a query's "name=value" is there for tracking alone.

    Also where it was put behind a second "?" or with an "&" that was escaped twice, as tools do that add it to links.
    """
    name = parameter.partition("=")[0].lower().removeprefix("amp;").lstrip("?")
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


def unwrap(url: str) -> str:
    """The address that a redirector's address names in a parameter; `url` where it is no such address."""
    for _ in range(MOST_WRAPPERS):
        target = _target(url)
        if not target:
            break
        url = target
    return url


def _target(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = _family((parts.hostname or "").rstrip("."))
    except ValueError:
        return ""
    names = REDIRECTORS.get((host, parts.path.rstrip("/") or "/"), ()) if parts.scheme in ("http", "https") else ()
    fields = dict(reversed(parse_qsl(parts.query))) if names else {}  # the first of each name
    found = (fields.get(name, "").strip() for name in names)
    return next((each for each in found if each.lower().startswith(("http://", "https://")) and _has_host(each)), "")


def _family(host: str) -> str:
    """The host without "www."; "google" for each of Google's country hosts."""
    host = host.removeprefix("www.")
    name, _, suffix = host.partition(".")
    labels = suffix.split(".")
    country = len(labels) <= GOOGLE_SUFFIX_LABELS and (suffix == "com" or len(labels[-1]) == 2)
    second = len(labels) < GOOGLE_SUFFIX_LABELS or labels[0] in ("com", "co")
    return "google" if name == "google" and country and second else host


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
