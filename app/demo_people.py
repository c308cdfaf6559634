"""The regular customers of the demo shop's half year: invented names, numbers and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from app.demo_buyers import Buyer
from domain.members import AddressForm


@dataclass(frozen=True)
class Regular:
    """A customer: the id of their phone, their name, and where they live."""

    key: str
    name: str
    receiver: str
    place: tuple[str, str, str]
    street: str

    @cached_property
    def buyer(self) -> Buyer:
        """The customer as a buyer of the demo; the phone's number follows from the name."""
        number = f"1380013{int.from_bytes(self.key.encode(), 'big') % 10_000:04d}"
        form = AddressForm(self.receiver, number, *self.place, self.street)
        return Buyer(self.key, self.name, form, "")


CHENGDU, LUZHOU = ("四川省", "成都市", "武侯区"), ("四川省", "泸州市", "龙马潭区")
CHONGQING, HANGZHOU = ("重庆市", "重庆市", "渝中区"), ("浙江省", "杭州市", "拱墅区")
BEIJING, SHANGHAI = ("北京市", "北京市", "朝阳区"), ("上海市", "上海市", "静安区")
GUANGZHOU, WUHAN = ("广东省", "广州市", "天河区"), ("湖北省", "武汉市", "武昌区")
JINAN, XIAN = ("山东省", "济南市", "历下区"), ("陕西省", "西安市", "雁塔区")

REGULARS = (
    Regular("he", "何姐的茶桌", "何丽", CHENGDU, "桐梓林街 7 号 2 栋 901"),
    Regular("tan", "老谭", "谭志远", LUZHOU, "迎宾大道 66 号"),
    Regular("luo", "罗掌柜", "罗明辉", CHONGQING, "中山三路 128 号"),
    Regular("deng", "邓先生", "邓宏", CHENGDU, "科华北路 55 号 3 单元 1204"),
    Regular("xie", "谢阿姨", "谢桂芳", LUZHOU, "春雨路 21 号 1 栋 302"),
    Regular("jiang", "小蒋", "蒋晨", HANGZHOU, "莫干山路 501 号"),
    Regular("shen", "沈老师", "沈国平", HANGZHOU, "湖墅南路 260 号"),
    Regular("qian", "钱多多", "钱慧", SHANGHAI, "南京西路 1618 号 12 楼"),
    Regular("lu", "陆师傅", "陆永康", SHANGHAI, "新闸路 831 弄 5 号"),
    Regular("zhao", "赵大哥", "赵建军", BEIJING, "建国路 93 号 6 号楼"),
    Regular("meng", "小孟", "孟雪", BEIJING, "望京西路 41 号院"),
    Regular("liang", "梁生", "梁家辉", GUANGZHOU, "天河北路 233 号"),
    Regular("kuang", "邝太", "邝美玲", GUANGZHOU, "体育东路 140 号 8A"),
    Regular("hu", "胡经理", "胡海波", WUHAN, "中北路 86 号"),
    Regular("peng", "彭彭", "彭佳", WUHAN, "楚河汉街 12 号"),
    Regular("song", "宋大爷", "宋长林", JINAN, "泉城路 180 号 4 单元"),
    Regular("kong", "孔姐", "孔令梅", JINAN, "经十路 9777 号"),
    Regular("qin", "秦先生", "秦岭", XIAN, "小寨东路 11 号"),
    Regular("bai", "白小白", "白露", XIAN, "科技路 33 号 B 座"),
    Regular("ye", "叶子", "叶青", CHENGDU, "玉林西路 9 号 201"),
    Regular("fu", "付老板", "付强", CHONGQING, "解放碑民权路 28 号"),
    Regular("yan", "严医生", "严若华", LUZHOU, "江阳西路 18 号"),
)

SELLERS = {"he": "何姐的茶桌", "tan": "老谭推荐", "luo": "罗掌柜的酒单"}
"""Who becomes a distributor at the first purchase, and under which name."""
