"""Codes, names and flags of the book china-2020: 31 provinces and 42 sectors.

Province codes follow GB/T 2260. The tile map (column, row) keeps neighbours together; it is a drawing
aid and shows no boundary. Sector codes and the order are those of the national 42-sector tables of the
National Bureau of Statistics; the short names are ours, the full ones are kept as aliases.

Flags: industry = mining, manufacturing and utilities (02-26, the statistical 工业, repair of machinery
included); goods = 01-22; storable = 01-22. Electricity, gas, water, repair and services are not held.
"""

from __future__ import annotations

from dataclasses import replace

from ballast.economy import classes
from ballast.economy.classes import CLASSES
from ballast.economy.economy import Region, Sector
from ballast.text import Text, barred

# code, English, Chinese short, Chinese full, name in the source tables, (column, row), further aliases
_PROVINCES = """
BJ|Beijing|北京|北京市|Beijing|6,2|Peking
TJ|Tianjin|天津|天津市|Tianjin|7,3|
HE|Hebei|河北|河北省|Hebei|6,3|
SX|Shanxi|山西|山西省|Shanxi|5,3|
NM|Inner Mongolia|内蒙古|内蒙古自治区|InnerMongolia|5,2|Neimenggu,Nei Mongol,Nei Menggu
LN|Liaoning|辽宁|辽宁省|Liaoning|7,2|
JL|Jilin|吉林|吉林省|Jilin|7,1|
HL|Heilongjiang|黑龙江|黑龙江省|Heilongjiang|7,0|
SH|Shanghai|上海|上海市|Shanghai|7,5|
JS|Jiangsu|江苏|江苏省|Jiangsu|7,4|
ZJ|Zhejiang|浙江|浙江省|Zhejiang|7,6|
AH|Anhui|安徽|安徽省|Anhui|6,5|
FJ|Fujian|福建|福建省|Fujian|7,7|
JX|Jiangxi|江西|江西省|Jiangxi|6,6|
SD|Shandong|山东|山东省|Shandong|6,4|
HA|Henan|河南|河南省|Henan|5,4|
HB|Hubei|湖北|湖北省|Hubei|5,5|
HN|Hunan|湖南|湖南省|Hunan|5,6|
GD|Guangdong|广东|广东省|Guangdong|6,7|Canton
GX|Guangxi|广西|广西壮族自治区|Guangxi|5,7|广西自治区
HI|Hainan|海南|海南省|Hainan|5,8|
CQ|Chongqing|重庆|重庆市|Chongqing|4,5|
SC|Sichuan|四川|四川省|Sichuan|3,5|
GZ|Guizhou|贵州|贵州省|Guizhou|4,6|
YN|Yunnan|云南|云南省|Yunnan|3,6|
XZ|Tibet|西藏|西藏自治区|Tibet|2,5|Xizang
SN|Shaanxi|陕西|陕西省|Shaanxi|4,4|
GS|Gansu|甘肃|甘肃省|Gansu|3,4|
QH|Qinghai|青海|青海省|Qinghai|2,4|
NX|Ningxia|宁夏|宁夏回族自治区|Ningxia|4,3|宁夏自治区
XJ|Xinjiang|新疆|新疆维吾尔自治区|Xinjiang|1,3|新疆自治区
"""

