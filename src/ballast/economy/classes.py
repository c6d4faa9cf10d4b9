# ruff: noqa: E501  (the rules are a table; one row a class)
"""What a sector of any classification is like: one of the 42 of the Chinese tables, or nothing we know.

Parameters (stocks, elasticities, remote work) are kept by the 42 sectors of the national tables; a sector of another
table takes those of the one it is `like`, and its nature with them: is it industry, do its goods travel, can they
be stored. Four ways to find out, each a table that can be read and argued with:

    of_isic     ISIC Rev. 4 / NACE Rev. 2 divisions ("C10T12", "D35", "10_12 ...")
    of_naics    North American codes by their longest known prefix ("3361MV", "221100")
    of_wiod13   the 35 industries of WIOD 2013 (NACE Rev. 1)
    of_name     words in the name, English or Chinese: a proposal, which a reader reports as such

`sector` puts one together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ballast.economy.economy import Sector
from ballast.errors import Finding
from ballast.text import Text, barred, counted, listed

# code of the 42, English, Chinese, group
_CLASSES = """
01|Agriculture|农林牧渔|agriculture
02|Coal|煤炭|mining
03|Oil and gas extraction|油气开采|mining
04|Metal ores|金属矿采选|mining
05|Other mining|非金属矿采选|mining
06|Food and tobacco|食品烟草|manufacturing
07|Textiles|纺织|manufacturing
08|Clothing|服装皮革|manufacturing
09|Wood and furniture|木材家具|manufacturing
10|Paper and printing|造纸印刷文体|manufacturing
11|Refining and coking|石油炼焦|manufacturing
12|Chemicals|化工|manufacturing
13|Cement and glass|非金属矿物制品|manufacturing
14|Metals|金属冶炼|manufacturing
15|Metal products|金属制品|manufacturing
16|General machinery|通用设备|manufacturing
17|Special machinery|专用设备|manufacturing
18|Vehicles|交通运输设备|manufacturing
19|Electrical equipment|电气机械|manufacturing
20|Electronics|电子设备|manufacturing
21|Instruments|仪器仪表|manufacturing
22|Other manufacturing|其他制造|manufacturing
23|Machinery repair|设备修理|manufacturing
24|Electricity and heat|电力热力|energy
25|Gas supply|燃气|energy
26|Water supply|水供应|utilities
27|Construction|建筑|construction
28|Wholesale and retail|批发零售|services
29|Transport and post|交通运输仓储邮政|transport
30|Hotels and catering|住宿餐饮|services
31|IT and software|信息软件|services
32|Finance|金融|services
33|Real estate|房地产|services
34|Business services|租赁商务|services
35|Research|研究试验|services
36|Technical services|技术服务|services
37|Water and environment|水利环境|services
38|Personal services|居民服务|services
39|Education|教育|services
40|Health|卫生|services
41|Culture and sport|文体娱乐|services
42|Public administration|公共管理|services
"""
CLASSES: dict[str, tuple[Text, str]] = {
    code: (Text(en, zh), group) for code, en, zh, group in barred(_CLASSES)
}

# ISIC Rev. 4 division -> class; a span counts as its first division, except where it is listed
_ISIC = {
    "01": "01", "02": "01", "03": "01", "05": "02", "06": "03", "07": "04", "08": "05", "09": "05",
    "10": "06", "11": "06", "12": "06", "13": "07", "14": "08", "15": "08", "16": "09", "17": "10", "18": "10",
    "19": "11", "20": "12", "21": "12", "22": "12", "23": "13", "24": "14", "25": "15", "26": "20", "27": "19",
    "28": "16", "29": "18", "30": "18", "31": "09", "32": "22", "33": "23", "35": "24", "36": "26",
    "37": "37", "38": "37", "39": "37", "41": "27", "42": "27", "43": "27", "45": "28", "46": "28", "47": "28",
    "49": "29", "50": "29", "51": "29", "52": "29", "53": "29", "55": "30", "56": "30", "58": "41", "59": "41",
    "60": "41", "61": "31", "62": "31", "63": "31", "64": "32", "65": "32", "66": "32", "68": "33", "69": "34",
    "70": "34", "71": "36", "72": "35", "73": "34", "74": "36", "75": "36", "77": "34", "78": "34", "79": "34",
    "80": "34", "81": "34", "82": "34", "84": "42", "85": "39", "86": "40", "87": "40", "88": "40", "90": "41",
    "91": "41", "92": "41", "93": "41", "94": "38", "95": "38", "96": "38", "97": "38", "98": "38", "99": "42",
}  # fmt: skip
_ISIC_SPANS = {
    ("05", "06"): "03", ("05", "09"): "03", ("07", "08"): "04", ("58", "60"): "41", ("58", "63"): "31",
    ("13", "15"): "07", ("31", "33"): "22", ("26", "27"): "20", ("24", "25"): "14", ("19", "22"): "12",
    ("69", "75"): "34", ("90", "96"): "41", ("94", "96"): "38", ("35", "39"): "24", ("36", "39"): "26",
}  # fmt: skip
_ISIC_LETTERS = {
    "A": "01", "B": "03", "C": "22", "D": "24", "E": "26", "F": "27", "G": "28", "H": "29", "I": "30", "J": "31",
    "K": "32", "L": "33", "M": "34", "N": "34", "O": "42", "P": "39", "Q": "40", "R": "41", "S": "38", "T": "38",
    "U": "42",
}  # fmt: skip

# North American Industry Classification, longest prefix first; BEA's own codes beside it
_NAICS = {
    "11": "01", "211": "03", "212": "04", "2121": "02", "2122": "04", "2123": "05", "213": "05", "22": "24",
    "2211": "24", "2212": "25", "2213": "26", "23": "27", "311": "06", "312": "06", "313": "07", "314": "07",
    "315": "08", "316": "08", "321": "09", "322": "10", "323": "10", "324": "11", "325": "12", "326": "12",
    "327": "13", "331": "14", "332": "15", "333": "16", "3331": "17", "3332": "17", "3333": "17", "334": "20",
    "3345": "21", "335": "19", "336": "18", "337": "09", "339": "22", "3391": "17", "42": "28", "44": "28",
    "45": "28", "4A": "28", "4B": "28", "48": "29", "49": "29", "511": "41", "5112": "31", "512": "41",
    "513": "31", "515": "41", "517": "31", "518": "31", "519": "31", "514": "31", "52": "32", "53": "33",
    "532": "34", "533": "34", "54": "34", "5413": "36", "5415": "31", "5417": "35", "55": "34", "561": "34",
    "562": "37", "61": "39", "62": "40", "71": "41", "721": "30", "722": "30", "81": "38", "8111": "38",
    "HS": "33", "ORE": "33", "G": "42", "S001": "42", "S00101": "24", "S00201": "29", "S00202": "24",
    "S002": "42", "S005": "42", "S006": "42",
}  # fmt: skip

_WIOD13 = {
    f"c{i}": like
    for i, like in enumerate(
        [
            "01",
            "03",
            "06",
            "07",
            "08",
            "09",
            "10",
            "11",
            "12",
            "12",
            "13",
            "14",
            "16",
            "20",
            "18",
            "22",
            "24",
            "27",
            "28",
            "28",
            "28",
            "30",
            "29",
            "29",
            "29",
            "29",
            "31",
            "32",
            "33",
            "34",
            "42",
            "39",
            "40",
            "41",
            "38",
        ],
        1,
    )
}

# Words in names, looked for in lower case; the first rule that fits decides, so the narrow ones come first.
# What is "manufacture of ..." can only be one of the first list.
_MAKES = re.compile(
    r"^(manufactur|processing of (?!nuclear waste)|smelting|grinding|slaughter|casting|.* manufacturing$)|制造$"
)
_MAKERS: tuple[tuple[str, str], ...] = (
    (r"general (purpose )?and special", "16"),
    (r"special.*(equip|machin)|medical (equip|and surgical)|machinery for|agricultural machin|mining machin|专用", "17"),
    (r"instrument|meters|watches|clocks|仪器", "21"),
    (r"computer|communication equip|radio|television|audio-?visual|electronic|semiconductor|office (machinery and|, account)|电子|计算机|通信设备", "20"),
    (r"electrical machin|electrical equip|electric (motors|equip|light)|power transmission and dist|wires|cables|batter"
     r"|(household|domestic).*appliance|electrical|电气|电机|电池", "19"),
    (r"vehicle|automo|auto parts|railway.*equip|equip\w* for railway|railroad|ships\b|boats|transport equip|aircraft|trailers|汽车|运输设备|船舶", "18"),
    (r"machin|boiler|prime mover|engine|turbine|lifting|pumps|valves|compressor|ovens|fans|机械|设备", "16"),
    (r"alcohol|wine|\btea\b|condiment|ferment|food|beverage|tobacco|dairy|sugar|meat|aquatic|fish prod|vegetable|feed\b|grain|fruit|nuts|rice"
     r"|milk|oils and fats|starch|bakery|食品|饮料|烟草", "06"),
    (r"wearing|apparel|clothing|leather|shoes|footwear|\bfur\b|feather|headgear|dressing and dyeing|服装|皮革|鞋", "08"),
    (r"textile|yarn|knit|silk|wool|linen|weaving|fabrics?\b|纺织", "07"),
    (r"petroleum|nuclear fuel|coke|coking|refin|石油|炼焦", "11"),
    (r"chemic|fertili|pestic|paint|synthetic|medic|pharma|rubber|plastic|explosive|soap|detergent|化学|医药|橡胶|塑料", "12"),
    (r"cement|clinker|aggregates|gypsum|lime\b|brick|stone|glass|ceramic|refractor|graphite|clay|non-?metallic mineral|水泥|玻璃|非金属", "13"),
    (r"metal products|fabricated metal|metal wares|structural metal|hardware|forg|金属制品", "15"),
    (r"steel|iron|alloy|ferrous|smelt|metals?\b|alumin|copper|\blead\b|\bzinc\b|casting|冶炼|金属", "14"),
    (r"paper|pulp|print|arts and crafts|articles for culture|stationery|sports? goods|造纸|印刷|文教", "10"),
    (r"wood|bamboo|furniture|timber|cork|straw|木|家具", "09"),
    (r"gas\b|gaseous", "25"),
    (r".", "22"),
)  # fmt: skip
_WORDS: tuple[tuple[str, str], ...] = (
    (r"^(cultivation|raw milk|meat animals|animal products|manure|wool|cattle|pigs|poultry)", "01"),
    (r"^extraction(?!.*(stone|sand|ore|mineral))", "03"),
    (r"^processed (rice|food)|sugar refin", "06"),
    (r"(production|generation|transmission|distribution|trade) .*(electricity|electric power)", "24"),
    (r"(alumini?um|lead|zinc|tin|copper|nickel|metals?) production|\bsteel\b|\bpig iron\b|钢", "14"),
    (r"^(sale|retail|wholesale)\b", "28"),
    (r"^health|^卫生", "40"),
    (r"^resident|^居民服务", "38"),
    (r"re-?processing|recycl|scrap|use of waste|waste resources|废弃资源|废品|再利用", "22"),
    (r"printing|印刷", "10"),
    (r"public facilities|water conservancy|ecolog|environment|sewage|waste|landfill|incinerat|biogasif|compost|remediation|sanitation|水利|环境|公共设施", "37"),
    (r"repair|installation of (industrial )?machin|维修|修理", "23"),
    (r"construction|building|installation|decoration|civil engineering|建筑", "27"),
    (r"retail|wholesale|\btrade\b|trading|sale of|sale,|dealers|stores|批发|零售|贸易", "28"),
    (r"water transport|inland transport|air transport|transport via|railway|land transport|shipping|post(al)?( and courier)? (services|activities)?$"
     r"|^post\b(?! and tele)|courier|warehous|storage|portage|loading|logistics|transport services|passenger transport|freight|cargo|pipeline"
     r"|^transport|transport activities|transportation|运输|邮政|仓储|装卸", "29"),
    (r"hydropower|electricity|electric power|power (supply|generation)|steam and (hot|air)|\bheat\b|电力|热力|发电", "24"),
    (r"gas (supply|distribution|works)|distribution of gas|supply of gas|gaseous fuels|燃气", "25"),
    (r"water (supply|collection)|distribution of water|supply of water|purification.*water|^water$|水的生产|供水|自来水", "26"),
    (r"internet|telecom|communications? services?|computer (and related|programming|services)|information|software|data processing|satellite"
     r"|^post and tele|信息|软件|互联网|电信", "31"),
    (r"real estate|owner.occupied|dwelling|imputed rent|housing|房地产", "33"),
    (r"financ|insurance|bank|credit|capital markets|monetary|金融|保险|资本市场", "32"),
    (r"renting|rental|leasing|business|commercial services|professional(?!.*technical)|advertis|legal|consult|administrative|tourism|travel agenc"
     r"|租赁|商务|旅游|旅行社", "34"),
    (r"research|研究", "35"),
    (r"architect|engineering|technical|technolog|geolog|meteorolog|scientific|技术|地质", "36"),
    (r"educat|school|universit|教育", "39"),
    (r"social security|public admin|public management|defen[cs]e|government|extra-?territorial|compulsory social|公共管理|社会保障|党政机关", "42"),
    (r"health|social (work|assistance|care|welfare)|hospital|medical services|卫生|医疗服务|社会工作|社会福利", "40"),
    (r"hotel|restaurant|accommodation|catering|food services?|住宿|餐饮", "30"),
    (r"recreation|\bcultur|\bsport|\barts?\b|ent?ertain|eentertain|motion picture|film|broadcast|radio|publishing|media|文化|体育|娱乐", "41"),
    (r"personal|household|membership|other (community|services?)|resident|居民|家政", "38"),
    (r"mining of coal|mining and washing of coal|coal mining|\bcoal\b(?!.*(tar|coke))|lignite|peat|煤炭采|煤炭开采|^煤炭$", "02"),
    (r"crude|extraction of (natural )?gas|oil and gas|petroleum extraction|exploitation of petroleum|petroleum and natural|石油和天然气|油气", "03"),
    (r"mining.*[, ]energy producing", "03"),
    (r"^(?!.*(mining|quarry|\bores?\b)).*(non-?metallic mineral|mineral products)|非金属矿物制品", "13"),
    (r"non-?metal(lic)?( and other)? ores?|quarry|stone|sand\b|salt|minerals?\b|ancillary mining|mining support|非金属矿采|开采辅助", "05"),
    (r"\bores?\b|金属矿采", "04"),
    (r"^mining", "05"),
    (r"coke|refin|petroleum prod|nuclear fuel|oil prod|炼焦|石油加工|成品油", "11"),
    (r"fertili[sz]er|chemic|pharma|plastic|rubber|paints?|soap|basic organic|petrochem|medicine|化学|化工|医药|橡胶|塑料", "12"),
    (r"cement|glass|ceramic|lime\b|clay|bricks|non-?metallic mineral|水泥|玻璃|非金属矿物制品", "13"),
    (r"fabricated metal|metal prod|structural metal|hardware|金属制品", "15"),
    (r"basic (iron|metal|precious|alumin|steel|non)|iron and steel|smelting|casting|precious metals|\bmetals\b|冶炼|钢铁|有色金属", "14"),
    (r"electronic|semiconductor|optical equip|电子", "20"),
    (r"electrical|domestic appliances|batter(y|ies)|电气", "19"),
    (r"instrument|仪器", "21"),
    (r"vehicle|automo|\bcars?\b|transport equip|aircraft|ships?\b|汽车|运输设备", "18"),
    (r"machin|engines|turbines|通用设备|机械", "16"),
    (r"apparel|clothing|leather|footwear|服装|皮革|鞋", "08"),
    (r"textile|纺织", "07"),
    (r"furniture|timber|wood (and|proc|prod)|sawmill|家具|木材", "09"),
    (r"paper|pulp|print|造纸|印刷", "10"),
    (r"food|beverage|tobacco|meat|dairy|sugar|fish prod|vegetable oils|bakery|grain mill|食品|饮料|烟草", "06"),
    (r"agricult|crops?\b|cultivation|farm|forest|logging|fish|aquacult|animal|cattle|pigs|poultry|livestock"
     r"|growing|raising|wheat|rice|cereal|maize|vegetables|fruit|milk|wool|manure|beef|sheep|hunting|农|林|牧|渔", "01"),
    (r"utilit", "24"),
    (r"service|activit|服务", "38"),
    (r"manufact|制造", "22"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def of_isic(code: str) -> str:
    """The class of an ISIC Rev. 4 code: a division, a span ("C10T12", "05_09", "B05_06"), a letter; "" if none."""
    text = code.strip().upper()
    found = re.match(r"^([A-U])?(\d\d)?(?:\d*(?:\s*[-_T]+\s*[A-U]?(\d\d))?)", text)
    if not found:
        return ""
    letter, first, last = found.groups()
    if first is None:
        return _ISIC_LETTERS.get(letter or "", "") if len(text) == 1 or text[1:2] in "_-T " else ""
    return _ISIC_SPANS.get((first, last or ""), _ISIC.get(first, ""))


@lru_cache(maxsize=4096)
def of_naics(code: str) -> str:
    """The class of a NAICS or BEA code, by its longest known prefix; "" if none."""
    return next((_NAICS[code[:n]] for n in range(len(code), 0, -1) if code[:n] in _NAICS), "")


def of_wiod13(code: str) -> str:
    """The class of one of the 35 industries c1..c35 of WIOD 2013; "" if none."""
    return _WIOD13.get(code, "")


@lru_cache(maxsize=4096)
def of_name(name: str) -> str:
    """A class proposed from the words of a name, in English or Chinese; "" if no rule fits."""
    text = name.casefold()
    for code, (title, _) in CLASSES.items():
        if text in (title.en.casefold(), title.zh):
            return code
    first = re.sub(r",? (except|excluding|other than)\b.*", "", text.split(";")[0])
    renewed = re.search(r"re-?processing of .* into (.*)", first)
    for words, rules in (
        (renewed[1], _MAKERS) if renewed else ("", ()),
        (first, _MAKERS if _MAKES.search(first) else _WORDS),
        (text, _WORDS),
    ):
        for pattern, like in rules:
            if re.search(pattern, words):
                return like
    return ""


def sector(code: str, name: Text, like: str, aliases: tuple[str, ...] = ()) -> Sector:
    """A sector with the nature of class `like`; of an unknown class (""), a service that nothing is known of."""
    number = int(like) if like else 0
    return Sector(
        code,
        name,
        industry=2 <= number <= 26,
        goods=1 <= number <= 22,
        storable=1 <= number <= 22,
        group=CLASSES[like][1] if like else "services",
        aliases=aliases,
        like=like,
    )


def findings(sectors: Sequence[Sector], where: str) -> list[Finding]:
    """What to tell of classes that were proposed from names: all of them in one note, unknown ones as a warning."""
    known = [f"{s.code} {s.name.en} like {s.like} {CLASSES[s.like][0].en}" for s in sectors if s.like]
    unknown = [f"{s.code} {s.name.en}" for s in sectors if not s.like]
    todo = "Put other classes in a template (`ballast book template`), or leave them"
    found = []
    if known:
        what = f"parameters of {counted(len(known), 'sector')} come from the class that its name or code suggests"
        found.append(Finding("note", f"{where}, sectors {_some(known)}", what, todo))
    if unknown:
        what = counted(len(unknown), "sector has", "sectors have") + " no class: services without stocks"
        found.append(Finding("warning", f"{where}, sectors {_some(unknown)}", what, todo))
    return found


def _some(words: Sequence[str], most: int = 12) -> str:
    return listed(words, most, between="; ")
