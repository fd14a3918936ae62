"""Write `transforms/kernels/boilerplate/rules/wordpress.json` from WordPress's own translations.

Source: the Debian package `wordpress-l10n` (6.1.9+dfsg1-0+deb12u1), whose .mo files hold the strings of the core in
some sixty languages. How the data file was made:

    apt-get download wordpress-l10n
    dpkg-deb -x wordpress-l10n_*.deb UNPACKED
    python -m tests.tools.wordpress_rules UNPACKED transforms/kernels/boilerplate/rules/wordpress.json
"""

from __future__ import annotations

import gettext
import html
import json
import re
import sys
from pathlib import Path

# msgid -> name of the string, role, strength, position. Strong: such a line has no other use.
STRINGS: dict[str, tuple[str, str, str, str]] = {
    "Leave a Reply": ("leave-a-reply", "comment-form", "strong", "tail"),
    "Leave a Comment": ("leave-a-comment", "comment-form", "strong", "tail"),
    "Leave a comment": ("leave-a-comment-2", "comment-form", "strong", "tail"),
    "Your email address will not be published.": ("email-not-published", "comment-form", "strong", "any"),
    "Required fields are marked %s": ("required-fields", "comment-form", "strong", "any"),
    "Cancel reply": ("cancel-reply", "comment-form", "strong", "any"),
    "Click here to cancel reply.": ("click-to-cancel-reply", "comment-form", "strong", "any"),
    "Post Comment": ("post-comment", "comment-form", "strong", "tail"),
    "Submit Comment": ("submit-comment", "comment-form", "strong", "tail"),
    "Mail (will not be published)": ("mail-not-published", "comment-form", "strong", "any"),
    'You must be <a href="%s">logged in</a> to post a comment.': ("must-log-in", "comment-form", "strong", "any"),
    "Sorry, the comment form is closed at this time.": ("comment-form-closed", "comment-form", "strong", "any"),
    "Comments are closed.": ("comments-closed", "comment-form", "strong", "tail"),
    "Log in to Reply": ("log-in-to-reply", "comment-form", "strong", "any"),
    "Log in to leave a Comment": ("log-in-to-comment", "comment-form", "strong", "any"),
    "&laquo; Older Comments": ("older-comments", "navigation", "strong", "any"),
    "Newer Comments &raquo;": ("newer-comments", "navigation", "strong", "any"),
    '<abbr title="Really Simple Syndication">RSS</abbr> feed for comments on this post.': (
        ("comments-feed-of-post", "feed", "strong", "any")
    ),
    'Entries <abbr title="Really Simple Syndication">RSS</abbr>': ("entries-rss", "feed", "weak", "any"),
    'Comments <abbr title="Really Simple Syndication">RSS</abbr>': ("comments-rss", "feed", "weak", "any"),
    "Powered by WordPress": ("powered-by", "credit", "strong", "tail"),
    "Powered by WordPress, state-of-the-art semantic personal publishing platform.": (
        ("powered-by-long", "credit", "strong", "any")
    ),
    "Recent Posts": ("recent-posts", "section", "strong", "tail"),
    "Recent Comments": ("recent-comments", "section", "strong", "tail"),
    "No Comments": ("no-comments", "counter", "weak", "any"),
    "1 Comment": ("one-comment", "counter", "weak", "any"),
    "% Comments": ("n-comments", "counter", "weak", "any"),
    "Comments Off": ("comments-off", "counter", "weak", "any"),
    "No comments yet.": ("no-comments-yet", "counter", "weak", "any"),
    "Next Post": ("next-post", "navigation", "weak", "any"),
    "Previous Post": ("previous-post", "navigation", "weak", "any"),
    "Next page": ("next-page", "navigation", "weak", "any"),
    "Previous page": ("previous-page", "navigation", "weak", "any"),
    "Older posts": ("older-posts", "navigation", "weak", "any"),
    "Newer posts": ("newer-posts", "navigation", "weak", "any"),
    "Select Category": ("select-category", "navigation", "weak", "any"),
    "Select Month": ("select-month", "navigation", "weak", "any"),
    "Uncategorized": ("uncategorized", "label", "weak", "any"),
    "Archives": ("archives", "section", "weak", "any"),
    "Categories": ("categories", "section", "weak", "any"),
    "Tags": ("tags", "section", "weak", "any"),
    "Comments": ("comments", "comment-form", "weak", "any"),
    "Comment": ("comment", "comment-form", "weak", "any"),
    "Reply": ("reply", "comment-action", "weak", "any"),
    "Edit": ("edit", "comment-action", "weak", "any"),
    "Name": ("name", "comment-form", "weak", "any"),
    "Email": ("email", "email", "weak", "any"),
    "E-mail": ("e-mail", "email", "weak", "any"),
    "Website": ("website", "comment-form", "weak", "any"),
    "Print": ("print", "print", "weak", "any"),
    "Search": ("search", "navigation", "weak", "any"),
    "Home": ("home", "navigation", "weak", "any"),
    "Pages": ("pages", "section", "weak", "any"),
    "Meta": ("meta", "section", "weak", "any"),
    "Log in": ("log-in", "navigation", "weak", "any"),
    "Register": ("register", "navigation", "weak", "any"),
    "Lost your password?": ("lost-password", "navigation", "weak", "any"),
    "Remember Me": ("remember-me", "navigation", "weak", "any"),
    "Page not found": ("page-not-found", "error-page", "weak", "any"),
}
# And these two.
HEADING = ("Leave a Reply", "Cancel reply")
MAX_BYTES = 256  # longer lines have no key
# Current themes put these two into one line.
JOINED = ("Your email address will not be published.", "Required fields are marked %s")