# code, other names (by semicolon); code, name and group are the classes'
_SECTORS = """
01|Agriculture, forestry, animal husbandry and fishery;农林牧渔产品和服务
02|Mining and washing of coal;煤炭采选产品
03|Exploitation of petroleum and natural gas;石油和天然气开采产品
04|Mining and processing of metal ores;金属矿采选产品
05|Mining and processing of nonmetal and other ores;非金属矿和其他矿采选产品
06|Manufacture of foods and tobacco;食品和烟草
07|Manufacture of textiles;纺织品
08|Manufacture of wearing apparel;纺织服装鞋帽皮革羽绒及其制品
09|Processing of timber and furniture;木材加工品和家具
10|Manufacture of paper and printing;造纸印刷和文教体育用品
11|Processing of petroleum and coking;石油、炼焦产品和核燃料加工品
12|Manufacture of chemical products;化学产品;化学;医药;pharmaceuticals
13|Manufacture of non-metallic mineral products;非金属制品;水泥;玻璃
14|Smelting and processing of metals;金属冶炼和压延加工品;钢铁;有色金属;steel
15|Manufacture of metal products
16|Manufacture of general purpose machinery
17|Manufacture of special purpose machinery
18|Manufacture of transport equipment;汽车;汽车制造;automobiles;transport equipment
19|Manufacture of electrical machinery and equipment;电气机械和器材
20|Manufacture of communication equipment and computers;通信设备、计算机和其他电子设备;芯片
21|Manufacture of instruments and meters
22|Other manufacturing and waste resources;其他制造产品和废品废料
23|Repair of metal products and machinery;金属制品、机械和设备修理服务
24|Production and supply of electric power and heat power;电力、热力的生产和供应;电力;power
25|Production and supply of gas;燃气生产和供应
26|Production and supply of water;水的生产和供应
27|建筑业
28|Wholesale and retail trades;批发和零售
29|Transport and storage;交通运输、仓储和邮政;物流;logistics
30|Accommodation and catering;住宿和餐饮
31|Information transmission and software;信息传输、软件和信息技术服务
32|金融业
33|房地产业
34|Leasing and commercial services;租赁和商务服务
35|Research and experimental development;研究和试验发展
36|综合技术服务
37|水利、环境和公共设施管理
38|Resident and repair services;居民服务、修理和其他服务
39|
40|Health care and social work;卫生和社会工作
41|Culture and entertainment;文化、体育和娱乐
42|公共管理、社会保障和社会组织
"""


# What a sector makes, where its product has another name
_PRODUCTS = {
    "01": Text("Farm products", "农产品"),
    "03": Text("Crude oil and gas", "原油和天然气"),
    "04": Text("Metal ores", "金属矿石"),
    "05": Text("Other minerals", "非金属矿石"),
    "07": Text("Textiles", "纺织品"),
    "09": Text("Wood and furniture", "木材和家具"),
    "10": Text("Paper and printed goods", "纸品和文体用品"),
    "11": Text("Oil products and coke", "成品油和焦炭"),
    "12": Text("Chemicals", "化工产品"),
    "13": Text("Cement and glass", "非金属矿物制品"),
    "14": Text("Metals", "金属材料"),
    "24": Text("Electricity and heat", "电力和热力"),
    "25": Text("Gas", "燃气"),
    "26": Text("Water", "自来水"),
}


def _aliases(*names: str, but: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n and n not in but))


def _province(row: list[str]) -> Region:
    code, en, zh, full, source, tile, more = row
    column, line = tile.split(",")
    return Region(
        code,
        Text(en, zh),
        (int(column), int(line)),
        _aliases(full, source, *more.split(","), but=(code, en, zh)),
    )


def _sector(row: list[str]) -> Sector:
    code, more = row
    name, _ = CLASSES[code]
    aliases = _aliases(*more.split(";"), but=(name.en, name.zh))
    return replace(classes.sector(code, name, code, aliases), product=_PRODUCTS.get(code))


def _before_2017() -> tuple[Sector, ...]:
    """The 42 sectors of tables up to 2015: waste stood apart, science and technical services did not."""
    parted = {
        22: ("22", "Other manufacturing", "其他制造"),
        23: ("22", "Waste", "废品废料"),
        36: ("36", "Science and technical services", "科学技术服务"),
    }
    out = []
    for number in range(1, 43):
        like = f"{number - 1:02d}" if 23 < number < 36 else f"{number:02d}"
        name = CLASSES[like][0]
        if number in parted:
            like, en, zh = parted[number]
            name = Text(en, zh)
        out.append(classes.sector(f"{number:02d}", name, like))
    return tuple(out)


REGIONS: tuple[Region, ...] = tuple(map(_province, barred(_PROVINCES)))
SECTORS: tuple[Sector, ...] = tuple(map(_sector, barred(_SECTORS)))
SECTORS_BEFORE_2017: tuple[Sector, ...] = _before_2017()
SOURCE_NAMES: tuple[str, ...] = tuple(row[4] for row in barred(_PROVINCES))  # spelling of the tables read

CATEGORIES = (
    ("rural", Text("Rural households", "农村居民消费")),
    ("urban", Text("Urban households", "城镇居民消费")),
    ("government", Text("Government", "政府消费")),
    ("investment", Text("Fixed investment", "固定资本形成")),
    ("inventories", Text("Change in inventories", "存货变动")),
)
VALUE_ADDED = (
    ("labour", Text("Compensation of employees", "劳动者报酬")),
    ("net_taxes", Text("Net taxes on production", "生产税净额")),
    ("depreciation", Text("Depreciation of fixed capital", "固定资产折旧")),
    ("surplus", Text("Operating surplus", "营业盈余")),
)
