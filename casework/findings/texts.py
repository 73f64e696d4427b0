"""What each rule asks, means and does not mean, in both languages: data, and no rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casework.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    vi: str

    def said(self, lang: str) -> str:
        """Return the text in a language."""
        return self[LANGUAGES.index(lang)]


class Texts(NamedTuple):
    """The texts of a rule; `says` are the sentences of its findings, by what exactly was found."""

    title: Words
    explanation: Words
    says: Mapping[str, Words]


NOTE = Words(
    "a finding is a question, not an accusation; --explain RULE says what each rule means",
    "mỗi phát hiện là một câu hỏi, không phải lời buộc tội; --explain RULE giải thích từng quy tắc",
)


TEXTS: Mapping[str, Texts] = {
    "events-lost": Texts(
        Words("Events that were signed for are gone", "Sự kiện đã được ký nay không còn"),
        Words(
            "A checkpoint covered events that the log no longer has, and somebody recorded why:"
            " mostly an older copy had to be restored. The log then goes on under another name. It"
            " does not mean that anything was hidden: disks fail. But whoever wants an act to"
            " vanish would restore an older copy, too. Ask for the paper that authorised it, for"
            " checkpoints and evidence that others kept from before, and what was recorded again"
            " since. Where one person alone spoke for it, ask somebody else who was there.",
            "Một checkpoint từng bao gồm những sự kiện mà nhật ký nay không còn, và có người đã ghi"
            " lý do: phần lớn là do phải khôi phục một bản sao cũ. Từ đó nhật ký mang tên khác."
            " Điều đó không có nghĩa có gì bị giấu đi: ổ đĩa vẫn hỏng. Nhưng ai muốn một việc biến"
            " mất cũng sẽ khôi phục bản sao cũ. Hãy hỏi văn bản cho phép, các checkpoint và hồ sơ"
            " chứng cứ mà nơi khác còn giữ, và những gì đã được ghi lại sau đó. Nếu chỉ một người"
            " xác nhận việc mất, hãy hỏi thêm người khác có mặt khi đó.",
        ),
        {
            "lone": Words(
                "{actor} alone recorded on {when} that of {covered} events signed for only {left}"
                " are known to be left: {reason}",
                "một mình {actor} ghi ngày {when} rằng trong {covered} sự kiện đã ký chỉ chắc chắn"
                " còn {left}: {reason}",
            ),
            "two": Words(
                "{actor} recorded on {when}, with the consent of {consent}, that of {covered}"
                " events signed for only {left} are known to be left: {reason}",
                "{actor} ghi ngày {when}, với sự đồng ý của {consent}, rằng trong {covered} sự kiện"
                " đã ký chỉ chắc chắn còn {left}: {reason}",
            ),
        },
    ),
    "decided-alone": Texts(
        Words("Decided by one person under four eyes", "Một người tự quyết định dù có hai người"),
        Words(
            "The register asks two people for a decision. This one waited for thirty days, nobody"
            " but who asked for it could have confirmed it, and who asked carried it out alone,"
            " for the reason given. It does not mean that the decision is wrong: it is the way out"
            " for an office in which the second person is gone. Ask who the second person should"
            " have been, and look at the decision as that person would have.",
            "Sổ yêu cầu hai người cho mỗi quyết định. Quyết định này đã chờ ba mươi ngày, ngoài"
            " người đề nghị không còn ai có thể xác nhận, và người đề nghị đã tự thực hiện với lý"
            " do nêu ra. Điều đó không có nghĩa quyết định là sai: đó là lối ra cho cơ quan không"
            " còn người thứ hai. Hãy hỏi người thứ hai đáng lẽ là ai và xem lại quyết định như"
            " người ấy sẽ xem.",
        ),
        {
            "alone": Words(
                "{actor} carried out {request} alone on {when}: {reason}",
                "{actor} tự thực hiện {request} ngày {when}: {reason}",
            ),
        },
    ),
    "key-replaced": Texts(
        Words("The log is signed with another key", "Nhật ký được ký bằng khóa khác"),
        Words(
            "From here on another key signs the log. It does not mean that the former one was"
            " stolen: a machine may have been replaced, or a key lost. But a thief, or somebody who"
            " wants to sign another history, needs a new key as well. Ask how the office told you"
            " of the new key, and compare a checkpoint signed with the old one.",
            "Từ đây nhật ký được ký bằng khóa khác. Điều đó không có nghĩa khóa trước bị lấy cắp:"
            " có thể máy đã được thay, hoặc khóa bị mất. Nhưng kẻ lấy cắp, hay ai muốn ký một lịch"
            " sử khác, cũng cần một khóa mới. Hãy hỏi cơ quan đã báo khóa mới bằng cách nào, và"
            " đối chiếu với một checkpoint do khóa cũ ký.",
        ),
        {
            "key": Words(
                "{actor} replaced the key of the log on {when}: {reason}",
                "{actor} thay khóa của nhật ký ngày {when}: {reason}",
            ),
        },
    ),
    "self-confirmed": Texts(
        Words("Confirmed by the one who answered", "Người trả lời tự xác nhận"),
        Words(
            "The owner answers and the secretariat confirms, so that two people look at a case."
            " Here one person did both; or two are named, but both acts were done under one login."
            " It does not mean that the answer is wrong: an office of one person can do no other,"
            " and a colleague may have typed for somebody. Ask what the confirmation rests on."
            " Where nobody had answered before the confirmation, see unsupported.",
            "Cơ quan chủ trì trả lời và ban thư ký xác nhận, để có hai người cùng xem xét. Ở đây"
            " một người làm cả hai việc; hoặc đứng tên hai người nhưng cùng một tài khoản. Điều đó"
            " không có nghĩa câu trả lời là sai: nơi chỉ có một người thì không thể làm khác, và"
            " đồng nghiệp có thể đã nhập hộ. Hãy hỏi việc xác nhận dựa vào đâu. Nếu trước khi xác"
            " nhận chưa có ai trả lời, xem quy tắc unsupported.",
        ),
        {
            "person": Words(
                "{actor} answered on {answered} and confirmed it on {when}: the same person",
                "{actor} trả lời ngày {answered} và xác nhận ngày {when}: cùng một người",
            ),
            "login": Words(
                "{answerer} answered on {answered} and {actor} confirmed it on {when}, both under"
                " the same login, {login}",
                "{answerer} trả lời ngày {answered}, {actor} xác nhận ngày {when}, cùng một tài"
                " khoản {login}",
            ),
        },
    ),
    "unsupported": Texts(
        Words(
            "Resolved without an answer or a document",
            "Giải quyết khi không có trả lời hoặc văn bản",
        ),
        Words(
            "The case was resolved, but nobody had noted an answer before it was confirmed, or no"
            " document is named that shows the result, or both. A case closed without study needs"
            " a document only: its reason stands for the answer. It does not mean that nothing was"
            " done: the owner may have answered by telephone, the paper may lie in the file. Ask"
            " to see it.",
            "Vụ việc đã được giải quyết, nhưng trước khi xác nhận chưa ai ghi câu trả lời, hoặc"
            " không nêu văn bản nào cho thấy kết quả, hoặc cả hai. Vụ việc kết thúc không qua"
            " nghiên cứu chỉ cần văn bản: lý do thay cho câu trả lời. Điều đó không có nghĩa là"
            " chưa làm gì: cơ quan chủ trì có thể đã trả lời qua điện thoại, văn bản có thể nằm"
            " trong hồ sơ. Hãy đề nghị cho xem.",
        ),
        {
            "neither": Words(
                "{actor} resolved it as {outcome} on {when}: nobody had answered before, and no"
                " document is named",
                "{actor} xác nhận {outcome} ngày {when}: trước đó chưa ai trả lời và không nêu"
                " văn bản",
            ),
            "answer": Words(
                "{actor} resolved it as {outcome} on {when}, by document {paper}: nobody had"
                " answered before",
                "{actor} xác nhận {outcome} ngày {when}, theo văn bản {paper}: trước đó chưa ai"
                " trả lời",
            ),
            "document": Words(
                "{actor} resolved it as {outcome} on {when}: no document is named",
                "{actor} xác nhận {outcome} ngày {when}: không nêu văn bản",
            ),
            "closed": Words(
                "{actor} closed it as {outcome} on {when}: no document is named",
                "{actor} kết thúc vụ việc với kết quả {outcome} ngày {when}: không nêu văn bản",
            ),
        },
    ),
    "extended-late": Texts(
        Words("Extended after the due date had passed", "Gia hạn khi đã quá hạn"),
        Words(
            "The due date was moved on only after it had passed; one day after is enough. Until"
            " then the case was overdue, from then on it no longer counts as such. An extension"
            " counts on the day it says it took effect (where it says an earlier day than it was"
            " recorded, see back-dated), a corrected due date on the day it was corrected. It does"
            " not mean that the extension was wrong: it may have been asked for in time. Look for"
            " the request and who granted it.",
            "Thời hạn chỉ được lùi sau khi đã qua; chậm một ngày là đủ. Trước đó vụ việc quá hạn,"
            " từ đó không còn bị tính là quá hạn. Việc gia hạn tính theo ngày hiệu lực (nếu ngày"
            " đó sớm hơn ngày ghi sổ, xem quy tắc back-dated), thời hạn được đính chính tính theo"
            " ngày đính chính. Điều đó không có nghĩa việc gia hạn là sai: có thể đã đề nghị đúng"
            " lúc. Hãy tìm văn bản đề nghị và người cho phép.",
        ),
        {
            "late": Words(
                "{actor} moved the due date from {old} to {new} on {when}, {n} after it had passed",
                "{actor} lùi hạn từ {old} đến {new} ngày {when}, sau khi đã quá hạn {n}",
            ),
        },
    ),
    "recorded-late": Texts(
        Words("Recorded long after it took effect", "Ghi sổ muộn"),
        Words(
            "The act was recorded more than {recorded_late_days} days after the day it took effect"
            " (--recorded-late-days). Reports made in between could not know it; --known-at shows"
            " what they showed. It does not mean that it is untrue: papers arrive late, a"
            " correction takes the day of what it corrects, and old files are entered in one go."
            " Ask for the paper that shows the day.",
            "Việc được ghi vào sổ hơn {recorded_late_days} ngày sau ngày hiệu lực"
            " (--recorded-late-days). Các báo cáo lập trong khoảng đó chưa thể biết; --known-at"
            " cho xem chúng đã thể hiện gì. Điều đó không có nghĩa là không đúng sự thật: văn bản"
            " có thể đến muộn, đính chính lấy ngày của nội dung được đính chính, hồ sơ cũ được"
            " nhập một lần. Hãy đề nghị cho xem văn bản ghi ngày.",
        ),
        {
            "late": Words(
                "{actor}: {what} took effect on {on} and was recorded on {recorded}, {n} later",
                "{actor}: {what} có hiệu lực ngày {on}, ghi sổ ngày {recorded}, muộn {n}",
            ),
        },
    ),
    "back-dated": Texts(
        Words("Dated back", "Đề lùi ngày"),
        Words(
            "The act says that it took effect before the day on which it was recorded, by the"
            " office's time zone; one day is enough, and what was recorded long after is listed"
            " here too. Often that is as it should be: a recommendation is registered after the"
            " conference, a decision after it was signed, a correction for the day of what it"
            " corrects. Ask for the paper that shows the day, above all where the earlier day"
            " makes a case look in time.",
            "Ngày hiệu lực được nêu sớm hơn ngày ghi sổ, theo múi giờ của cơ quan; một ngày là đủ,"
            " và việc ghi rất muộn cũng được nêu ở đây. Thường thì như vậy là đúng: kiến nghị được"
            " đăng ký sau hội nghị, quyết định được ghi sau khi ký, đính chính lấy ngày của nội"
            " dung được đính chính. Hãy đề nghị cho xem văn bản ghi ngày, nhất là khi ngày sớm hơn"
            " làm cho vụ việc có vẻ đúng hạn.",
        ),
        {
            "back": Words(
                "{actor} recorded {what} on {recorded} as of {on}, {n} earlier",
                "{actor} ghi {what} ngày {recorded} với hiệu lực từ {on}, sớm hơn {n}",
            ),
        },
    ),
    "idle": Texts(
        Words("Under study and idle", "Đang nghiên cứu nhưng không có chuyển biến"),
        Words(
            "The case is under study, and for more than {idle_days} days (--idle-days) there was"
            " no answer and no change of its state, owner, officer, coordinating organisations,"
            " due date, outcome or document. Notes, links and edits of wording do not count. It"
            " does not mean that nobody works on it: there may be work of which the register was"
            " not told. Ask the owner where it stands.",
            "Vụ việc đang nghiên cứu, và đã hơn {idle_days} ngày (--idle-days) không có trả lời,"
            " không thay đổi trạng thái, cơ quan chủ trì, cán bộ, cơ quan phối hợp, thời hạn, kết"
            " quả hay văn bản. Ghi chú, liên kết và sửa câu chữ không được tính. Điều đó không có"
            " nghĩa là không ai làm: có thể có việc chưa được ghi vào sổ. Hãy hỏi cơ quan chủ trì"
            " về tình hình.",
        ),
        {
            "idle": Words(
                "under study by {owner} since {since}; nothing has happened since {last}: {n} on"
                " {day}",
                "{owner} nghiên cứu từ {since}; không có chuyển biến từ {last}: {n} tính đến {day}",
            ),
        },
    ),
    "reopened": Texts(
        Words("Reopened after confirmation", "Mở lại sau khi đã xác nhận"),
        Words(
            "The case had been confirmed as resolved, or closed, and was taken up again. It does"
            " not mean that the first decision was careless: things change, and to reopen a case"
            " openly is better than to leave a wrong answer. Ask what the first confirmation"
            " rested on, and which reports counted the case as resolved.",
            "Vụ việc đã được xác nhận là giải quyết xong, hoặc đã kết thúc, rồi được xem xét lại."
            " Điều đó không có nghĩa quyết định đầu là cẩu thả: tình hình có thể thay đổi, và công"
            " khai mở lại tốt hơn là để một câu trả lời sai. Hãy hỏi lần xác nhận đầu dựa vào đâu,"
            " và những báo cáo nào đã tính vụ việc là giải quyết xong.",
        ),
        {
            "reopened": Words(
                "{actor} reopened it on {when}; it had been resolved as {outcome} on {ended}",
                "{actor} mở lại ngày {when}; trước đó đã giải quyết ngày {ended}: {outcome}",
            ),
        },
    ),
    "reassigned-late": Texts(
        Words(
            "Given to another owner close to the due date",
            "Đổi cơ quan chủ trì sát hạn hoặc quá hạn",
        ),
        Words(
            "The case was given to another owner {reassigned_late_days} days or less"
            " (--reassigned-late-days) before it was due, or later: at once, or by returning and"
            " assigning it again. The new owner had little time, or took over a delay. It does"
            " not mean that somebody pushed the case away: tasks change hands. Ask who had it for"
            " most of the time, and do not count the delay against the last owner alone.",
            "Vụ việc được giao cho cơ quan chủ trì khác khi còn {reassigned_late_days} ngày hoặc ít"
            " hơn (--reassigned-late-days), hoặc sau khi quá hạn: giao thẳng, hoặc trả lại rồi"
            " giao lại. Cơ quan mới có ít thời gian, hoặc phải nhận phần chậm trễ. Điều đó không có"
            " nghĩa là có người đẩy việc: nhiệm vụ có thể thay đổi. Hãy hỏi ai giữ vụ việc lâu"
            " nhất, và không chỉ tính sự chậm trễ cho cơ quan cuối cùng.",
        ),
        {
            "before": Words(
                "{actor} gave it from {old} to {new} on {when}, {n} before it was due on {due}",
                "{actor} chuyển từ {old} sang {new} ngày {when}, {n} trước hạn {due}",
            ),
            "after": Words(
                "{actor} gave it from {old} to {new} on {when}, {n} after it was due on {due}",
                "{actor} chuyển từ {old} sang {new} ngày {when}, {n} sau hạn {due}",
            ),
        },
    ),
    "clock-back": Texts(
        Words("Clock set back", "Đồng hồ bị lùi"),
        Words(
            "An event bears a time of recording more than {clock_back_seconds} seconds"
            " (--clock-back-seconds) earlier than the event before it, though events are numbered"
            " in the order in which they were written. So a machine's clock was set back, or those"
            " of two machines differ, and the days of recording near this place cannot be relied"
            " on. It says nothing of who acted: clocks are also set right. Where several machines"
            " share a register, allow some seconds.",
            "Một sự kiện có giờ ghi sớm hơn sự kiện trước nó hơn {clock_back_seconds} giây"
            " (--clock-back-seconds), dù các sự kiện được đánh số theo thứ tự ghi. Như vậy đồng hồ"
            " máy đã bị lùi, hoặc đồng hồ của hai máy lệch nhau, và không thể tin ngày ghi ở gần"
            " chỗ đó. Điều đó không nói gì về người thực hiện: cũng có khi đồng hồ được chỉnh cho"
            " đúng. Nếu nhiều máy dùng chung một sổ, nên cho phép lệch vài giây.",
        ),
        {
            "back": Words(
                "event {seq} was recorded at {at}, the event before it, {before}, at {was}",
                "sự kiện {seq} được ghi lúc {at}, còn sự kiện trước nó, {before}, lúc {was}",
            ),
            "none": Words(
                "event {seq} says that it was recorded at {at}, which is no time",
                "sự kiện {seq} ghi rằng nó được ghi lúc {at}, không phải là một thời điểm",
            ),
        },
    ),
    "reported-only": Texts(
        Words("State known only from a source", "Trạng thái chỉ theo nguồn"),
        Words(
            "The case is assigned, under study or resolved because a source says so, an imported"
            " file or a demonstration, and no act made in this register has moved it since. It"
            " does not mean that the source is wrong, and whoever imported it does not answer for"
            " what it tells: acts told by a source are judged by this rule alone. Ask the source"
            " for its proof. A case that is only proposed is not listed: nothing is claimed of it.",
            "Vụ việc là đã giao, đang nghiên cứu hoặc đã giải quyết vì một nguồn nói như vậy, tệp"
            " được nhập hoặc bản trình diễn, và từ đó chưa có việc nào làm trong sổ này chuyển"
            " trạng thái. Điều đó không có nghĩa nguồn là sai, và người nhập không chịu trách"
            " nhiệm về điều nguồn kể: việc theo nguồn chỉ được xét theo quy tắc này. Hãy đề nghị"
            " nguồn đưa bằng chứng. Vụ việc mới được kiến nghị thì không nêu: chưa có gì được"
            " khẳng định.",
        ),
        {
            "told": Words(
                "{state} since {since} according to a source ({source}); no act made here has"
                " confirmed it",
                "{state} từ {since} theo nguồn ({source}); chưa có việc nào làm ở đây xác nhận",
            ),
            "doubted": Words(
                "{state} since {since} according to a source ({source}), which also calls it"
                " {outcome} while its answer denies that; nobody here has decided which of the two"
                " is true",
                "{state} từ {since} theo nguồn ({source}), nguồn cũng ghi {outcome} nhưng nội dung"
                " trả lời lại phủ nhận; chưa có ai ở đây quyết định điều nào đúng",
            ),
            "claimed": Words(
                "{state} since {since} according to a source ({source}), which also calls it"
                " {outcome}; nobody here has decided which of the two is true",
                "{state} từ {since} theo nguồn ({source}), nguồn cũng ghi {outcome}; chưa có ai ở"
                " đây quyết định điều nào đúng",
            ),
        },
    ),
    "repeat-implemented": Texts(
        Words("A repeat recorded as implemented", "Kiến nghị lặp lại được ghi là đã thực hiện"),
        Words(
            "Whoever recommends something again says that it has not been done. So there is a"
            " question when the earlier case is recorded as implemented after it was asked again:"
            " on the day of the later recommendation or after it, or once the later case was"
            " registered or linked. Was it done, or closed because a newer case stands for it?"
            " Then it is superseded, not implemented. There is a question too when the later case"
            " is recorded as implemented while the earlier one is still open: the same thing"
            " cannot be done and not done. It does not mean that nothing was done: the work may"
            " have been finished after the second asking. A later case that is implemented where"
            " the earlier one was superseded is as it should be, and not listed.",
            "Người kiến nghị lại cho biết việc đó chưa được thực hiện. Vì vậy có điều cần hỏi khi"
            " vụ việc trước được ghi là đã thực hiện sau khi đã có kiến nghị lại: từ ngày có kiến"
            " nghị sau, hoặc khi vụ việc sau đã được đăng ký hay liên kết. Đã thực hiện thật, hay"
            " kết thúc vì có vụ việc mới thay thế? Khi đó là được thay thế, không phải đã thực"
            " hiện. Cũng có điều cần hỏi khi vụ việc sau được ghi là đã thực hiện mà vụ việc trước"
            " vẫn chưa xong: cùng một việc không thể vừa xong vừa chưa xong. Điều đó không có"
            " nghĩa là chưa làm gì: công việc có thể hoàn thành sau lần kiến nghị thứ hai. Vụ việc"
            " sau đã thực hiện, còn vụ việc trước được thay thế, thì đúng và không nêu.",
        ),
        {
            "earlier": Words(
                "{actor} recorded it as implemented on {when}, though it was asked again as"
                " {later} on {asked}",
                "{actor} ghi là đã thực hiện ngày {when}, dù đã được kiến nghị lại ngày {asked} ở"
                " {later}",
            ),
            "later": Words(
                "{actor} recorded it as implemented on {when}; {earlier}, which it repeats, is"
                " still {state}",
                "{actor} ghi là đã thực hiện ngày {when}; {earlier} mà nó lặp lại vẫn {state}",
            ),
        },
    ),
    "other-login": Texts(
        Words("Done under another's login", "Thực hiện bằng tài khoản của người khác"),
        Words(
            "The register notes who acted and under which login of the system. Here the login was"
            " at that time linked to somebody else, or was not the one linked to this person. The"
            " registrar, with whom every register begins, is exempt. It does not mean that"
            " somebody pretended to be another: one colleague often enters what another decided."
            " Ask the person named whether they know of it.",
            "Sổ ghi ai thực hiện và bằng tài khoản nào của hệ thống. Ở đây, vào lúc đó, tài khoản"
            " thuộc về người khác, hoặc không phải tài khoản của người này. Người lập sổ, có từ"
            " khi sổ được mở, được miễn. Điều đó không có nghĩa có người mạo danh: đồng nghiệp"
            " thường nhập hộ điều người khác quyết định. Hãy hỏi người được nêu tên có biết không.",
        ),
        {
            "held": Words(
                "{actor}: {what} on {when} under the login {login}, which is linked to {holder}",
                "{actor}: {what} ngày {when} bằng tài khoản {login} của {holder}",
            ),
            "own": Words(
                "{actor}: {what} on {when} under the login {login}, not {own}, which is linked to"
                " this person",
                "{actor}: {what} ngày {when} bằng tài khoản {login}, không phải {own} của mình",
            ),
        },
    ),
}
"""The texts of the rules by their identifiers, in the order in which they are put to an act."""