def plain(text: str) -> str:
    """Return a message as it shows on a page: no markup, `%s` as the star it stands for, a count as a digit."""
    text = html.unescape(re.sub(r"<[^>]*>", "", text)).replace("\xa0", " ")
    return re.sub(r"^%(?= )|(?<= )%$", "2", text.replace("%s", "*")).strip()


def is_one_word(line: str) -> bool:
    """Return whether a line is one word of a script that parts its words by spaces."""
    return len(line.split()) == 1 and not re.search("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\uac00]", line)


def main(unpacked: str, target: str) -> None:
    """Read the catalogues under `unpacked` and write the rule file."""
    languages: dict[str, dict[str, list[str]]] = {}
    ambiguous: dict[str, dict[str, list[str]]] = {}
    for path in sorted(Path(unpacked).rglob("*.mo")):
        if path.name.startswith(("admin", "continents")):
            continue
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)
        language = path.stem.replace("_", "-")
        found: dict[str, list[str]] = {}
        for message, (name, *_) in STRINGS.items():
            translated = catalogue.gettext(message)
            if translated != message and len(plain(translated)) > 1 and "%" not in plain(translated):
                found.setdefault(name.removesuffix("-2"), []).append(plain(translated))
        both = [catalogue.gettext(message) for message in JOINED]
        line = " ".join(map(plain, both))
        if both[0] != JOINED[0] and len(line.encode()) <= MAX_BYTES:
            found["email-not-published"].append(line)
        heading = [plain(catalogue.gettext(message)) for message in HEADING]
        if heading[0] != HEADING[0]:
            found.setdefault("cancel-reply", []).append(" ".join(heading))
        for name in list(found):
            # One word of a script that parts its words ("Vastaa", "Odgovori") is used for other things as well.
            role = next(entry for entry in STRINGS.values() if entry[0].removesuffix("-2") == name)
            loose = [line for line in found[name] if role[2] == "strong" and is_one_word(line)]
            if loose:
                ambiguous.setdefault(language, {})[name] = list(dict.fromkeys(loose))
                found[name] = [line for line in found[name] if line not in loose]
                if not found[name]:
                    del found[name]
        if found:
            languages[language] = {name: list(dict.fromkeys(lines)) for name, lines in found.items()}
    english: dict[str, list[str]] = {}
    for message, (name, *_) in STRINGS.items():
        english.setdefault(name.removesuffix("-2"), []).append(plain(message))
    english["email-not-published"].append(" ".join(map(plain, JOINED)))
    rules = {
        "platform": "wordpress",
        "source": "Debian wordpress-l10n 6.1.9+dfsg1-0+deb12u1 (WordPress core, GPL-2+), "
        "by tests/tools/wordpress_rules.py",
        "strings": {
            name: {"role": role, "strength": strength, "position": position}
            for name, role, strength, position in STRINGS.values()
            if not name.endswith("-2")
        },
        "languages": {"en": english, **languages},
        "ambiguous": ambiguous,
    }
    Path(target).write_text(json.dumps(rules, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
