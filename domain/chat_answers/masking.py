"""Takes personal data out of what people write to the chat, before it is kept. Pure."""

from __future__ import annotations

import re

from kernel.patterns import compiled_later
from kernel.text import bare, clean_line, shortened
from kernel.words import folded

MARK = "*"
"""Stands where something was taken out."""
READ_MOST = 300
KEPT_MOST = 100
"""Characters of a kept sentence, and of its normal form."""

_HAN = "\u4e00-\u9fff"
_UP_TO_A_STOP = r"[^,，。;；!！?？\s]"
_TOP_LEVEL = "com|cn|net|org|top|xyz|vip|shop|cc|io|me|co|info|link|site|club"
_LINK = compiled_later(
    r"(?i)(?:[a-z]{3,9}://|www\.)[!-~]+"
    rf"|(?<![a-z0-9])(?:[a-z0-9-]+\.)+(?:{_TOP_LEVEL})(?![a-z0-9])(?:[/?#:][!-~]*)?"
)
_EMAIL = compiled_later(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NUMBERED = "号楼|号院|号|栋|幢|座|单元|室|弄|组|队"
_NUMBER = "[0-9一二三四五六七八九十百零〇两]+"
# Streets and the like; "路上", "酱香路线" and "县城" are none.
_STREET = (
    "(?:路(?![上线过费由子])|街道|街(?![上道])|巷|弄|村(?![里子])|屯|小区|大厦|花园|家园|公寓|广场|苑|胡同"
    "|社区|镇(?!上)|大道)"
)
_DISTRICT = "(?:(?<![地小社景山郊牧农])区|县|镇|乡|街道)(?![上下城里村镇])"
_ADDRESS = compiled_later(
    rf"[{_HAN}]{{0,12}}{_STREET}{_UP_TO_A_STOP}{{0,6}}?"
    rf"{_NUMBER}(?:{_NUMBERED}){_UP_TO_A_STOP}{{0,20}}"
    rf"|{_NUMBER}(?:号楼|栋|幢|单元){_UP_TO_A_STOP}{{0,16}}"
    rf"|[{_HAN}]{{2,12}}?{_DISTRICT}[{_HAN}]{{1,10}}?{_STREET}"
    rf"(?:[{_HAN}]{{1,8}}?{_STREET})*"
)
_SURNAMES = (
    "欧阳|司马|上官|诸葛|慕容|皇甫|尉迟|令狐|东方|夏侯"
    "|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田姜范石姚谭廖邹熊金陆郝孔崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎易常武乔贺赖龚樊兰殷施陶"
    "洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁耿卜詹关苗凌费靳]"
)
# Words that begin like a name: places, kinds and brands of liquor, kin.
_NO_NAME = (
    "高(?:[粱度档端级手血]|新)|陈(?:[酿年酒货列香皮]|设)|黄(?:[酒金色鹤]|牛党)|马上|万一|金(?:[牌奖六门]|沙)"
    "|江(?:[苏西浙南北阴门]|小白)|安(?:[徽全装排阳]|心)|石家庄|郑州|温(?:[州和度酒]|馨)|徐州|苏州|兰州|贺(?:卡|州|兰)"
    "|康(?:[定复]|师傅)|武[汉夷陵]|常(?:[州客来用见]|年)|易[碎拉]|季节|向[你您谁他上下]|关(?:于|注|系)|岳[父母阳]|管理"
    "|路[上过边线]|孔府|张(?:弓|家[界口港])|王[牌者府]|牛[栏肉]|龙[岩江年]|周[末年边一二三四五六日几]|左右|费用|顾客"
    "|杜康|董(?:酒|事)|宋河|夏[天季]|秦[皇岛]|唐(?:山|人街)|梅[州兰]|余[额姚]|林(?:芝|场)|田[里地]|申[请通]|施[工]"
    "|莫(?:名|非)|谢[谢师]|何[时必处]|段[位]|侯[马]|雷[州山]|叶[子]|钱[了]|史[上]|段时|石[头]|汤[沟]|贵"
)
_LETTER = (
    rf"(?![的了吗呢吧啊住在电手地收和跟与是给到要想有能会不可来去买喝酒寄发送就也都签收])[{_HAN}]"
)
_WHO = rf"(?!{_NO_NAME})(?:{_SURNAMES}){_LETTER}(?:{_LETTER})?"
_NAME = compiled_later(
    rf"(我叫|名字叫|(?:姓名|收货人|收件人|联系人|名字)\s*(?:[:：]|是|为))\s*(?![你您他她])[{_HAN}·]{{2,4}}"
    r"|((?:我是|我姓名|本人|名叫|姓名|名字|收货人?|收件人?|联系人|签收人|代收人|寄给|发给|邮给|送给|快递给"
    rf"|转交|交给|转给|写的?是?|改成|改为|换成|找|联系|叫)\s*){_WHO}"
)
_TITLED = compiled_later(rf"(?!{_NO_NAME})(?:{_SURNAMES})[{_HAN}]{{0,2}}(?:先生|女士|小姐|太太)")
# A name beside a phone or address that was taken out, as people paste it.
_BESIDE = compiled_later(
    rf"(?<![{_HAN}]){_WHO}(?=[\s,，:：]{{0,2}}\*)|(?<=\*)([\s,，:：]{{0,2}}){_WHO}(?![{_HAN}])"
)
_ACCOUNT = compiled_later(
    r"(?i)((?:微信|支付宝|微博|抖音|账|帐|卡|护照|密)号?码?|验证码|口令|wx|vx|qq)"
    r"\s*(?:[:：]|是|为)?\s*[0-9A-Za-z_@.-]{4,}"
)
# Latin letters and digits: numbers of orders and parcels, account names, openids.
_CODE = compiled_later(
    r"(?=[0-9A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[0-9A-Za-z_-]{6,}|[A-Za-z_-]{20,}"
)
_DIGITS = compiled_later(r"[0-9](?:[ \-.·()/]{0,3}[0-9])*")
_SPELLED = compiled_later(r"(?:[零〇一二两三四五六七八九幺][ \-]?){6,}")
_LAST_CODE = compiled_later(r"[0-9A-Za-z_.@/ -]+$")
_MARKS = compiled_later(r"\*(?:[\s\-_.]*\*)+")
_SIGNS = compiled_later(r"[\W_]+")


def masked(text: str) -> str:
    """A sentence without numbers, links, addresses and names that may be somebody's.

    '订单ORD2611300A1B2C3D 到哪了，电话138 0013 8000' → '订单* 到哪了,电话*'. Prices, strengths and
    counts stay. At most 100 characters. A name is recognised after words such as 我叫 and 寄给,
    before 先生 and 女士, and beside a number or address.
    """
    plain = bare(clean_line(text))
    if len(plain) > READ_MOST:  # a number that is cut in half would not be recognised
        plain = _LAST_CODE.sub("", shortened(plain, READ_MOST, READ_MOST))
    plain = _LINK.sub(MARK, _EMAIL.sub(MARK, plain))
    plain = _TITLED.sub(MARK, _ADDRESS.sub(MARK, plain))
    plain = _NAME.sub(_without_name, plain)
    plain = _ACCOUNT.sub(rf"\1{MARK}", plain)
    plain = _CODE.sub(lambda found: MARK if _is_a_number(found[0]) else found[0], plain)
    plain = _DIGITS.sub(lambda found: MARK if _is_long(found[0]) else found[0], plain)
    plain = _BESIDE.sub(lambda found: (found[1] or "") + MARK, _SPELLED.sub(MARK, plain))
    plain = _MARKS.sub(MARK, plain)
    return shortened(clean_line(plain), KEPT_MOST, KEPT_MOST)


def form_of(sentence: str) -> str:
    """The normal form by which equal sentences are counted: no signs, spaces, cases, marks."""
    return _SIGNS.sub("", folded(sentence))[:KEPT_MOST]


def example_of(sentence: str) -> str:
    """A masked sentence as an example: without the marks."""
    return clean_line(sentence.replace(MARK, " "))


def _without_name(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}{MARK}"


def _is_a_number(code: str) -> bool:
    """True for a code that names something; a size such as 1000ml is none."""
    digits = sum(each.isdigit() for each in code)
    return digits >= 5 or len(code) >= 8 or digits == 0


def _is_long(run: str) -> bool:
    """True for five digits in a row, or eight in groups; a range of round sums is none."""
    groups = re.findall(r"[0-9]+", run)
    total = sum(map(len, groups))
    if any(len(each) >= 5 for each in groups) or total >= 9:
        return True
    return total == 8 and not all(each.endswith("00") for each in groups)
