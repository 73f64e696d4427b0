"""What people read in a bundle: history.html and history.txt, made of the disclosed lines alone.

The same lines give the same bytes, by whatever Python: a fixed head and foot around rows of day,
act, who, field, old value, new value and why, in words of the fixed list LABELS. FORM names that
list and this way of writing; a page of another form is for the verifier of its own bundle.
"""
# fmt: off

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from casework.log.verify_labels import LABELS
from casework.log.verify_lines import DAY, is_sealed, lines, need, opened

FORM = sha256(b"2" + "".join(LABELS).encode()).hexdigest()[:8]
FORMED = re.compile(rb"casework history ([0-9a-f]{8})\b")
# Who holds a folder may read pages of so many events; more of them are found case by case.
MOST, LANGS, NOTHING, REDACTED = 10_000, ("vi", "en"), "–", "[redacted]"
ENTRIES = [one.split("|") for one in "".join(LABELS).split("¦") if one]
SAYS = {lang: {code.partition("@")[0]: told[at] for code, *told in ENTRIES}
        for at, lang in enumerate(LANGS)}
SHOWN = dict(code[6:].partition("@")[::2] for code, *_ in ENTRIES if code.startswith("field."))
WORDS, NAMING = ("login", "note", "reason", "document"), ("name", "name_vi")
NAMED = frozenset(how for how in SHOWN.values() if how not in ("", "day", "word"))
# What a heading tells, or what goes without saying: the same is left out by `casework history`.
UNTOLD = ("state_since", "reported", "original_due", "document", "resolved_by")
# Controls, and whatever turns, hides or joins the letters around it.
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
                    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
                    "\ufff9-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
STYLE = """
body { font: 16px/1.5 "Times New Roman", "Liberation Serif", serif; color: #1a1a1a;
  max-width: 75rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; color: #1f4e79; } h2 { font-size: 1.15rem; }
h1, h2 { break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; }
th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: #e8eef5; } td { white-space: pre-line; }
td[data-h] { overflow-wrap: anywhere; } .d { min-width: 6.5rem; }
tbody { border-top: 2px solid #1f4e79; break-inside: avoid; } small { color: #555; display: block; }
.x { text-decoration: line-through; color: #666; }
@page { size: A4 landscape; margin: 15mm; }
@media print { body { font-size: 10pt; max-width: none; padding: 0; } nav { display: none; }
  section + section { break-before: page; } }
@media screen and (max-width: 48rem) {
  thead { position: absolute; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; } td { border: 0; padding: .1rem .5rem; }
  tbody { border: 1px solid #999; margin-bottom: .75rem; padding: .3rem 0; }
  td:empty { display: none; } td.a, td.f { font-weight: bold; } td.f { margin-top: .4rem; }
  td[data-h] { padding-left: 1.5rem; }
  td[data-h]::before { content: attr(data-h) ": "; color: #555; } }
"""

def gathered(folder: Path) -> Any:
    """Return the events of each case with what is disclosed, and the names of other records."""
    found: Any = []
    cases: Any = {}
    names: Any = {}
    erased: Any = set()
    requests: Any = {}
    both = (lines(folder / name) for name in ("events.jsonl", "disclosed.jsonl"))
    for (_, _, event), (_, _, told) in zip(*both):  # noqa: B905 - Python 3.8, and it was checked
        found.append((event, told["values"]))
        erased |= {tuple(place) for place in event.get("redacts") or ()}
    for event, values in found:
        def value(path: str, held: Any, seq: int = event["seq"], known: Any = values) -> Any:
            if not is_sealed(held):
                return held
            gone = "erased" if (seq, path) in erased else "withheld"
            return known[path][1] if path in known else {"commitment": gone}
        event["changes"] = {name: [value(f"{name}.{at}", one) for at, one in enumerate(pair)]
                            for name, pair in event["changes"].items()}
        event.update({word: value(word, event.get(word)) for word in WORDS})
        if event["kind"] == "request" and "subject" in event["changes"]:
            requests[event["key"]] = [event["changes"][name][1]
                                      for name in ("subject_kind", "subject", "verb")]
        kind, subject, event["verb"] = requests.get(event["key"], ("", "", ""))
        if event["kind"] == "case" or (event["kind"] == "request" and kind == "case"):
            subject = event["key"] if event["kind"] == "case" else subject
            cases.setdefault(subject, []).append(event)
        elif event["kind"] in NAMED:
            names.update({(event["kind"], event["key"], name): event["changes"][name][1]
                          for name in NAMING if name in event["changes"]})
    # A case has events of its own; of what was asked for on others nothing is told.
    return {key: events for key, events in cases.items()
            if any(event["kind"] == "case" for event in events)}, names

