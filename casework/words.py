"""The words people read, in both languages; identifiers in JSON and CSV are never translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

LANGUAGES = ("en", "vi")

# fmt: off
WORDS: Mapping[str, tuple[str, str]] = {
    # states, outcomes
    "proposed":           ("proposed", "được kiến nghị"),
    "assigned":           ("assigned", "đã giao"),
    "under_study":        ("under study", "đang nghiên cứu"),
    "resolved":           ("resolved", "đã giải quyết"),
    "implemented":        ("implemented", "đã thực hiện"),
    "partly-implemented": ("partly implemented", "thực hiện một phần"),
    "explained":          ("explained", "đã giải trình"),
    "not-accepted":       ("not accepted", "không tiếp thu"),
    "superseded":         ("superseded", "được thay thế"),
    "duplicate":          ("duplicate", "trùng lặp"),
    "transferred":        ("transferred", "chuyển cơ quan khác"),
    "withdrawn":          ("withdrawn", "đã rút"),
    # columns and fields
    "ref":            ("ref", "mã"),
    "title":          ("title", "nội dung"),
    "title_vi":       ("title (vi)", "nội dung (vi)"),
    "summary":        ("summary", "tóm tắt"),
    "state":          ("state", "trạng thái"),
    "owner":          ("owner", "chủ trì"),
    "officer":        ("officer", "cán bộ"),
    "coordinating":   ("coordinating", "phối hợp"),
    "proposer":       ("proposer", "bên kiến nghị"),
    "speaker":        ("speaker", "người phát biểu"),
    "addressee":      ("asked of", "kiến nghị với"),
    "conference":     ("conference", "hội nghị"),
    "due":            ("due", "hạn"),
    "original_due":   ("original due", "hạn ban đầu"),
    "due_words":      ("words of the deadline", "thời hạn nêu trong văn bản"),
    "due_basis":      ("basis", "căn cứ"),
    "due_precision":  ("precise to", "chính xác đến"),
    "due_rule":       ("counted as", "cách tính"),
    "due_from":       ("counted from", "tính từ"),
    "held_since":     ("on hold since", "tạm dừng từ"),
    "held_days":      ("days on hold", "số ngày tạm dừng"),
    "holds":          ("holds", "các lần tạm dừng"),
    "day":            ("day", "ngày"),
    "month":          ("month", "tháng"),
    "quarter":        ("quarter", "quý"),
    "weekday":        ("weekday", "thứ"),
    "kind":           ("kind", "loại"),
    "status":         ("status", "tình trạng"),
    "off":            ("off", "nghỉ"),
    "working":        ("working", "làm bù"),
    "official":       ("official", "chính thức"),
    "projected":      ("projected", "dự kiến"),
    "withdrawn_on":   ("withdrawn on", "bỏ ngày"),
    "withdrawn_day":  ("withdrawn", "đã bỏ"),
    "weekend":        ("weekend", "cuối tuần"),
    "holiday":        ("holiday", "ngày nghỉ"),
    "made-up":        ("worked, and counted", "làm bù, được tính"),
    "days":           ("days", "ngày"),
    "days_changed":   ("days changed", "ngày thay đổi"),
    "days_same":      ("already so", "đã có"),
    "why":            ("why", "vì sao"),
    "skipped":        ("Days the count passed over", "Những ngày không tính như thường lệ"),
    "set_by":         ("Set by", "Do các việc sau"),
    "calendar":       ("calendar of event", "lịch theo sự kiện"),
    "today_gives":    ("today's calendar gives", "theo lịch hiện nay"),
    "projected_days": ("some of these days are expected, not yet decided",
                       "một số ngày mới là dự kiến, chưa có quyết định"),
    "differs":        ("today's calendar would give another date; to move all such deadlines:",
                       "lịch hiện nay cho ngày khác; để chuyển tất cả các hạn như vậy:"),
    "touched_cases":  ("Open cases it would move", "Vụ việc chưa xong sẽ đổi hạn"),
    "moved_cases":    ("Open cases that were moved", "Vụ việc chưa xong đã đổi hạn"),
    "move_them":      ("their deadlines stay; casework holiday recompute --reason TEXT moves them",
                       "các hạn giữ nguyên; casework holiday recompute --reason TEXT để chuyển"),
    "not_worked":     ("that is not a working day;", "đó không phải ngày làm việc;"),
    "next_worked":    ("the next one is", "ngày làm việc kế tiếp là"),
    "effective":      ("on", "hiệu lực"),
    "since":          ("since", "từ"),
    "due_before":     ("due before", "hạn trước"),
    "extensions":     ("extensions", "số lần gia hạn"),
    "days_overdue":   ("days late", "ngày trễ"),
    "outcome":        ("outcome", "kết quả"),
    "answer":         ("answer", "trả lời"),
    "document":       ("document", "văn bản"),
    "answered_by":    ("answered by", "người trả lời"),
    "answered_on":    ("answered on", "ngày trả lời"),
    "proposed_on":    ("proposed on", "ngày kiến nghị"),
    "assigned_on":    ("assigned on", "ngày giao"),
    "study_on":       ("under study since", "nghiên cứu từ"),
    "resolved_on":    ("resolved on", "ngày giải quyết"),
    "resolved_by":    ("resolved by", "người xác nhận"),
    "first_resolution": ("first resolution", "giải quyết lần đầu"),
    "theme":          ("theme", "chủ đề"),
    "instruments":    ("instruments", "văn bản liên quan"),
    "source":         ("source", "nguồn"),
    "links":          ("links", "liên kết"),
    "linked_from":    ("linked from", "được liên kết từ"),
    "reported":       ("reported", "theo nguồn"),
    "version":        ("version", "phiên bản"),
    "code":           ("code", "mã"),
    "name":           ("name", "tên"),
    "name_vi":        ("name (vi)", "tên (vi)"),
    "org_kind":       ("kind", "loại"),
    "aliases":        ("aliases", "tên khác"),
    "parent":         ("parent", "cấp trên"),
    "valid_from":     ("from", "từ"),
    "valid_to":       ("to", "đến"),
    "successor":      ("successor", "kế thừa"),
    "org":            ("organisation", "cơ quan"),
    "role":           ("role", "vai trò"),
    "login":          ("login", "tài khoản"),
    "offices":        ("offices", "chức vụ"),
    "ended_on":       ("left on", "thôi từ"),
    "series":         ("series", "chuỗi"),
    "number":         ("number", "lần thứ"),
    "date":           ("date", "ngày"),
    "year":           ("year", "năm"),
    "certainty":      ("certainty", "độ chắc chắn"),
    "format":         ("format", "hình thức"),
    "place":          ("place", "địa điểm"),
    "previous":       ("previous", "kỳ trước"),
    "seq":            ("event", "số"),
    "act":            ("act", "việc"),
    "actor":          ("by", "người thực hiện"),
    "effective_on":   ("on", "hiệu lực"),
    "recorded_at":    ("recorded (UTC)", "ghi lúc (UTC)"),
    "changes":        ("changes", "thay đổi"),
    "reason":         ("reason", "lý do"),
    "note":           ("note", "ghi chú"),
    # the overdue report
    "overdue_report":     ("Overdue report", "Báo cáo quá hạn"),
    "as_of":              ("as of", "tính đến ngày"),
    "known_at":           ("as known at", "theo dữ liệu lúc"),
    "before":             ("before", "trước"),
    "until":              ("until", "đến hết"),
    "no_horizon":         ("no next conference is registered; --until DATE looks ahead without",
                           "chưa đăng ký hội nghị kế tiếp; có thể dùng --until DATE"),
    "overdue":            ("Overdue", "Quá hạn"),
    "due_before_horizon": ("Due before the horizon", "Đến hạn trước hội nghị"),
    "no_owner":           ("No owner", "Chưa có cơ quan chủ trì"),
    "no_due_date":        ("No due date", "Chưa có thời hạn"),
    "orphaned":           ("Owner no longer exists", "Cơ quan chủ trì không còn tồn tại"),
    "on_hold":            ("On hold", "Tạm dừng"),
    "by_owner":           ("By owner", "Theo cơ quan chủ trì"),
    "none":               ("none", "không có"),
    "total":              ("total", "tổng"),
    "cases":              ("cases", "số vụ việc"),
    "resolved_on_time":   ("on time", "đúng hạn"),
    "resolved_late":      ("late", "trễ hạn"),
    "resolved_no_due":    ("never due", "không có hạn"),
    "open":               ("open", "chưa xong"),
    "open_in_time":       ("in time", "trong hạn"),
    "open_overdue":       ("overdue", "quá hạn"),
    "open_no_due":        ("no due date", "chưa có hạn"),
    "coordinates":        ("coordinates*", "phối hợp*"),
    "coordinates_note":   ("* open cases it coordinates; each is counted under its owner",
                           "* vụ việc đang phối hợp; mỗi vụ việc được tính cho cơ quan chủ trì"),
    "same_cases":         ("the same cases as under", "cùng các vụ việc như ở mục"),
    "moved_from":         ("moved from", "hạn ban đầu"),
    "overdue_report_subject": ("on recommendations that are overdue",
                               "về các kiến nghị quá hạn giải quyết"),
    "lateness_chart":     ("Lateness by owner", "Mức độ trễ hạn theo cơ quan chủ trì"),
    "still_overdue":      ("overdue now", "đang quá hạn"),
    "came_late":          ("resolved late", "giải quyết trễ hạn"),
    # the progress report
    "progress_report":    ("Progress report", "Báo cáo tiến độ"),
    "progress_report_subject": ("on carrying out the conferences' recommendations",
                                "về tình hình thực hiện các kiến nghị tại hội nghị"),
    "balance":            ("Completed and not completed", "Hoàn thành và chưa hoàn thành"),
    "balance_chart":      ("In time and late", "Đúng hạn và trễ hạn"),
    "in_time":            ("in time", "đúng hạn, trong hạn"),
    "late":               ("late", "trễ hạn, quá hạn"),
    "completed":          ("completed", "đã hoàn thành"),
    "not_completed":      ("not completed", "chưa hoàn thành"),
    "completed_no_due":   ("completed, never due", "đã hoàn thành, không có hạn"),
    "not_completed_no_due": ("not completed, no due date", "chưa hoàn thành, chưa có hạn"),
    "rates":              ("Rates", "Tỷ lệ"),
    "rate":               ("rate", "tỷ lệ"),
    "completed_of_due":   ("completed, of those due", "hoàn thành trên số đến hạn"),
    "on_time_of_completed": ("on time, of the completed", "đúng hạn trên số hoàn thành"),
    "overdue_of_open":    ("overdue, of the not completed", "quá hạn trên số chưa hoàn thành"),
    "rates_note":         (("those due: completed with a due date, and overdue; cases without a due"
                           " date are in no rate; rounded half up"),
                           ("số đến hạn: đã hoàn thành có thời hạn và quá hạn; vụ việc không có"
                           " thời hạn không tính vào tỷ lệ; làm tròn đến hai chữ số thập phân")),
    "by_conference":      ("By conference", "Theo hội nghị"),
    "by_theme":           ("By theme", "Theo chủ đề"),
    "no_conference":      ("No conference", "Ngoài hội nghị"),
    "no_theme":           ("No theme", "Chưa phân chủ đề"),
    "themes_note":        ("a case counts under each of its themes; the total counts it once",
                           ("vụ việc thuộc nhiều chủ đề được tính ở từng chủ đề;"
                           " dòng tổng chỉ tính một lần")),
    "no_rate":            ("n/a", "không có"),
    # what stands around a paper
    "lead":               (("{cases} cases: {resolved} resolved ({resolved_on_time} on time,"
                           " {resolved_late} late, {resolved_no_due} never due) and {open} open"
                           " ({open_in_time} in time, {open_overdue} overdue, {open_no_due} without"
                           " a due date)."),
                           ("Tổng số {cases} vụ việc: đã giải quyết {resolved} ({resolved_on_time}"
                           " đúng hạn, {resolved_late} trễ hạn, {resolved_no_due} không có hạn);"
                           " chưa giải quyết {open} ({open_in_time} trong hạn, {open_overdue} quá"
                           " hạn, {open_no_due} chưa có hạn).")),
    "paper_kind":         ("REPORT", "BÁO CÁO"),
    "motto_state":        ("SOCIALIST REPUBLIC OF VIET NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    "motto":              ("Independence - Freedom - Happiness", "Độc lập - Tự do - Hạnh phúc"),
    "parent_office":      ("[PARENT OFFICE]", "[CƠ QUAN CHỦ QUẢN]"),
    "office":             ("[ISSUING OFFICE]", "[CƠ QUAN BAN HÀNH]"),
    "number_place":       ("No.: ……/……", "Số: ……/BC-……"),
    "date_place":         ("……, …… …… 20……", "……, ngày …… tháng …… năm 20……"),
    "recipients":         ("Recipients:", "Nơi nhận:"),
    "recipient":          ("- ……;", "- ……;"),
    "filed":              ("- Filed.", "- Lưu: VT, ……."),
    "signer":             ("[POSITION OF THE SIGNATORY]", "[CHỨC VỤ CỦA NGƯỜI KÝ]"),
    "signer_name":        ("[Full name]", "[Họ và tên]"),
    "chart":              ("Charts", "Biểu đồ"),
    "log":                ("log", "nhật ký"),
    "field":              ("field", "mục"),
    "then":               ("then", "trước"),
    "now":                ("now", "nay"),
    "events":             ("events", "sự kiện"),
    "root":               ("root", "gốc"),
    "origin":             ("origin", "mã nhật ký"),
    "last_recorded":      ("last recorded", "ghi lần cuối"),
}
# fmt: on

WEEKDAYS = (
    ("Monday", "Thứ Hai"),
    ("Tuesday", "Thứ Ba"),
    ("Wednesday", "Thứ Tư"),
    ("Thursday", "Thứ Năm"),
    ("Friday", "Thứ Sáu"),
    ("Saturday", "Thứ Bảy"),
    ("Sunday", "Chủ Nhật"),
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def weekday(day: date, lang: str = "en") -> str:
    """Return the weekday of a date, whatever the machine's locale."""
    return WEEKDAYS[day.weekday()][LANGUAGES.index(lang)]


def long_date(day: date, lang: str = "en") -> str:
    """Return a date with its weekday: Thứ Sáu, 27/11/2026; Friday, 27 November 2026."""
    if lang == "vi":
        return f"{weekday(day, lang)}, {day:%d/%m/%Y}"
    return f"{weekday(day)}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def word(key: str, lang: str = "en") -> str:
    """Return a word in a language; a key that has no entry is its own word."""
    return WORDS.get(key, (key, key))[LANGUAGES.index(lang)]
