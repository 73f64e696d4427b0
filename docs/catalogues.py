"""Set both catalogues in order: the same ids, sorted, each English text above its translation.

``make docs`` runs it. A new id is written into en.po by hand; here it comes into vi.po, empty,
where a translator finds it. An id that en.po no longer has goes. What the fields of records are
called, and the help of the options that follow from them, is declared in `casework/kinds` and
comes from there into both; what a column of files means, into en.po only, so that vi.po translates
it.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from casework.exchange.columns import DOUBT, columns_of
from casework.kinds.choices import CHOICES
from casework.kinds.records import KINDS

WORDS = Path(__file__).parent.parent / "casework" / "words"


def read(language: str) -> Catalog:
    """Return the catalogue of a language."""
    with (WORDS / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def written(catalogue: Catalog, head: str) -> bytes:
    """Return a catalogue as the bytes of its file, under the head it has."""
    text = BytesIO()
    write_po(text, catalogue, width=100, sort_output=True, omit_header=True)
    return f"{head}\n\n".encode() + text.getvalue().strip() + b"\n"


def head(language: str) -> str:
    """Return what stands before the first entry of a language's file."""
    return (WORDS / f"{language}.po").read_text(encoding="utf-8").partition("\n\n")[0]


def declared() -> dict[str, tuple[str, str]]:
    """Return what the rows of all kinds say in both languages, by id."""
    found: dict[str, tuple[str, str]] = {}
    for kind, record in KINDS.items():
        found[f"kind.{kind}"] = record.label
        if record.several is not None:
            found[f"kinds.{kind}"] = record.several
        for field in record.fields:
            found[f"word.{field.name}"] = field.label
            for use, told in (("option", field.option), ("filter", field.filter)):
                if told is not None:
                    found[f"{use}.{kind}.{field.name}"] = told
    for words in CHOICES.values():
        found |= {f"word.{value}": told for value, told in words.items()}
    return found


def columns() -> dict[str, str]:
    """Return what the columns of files mean, in English, by id."""
    found = {f"column.case.{DOUBT.name}": DOUBT.meaning}
    for kind, record in KINDS.items():
        for column in columns_of(record):
            found[f"column.{kind}.{column.name}"] = column.meaning
    return found


def in_order() -> dict[str, bytes]:
    """Return both files as they should be."""
    english, vietnamese = read("en"), read("vi")
    for key, texts in declared().items():
        for catalogue, text in zip((english, vietnamese), texts, strict=True):
            # What is there already would stay as it is.
            catalogue.delete(key)
            catalogue.add(key, text)
    for key, text in columns().items():
        english.delete(key)
        english.add(key, text)
    told = Catalog(locale="vi")
    for gone in [one.id for one in english if _is_stale(one.id)]:
        english.delete(gone)
    for message in english:
        if message.id:
            known = vietnamese.get(_key(message.id))
            text = known.string if known else ""
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            told.add(message.id, text, auto_comments=[line for one in said for line in _lines(one)])
    return {"en": written(english, head("en")), "vi": written(told, head("vi"))}


def _is_stale(key: str | tuple[str, ...]) -> bool:
    """Tell whether an id is of a kind, a column or the help of a row that there is no longer."""
    own = ("kind.", "kinds.", "option.", "filter.", "column.")
    return _key(key).startswith(own) and _key(key) not in declared() | columns()


def _key(key: str | tuple[str, ...]) -> str:
    return key if isinstance(key, str) else key[0]


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


if __name__ == "__main__":
    for language, file in in_order().items():
        (WORDS / f"{language}.po").write_bytes(file)