def seen(text: str) -> str:
    """Return a text with all that cannot be seen in it spelled out."""
    return UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)

class Teller:
    """How one language tells events."""

    def __init__(self, lang: str, names: Any) -> None:
        """Take a language, and the names that are disclosed."""
        self.lang, self.names, self.says = lang, names, SAYS[lang]

    def day(self, iso: str) -> str:
        """Return a day as the language writes it."""
        turned = self.lang == "vi" and DAY.fullmatch(iso)
        return "/".join(reversed(iso.split("-"))) if turned else iso

    def named(self, kind: str, code: Any) -> str:
        """Return the name of a record before its code, or the code alone."""
        order = NAMING if self.lang == "en" else NAMING[::-1]
        known = [self.names.get((kind, code, one)) for one in order]
        names = (one for one in known if isinstance(one, str) and one not in ("", REDACTED))
        name = next(names, None)
        return seen(f"{name} ({code})" if name else str(code))

    def value(self, field: str, held: Any) -> str:
        """Return a value of a field."""
        how = SHOWN.get(field, "")
        if held in (None, "", []):
            return NOTHING
        if held == REDACTED:
            return self.says["page.erased"]
        if isinstance(held, dict):
            return self.says["page." + held["commitment"]] if is_marked(held) else seen(str(held))
        if isinstance(held, list):
            return ", ".join(" ".join(self.value(field, part) for part in one)
                             if isinstance(one, list) else self.value(field, one) for one in held)
        if how in NAMED:
            return self.named(how, held)
        text = seen(str(held))
        return self.day(text) if how == "day" else self.says.get("word." + held, text) if (
            how == "word" or field == "links") else text

    def who(self, event: Any) -> str:
        """Return who acted, and under which login where that is another word."""
        login = event["login"]
        more = "" if login in (None, event["actor"]) else f", {self.value('', login)}"
        return self.named("person", event["actor"]) + more

    def why(self, event: Any, beside: Any) -> Any:
        """Yield what is said of an act, and which other events it changes, or is changed by."""
        for word, label in (("reason", "reason"), ("note", "note"), ("document", "paper")):
            if event[word] is not None:
                more = event.get("document_date") if word == "document" else None
                of = f", {self.says['page.paper-of']} {self.day(more)}" if more else ""
                yield f"{self.says['page.' + label]}: {self.value('', event[word])}{of}"
        if event.get("reported"):
            source = str(event["reported"].get("source"))
            of_file = source.startswith("reported by file ")
            source = re.sub("^reported by (file )?", "", source)
            kind = f"{self.says['page.file']} " if of_file else ""
            yield f"{self.says['page.reported']}: {kind}{seen(source)}"
        yield from (f"{self.says['page.' + how]} #{seq}" for how, seq in beside)

    def rows(self, events: Any) -> Any:
        """Yield each event: what stands of it once, its fields with old and new values, and why."""
        beside: Any = {event["seq"]: [] for event in events}
        for event in events:
            for name, back in (("strikes", "struck"), ("amends", "amended")):
                if event.get(name) is not None:
                    beside[event["seq"]].append((name, event[name]))
                    beside.setdefault(event[name], []).append((back, event["seq"]))
        for event in events:
            told = [(self.says.get(f"field.{name}", seen(name)), old, new) for name, old, new in (
                (name, self.value(name, old) if event["version"] > 1 else "", self.value(name, new))
                for name, (old, new) in sorted(event["changes"].items(), key=lambda one: (
                    one[0] != "state", one[0])) if not untold(event, name, new))]
            act = ": ".join(self.says.get(f"act.{one}", seen(one))
                            for one in (event["act"], event["verb"]) if one)
            told = told if event["kind"] == "case" else []
            struck = any(how == "struck" for how, _ in beside[event["seq"]])
            day, hour = event["recorded_at"][:10], event["recorded_at"][11:16]
            at = f"#{event['seq']}, {self.says['page.recorded']} {self.day(day)} {hour}"
            once = self.day(event["effective_on"]), at, act, self.who(event)
            yield once, told or [("", "", "")], [*self.why(event, beside[event["seq"]])], struck

def is_marked(held: Any) -> bool:
    """Tell whether a value stands for one that is not disclosed."""
    return held.get("commitment") in ("erased", "withheld")

