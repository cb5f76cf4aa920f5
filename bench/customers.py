"""Invented customers, as many as wanted, skewed like real ones: few names, places and trades are frequent, most rare.

Deterministic for a seed, and streaming: the memory does not grow with the number. About one in twenty is entered again
after a while, with what happens to records in the meantime: a slip of the pen, another form of the name, a field that
is missing or has changed; ``copy_of`` says whose copy it is.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
)
_GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲鹏华红玉建国志海宇欣怡子涵浩然梓轩雨桐思佳俊晨曦嘉琪博瑞"
    "雪梅凤云莲珍春菊林峰斌波龙飞生康永福安宁少泽锦程一诺"
)
_TRADE = (
    "华鑫瑞恒盛泰宏达通利源丰兴隆安康正德信诚金银天地海江山川中东南北新创联合众益博远景星辰光明智云龙凤祥和美佳优力"
    "凯捷迪科奥维森润泽锐拓普腾飞翔鹏程启航立方圆融汇聚贤"
)
_PLACES = (
    """上海 北京 深圳 广州 杭州 苏州 成都 武汉 南京 天津 重庆 青岛 宁波 无锡 长沙 西安 郑州 佛山 东莞 厦门 合肥 济南"""
)
_LINES = """
科技 贸易 信息技术 实业 网络科技 电子 机械设备 建筑工程 物流 投资管理 文化传媒 餐饮管理 医药 新材料 环保科技 教育咨询
"""
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
_STREETS = """
人民路 中山路 解放路 建设路 世纪大道 长江路 科技路 学府路 和平街 新华路 北京路 文化路 工业大道 滨江路
"""
_SYLLABLES = """
ar ba be bo ca cor da del en er fa gal har in ka lan lo ma mer mi na nor o pa per ra ri ro sa sen ta ter ti va ver vi wi
"""
_TRADES = """
Technologies Trading Systems Logistics Software Industries Consulting Engineering Foods Medical Energy Media
"""
_LATIN_FORMS = ("Ltd", "Limited", "Inc.", "GmbH", "LLC", "Co., Ltd.", "B.V.", "S.A.")
_FIRST = """
James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara Richard Susan Joseph Sarah
"""
_MAIL = """qq.com 163.com gmail.com 126.com outlook.com sina.com"""

_COPIES, _REMEMBERED = 0.05, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedCustomer:
    """One invented customer; empty texts are unknown.

    Attributes:
        number: Counts from 1.
        copy_of: The number of the customer that this is entered again for; None for a new one.
    """

    number: int
    copy_of: int | None = None
    is_person: bool
    name: str
    phone: str = ""
    email: str = ""
    website: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    registration_id: str = ""
    birth_date: date | None = None


def customers(count: int, *, seed: int = 1) -> Iterator[GeneratedCustomer]:
    """So many customers, in the order in which they were entered."""
    random = Random(seed)  # noqa: S311 - invented data, no secret
    remembered: deque[GeneratedCustomer] = deque(maxlen=_REMEMBERED)
    for number in range(1, count + 1):
        if remembered and random.random() < _COPIES:
            yield copied(random.choice(remembered), number, random)
        else:
            made = _new(number, random)
            remembered.append(made)
            yield made


def copied(original: GeneratedCustomer, number: int, random: Random) -> GeneratedCustomer:
    """The same customer, entered again by somebody else."""
    name = random.choices((_slip, _other_form, lambda name, _: name), (4, 3, 3))[0](original.name, random)
    kept = replace(original, number=number, copy_of=original.number, name=name)
    for field in ("phone", "email", "website", "street", "registration_id"):
        if random.random() < 0.25:
            kept = replace(kept, **{field: ""})  # type: ignore[arg-type] # all of these are texts
    if original.phone and random.random() < 0.15:
        kept = replace(kept, phone=_mobile(random))
    return kept


def _slip(name: str, random: Random) -> str:
    """One character is missing, doubled, wrong, or changes places with the next."""
    if len(name) < 3:
        return name
    at = random.randrange(len(name) - 1)
    kind = random.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    if kind == 2:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + random.choice(_TRADE if ord(name[at]) > 0x2000 else "aeinorst") + name[at + 1 :]


def _other_form(name: str, random: Random) -> str:
    """The legal form is left out, or the letters are of another case and width."""
    for form in sorted((*_FORMS, *_LATIN_FORMS), key=len, reverse=True):
        if name.endswith(form) and random.random() < 0.7:
            return name.removesuffix(form).strip()
    return name.upper().replace(" ", "  ")


class _Skewed:
    """Picks from a list, the first most often: the n-th in proportion to 1 / (n + 5) (Zipf-Mandelbrot law)."""

    def __init__(self, items: Sequence[str]) -> None:
        self._items = items
        self._weights = list(accumulate(1 / (rank + 5) for rank in range(1, len(items) + 1)))

    def __call__(self, random: Random) -> str:
        return random.choices(self._items, cum_weights=self._weights)[0]


_surname, _given, _trade = _Skewed(_SURNAMES), _Skewed(_GIVEN), _Skewed(_TRADE)
_place, _line, _form, _street = (
    _Skewed(_PLACES.split()),
    _Skewed(_LINES.split()),
    _Skewed(_FORMS),
    _Skewed(_STREETS.split()),
)
_trades, _latin_form, _first, _mail = (
    _Skewed(_TRADES.split()),
    _Skewed(_LATIN_FORMS),
    _Skewed(_FIRST.split()),
    _Skewed(_MAIL.split()),
)
_PARTS = _SYLLABLES.split()
_Maker = Callable[[int, Random], GeneratedCustomer]


def _new(number: int, random: Random) -> GeneratedCustomer:
    makers: tuple[_Maker, ...] = (_chinese_company, _latin_company, _chinese_person, _latin_person)
    return random.choices(makers, (55, 15, 25, 5))[0](number, random)


def _word(random: Random, least: int = 2) -> str:
    return "".join(random.choices(_PARTS, k=random.randint(least, 4))).capitalize()


def _mobile(random: Random) -> str:
    return f"1{random.randint(3, 9)}{random.randrange(10**9):09d}"


def _some(value: str, share: float, random: Random) -> str:
    return value if random.random() < share else ""


def _chinese_company(number: int, random: Random) -> GeneratedCustomer:
    city = _place(random)
    trade = "".join(_trade(random) for _ in range(random.choice((2, 2, 2, 3, 4))))
    host = f"{_word(random).lower()}{random.randrange(1000)}.cn"
    return GeneratedCustomer(
        number=number,
        is_person=False,
        name=_some(city, 0.85, random) + trade + _line(random) + _form(random),
        phone=_some(_mobile(random), 0.8, random),
        email=_some(f"info@{host}", 0.5, random),
        website=_some(f"https://www.{host}", 0.3, random),
        street=_some(f"{_street(random)}{random.randint(1, 999)}号{random.randint(1, 30)}楼", 0.6, random),
        city=city,
        registration_id=_some(f"91{random.randrange(10**15):015d}X", 0.5, random),
    )


def _latin_company(number: int, random: Random) -> GeneratedCustomer:
    word = _word(random, 3)
    middle = f" {_word(random)}" if random.random() < 0.4 else ""
    return GeneratedCustomer(
        number=number,
        is_person=False,
        name=f"{word}{middle} {_trades(random)} {_latin_form(random)}",
        phone=_some(f"+4420{random.randrange(10**8):08d}", 0.7, random),
        email=_some(f"office@{word.lower()}{random.randrange(100)}.com", 0.6, random),
        city=_some("London", 0.5, random),
        postcode=_some(f"EC{random.randint(1, 4)} {random.randint(1, 9)}AB", 0.3, random),
    )


def _chinese_person(number: int, random: Random) -> GeneratedCustomer:
    given = "".join(_given(random) for _ in range(random.choice((1, 2, 2, 2))))
    return GeneratedCustomer(
        number=number,
        is_person=True,
        name=_surname(random) + given,
        phone=_some(_mobile(random), 0.9, random),
        email=_some(f"{random.randrange(10**9)}@{_mail(random)}", 0.3, random),
        city=_place(random),
        birth_date=_birth_date(random),
    )


def _latin_person(number: int, random: Random) -> GeneratedCustomer:
    first, family = _first(random), _word(random)
    return GeneratedCustomer(
        number=number,
        is_person=True,
        name=f"{first} {family}",
        phone=_some(f"+4477{random.randrange(10**8):08d}", 0.8, random),
        email=_some(f"{first}.{family}{random.randrange(100)}@gmail.com".lower(), 0.6, random),
        birth_date=_birth_date(random),
    )


def _birth_date(random: Random) -> date | None:
    return date(1940, 1, 1) + timedelta(days=random.randrange(25_000)) if random.random() < 0.15 else None
