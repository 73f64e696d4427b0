"""The fixed list of labels of a bundle's page, out of the catalogue and the rows of a case.

``make docs`` writes it into `casework/log/verify_labels.py`: a bundle's verifier takes nothing from
the program.
"""

from casework.kinds.case import Case
from casework.kinds.forms import form_of
from casework.rules.workflow import ACTS
from casework.words import has, said

LEAD_VI = """Mỗi hàng là một việc đã ghi vào sổ, theo thứ tự ghi. Trang này lập từ các sự kiện
của hồ sơ chứng cứ; verify_bundle.py lập lại trang và so từng byte."""
LEAD = """Each row is an act as it was recorded, in the order of recording. This page is made of the
events of the evidence bundle; verify_bundle.py makes it again and compares every byte."""
FOOT_VI = """“không công bố”: không có trong hồ sơ này. “đã xóa”: đã xóa khỏi sổ theo pháp luật. Tên
đứng trước mã; chỉ có mã nếu tên không được công bố. Giờ ghi là giờ UTC."""
FOOT = """“not disclosed”: not in this bundle. “erased”: taken out of the register for good. A name
stands before its code; a code alone, where the name is not disclosed. Recorded in UTC."""

OWN = {
    "title": ("Lịch sử vụ việc", "History of the case"),
    "lead": (LEAD_VI, LEAD),
    "foot": (FOOT_VI, FOOT),
    "day": ("có hiệu lực", "took effect"),
    "act": ("việc", "act"),
    "who": ("người thực hiện", "who"),
    "field": ("mục", "field"),
    "old": ("trước đó", "before"),
    "new": ("sau đó", "after"),
    "why": ("căn cứ, lý do", "why"),
    "recorded": ("ghi", "recorded"),
    "withheld": ("không công bố", "not disclosed"),
    "erased": ("đã xóa", "erased"),
    "reported": ("theo nguồn", "told by a source"),
    "file": ("tệp", "file"),
    "note": ("ghi chú", "note"),
    "reason": ("lý do", "reason"),
    "paper": ("văn bản", "document"),
    "paper-of": ("ngày", "of"),
    "strikes": ("gạch bỏ sự kiện", "takes out event"),
    "struck": ("bị gạch bỏ bởi", "taken out by"),
    "amends": ("đính chính sự kiện", "corrects event"),
    "amended": ("được đính chính tại", "corrected by"),
}
"""What the page says of itself, in Vietnamese and in English."""

BETWEEN = "¦"
WIDE = 92


def labels() -> str:
    """Return the source of the list: a code, its label in Vietnamese, its label in English.

    Codes of acts have ``act.`` in front, those of fields ``field.``; behind a field stands how its
    values are shown: as a day, as a word, or as the name of a record.
    """
    found = {
        f"page.{code}": tuple(" ".join(one.split()) for one in told) for code, told in OWN.items()
    }
    for act in sorted(act for act in ACTS if has(f"act.{act}")):
        found[f"act.{act}"] = (said(f"act.{act}", "vi"), said(f"act.{act}", "en"))
    words = set()
    for field in Case.fields:
        form = form_of(field.type)
        among = form.get("among", ())
        words |= {*among}
        how = field.refers or ("word" if among else "day" if form["is"] == "date" else "")
        if field.name != "version":
            key = f"word.{field.name}"
            found[f"field.{field.name}{f'@{how}' * bool(how)}"] = (said(key, "vi"), said(key, "en"))
    for word in sorted(words):
        found[f"word.{word}"] = (said(f"word.{word}", "vi"), said(f"word.{word}", "en"))
    lines = [""]
    for code, told in found.items():
        entry = "|".join((code, *told)) + BETWEEN
        if lines[-1] and len(lines[-1] + entry) > WIDE:
            lines.append("")
        # A long one goes on in the next line.
        *whole, rest = (entry[at : at + WIDE] for at in range(0, len(entry), WIDE))
        lines[-1:] = [*whole, rest] if whole else [lines[-1] + rest]
    return "LABELS = (\n" + "".join(f"    {line!r}\n".replace("'", '"') for line in lines) + ")"