def untold(event: Any, name: str, new: Any) -> bool:
    """Tell whether a change of an event goes without saying."""
    return (name in UNTOLD or (name.endswith("_on") and new == event["effective_on"])
            or (name == "due_precision" and new == "day"))

def cases_of(folder: Path) -> Any:
    """Yield each language with its teller, and the cases with what they are called there."""
    cases, names = gathered(folder)
    for lang in LANGS:
        teller = Teller(lang, names)
        last: Any = {key: {} for key in cases}
        for key, events in cases.items():
            for event in events:
                last[key].update({name: new for name, (_, new) in event["changes"].items()})
        called = {}
        for key, held in last.items():
            titles = [held.get("title_vi"), held.get("title")][:: 1 if lang == "vi" else -1]
            title = next((one for one in titles if one), None)
            called[key] = seen(key) + (f": {teller.value('title', title)}" if title else "")
        yield lang, teller, [(called[key], events) for key, events in cases.items()]

def as_text(folder: Path) -> bytes:
    """Return history.txt."""
    out = [f"casework history {FORM}\n"]
    for _, teller, cases in cases_of(folder):
        out.append(f"\n{'=' * 72}\n{teller.says['page.lead']}\n")
        for called, events in cases:
            out.append(f"\n{teller.says['page.title']} {called}\n{'-' * 72}\n")
            for (day, at, act, who), told, why, _ in teller.rows(events):
                out.append(f"\n{day}  {act}  {who}  ({at})\n")
                facts = [f"{field}: {old} → {new}" if old else f"{field}: {new}"
                         for field, old, new in told if field] + why
                out += ["    " + fact.replace("\n", "\n      ") + "\n" for fact in facts]
        out.append(f"\n{teller.says['page.foot']}\n")
    return "".join(out).encode()

def as_html(folder: Path) -> bytes:
    """Return history.html: no script, no address, all that people wrote escaped."""
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    title = " / ".join(SAYS[lang]["page.title"] for lang in LANGS)
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    out = [('<!DOCTYPE html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="generator" content="casework history {FORM}">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
            '<nav><a href="#vi">Tiếng Việt</a> · <a href="#en">English</a></nav>\n')]
    for lang, teller, cases in cases_of(folder):
        out.append(f'<section id="{lang}" lang="{lang}">\n<p>{teller.says["page.lead"]}</p>\n')
        heads = [teller.says[f"page.{one}"] for one in (
            "day", "act", "who", "field", "old", "new", "why")]
        top = "".join(f"<th>{one}</th>" for one in heads)
        for called, events in cases:
            out.append(f"<h1>{teller.says['page.title']} {escape(called)}</h1>\n"
                       f"<table>\n<thead><tr>{top}</tr></thead>\n")
            for (day, when, act, who), told, why, struck in teller.rows(events):
                span = f' rowspan="{len(told)}"' if len(told) > 1 else ""
                first = (f'<td class="d"{span}>{day}<small>{when}</small></td>'
                         f'<td class="a"{span}>{escape(act)}</td><td{span}>{escape(who)}</td>')
                last = f'<td{span} data-h="{heads[6]}">{escape(chr(10).join(why))}</td>'
                out.append('<tbody class="x">' if struck else "<tbody>")
                for number, row in enumerate(told):
                    marks = 'class="f"', f'data-h="{heads[4]}"', f'data-h="{heads[5]}"'
                    cells = "".join(f"<td {marks[at]}>{escape(one)}</td>" if one else "<td></td>"
                                    for at, one in enumerate(row))
                    out.append(f"<tr>{'' if number else first}{cells}{'' if number else last}</tr>")
                out.append("</tbody>\n")
            out.append("</table>\n")
        out.append(f"<p>{teller.says['page.foot']}</p>\n</section>\n")
    return "".join([*out, "</body>\n</html>\n"]).encode()

PAGES = {"history.html": as_html, "history.txt": as_text}

def check_pages(folder: Path) -> str:
    """Check that the pages for people are what the events say; tell which of them are here."""
    here = []
    for name, made in PAGES.items():
        path = folder / name
        if not (path.exists() or path.is_symlink()):
            continue
        with opened(path) as file:
            data = file.read()
        form = FORMED.search(data[:1000])
        need(not form or form[1].decode() == FORM, f"{name} is of another form than this program"
             " makes; the one in its own bundle may check it", ValueError)
        need(data == made(folder), f"{name}: it is not what the events say")
        here.append(name)
    return " and ".join(here) + " say what the events say" if here else "there is no history.html"
