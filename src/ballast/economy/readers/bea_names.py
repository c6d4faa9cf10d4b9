"""The summary industries of the Bureau of Economic Analysis in English and Chinese, by code."""

from __future__ import annotations

from ballast.text import barred

_NAMES = """
111CA|Farms|农场
113FF|Forestry, fishing and related|林业、渔业及相关活动
211|Oil and gas extraction|油气开采
212|Mining, except oil and gas|采矿（油气除外）
213|Support activities for mining|采矿支持活动
22|Utilities|公用事业
23|Construction|建筑
321|Wood products|木制品
327|Nonmetallic mineral products|非金属矿物制品
331|Primary metals|初级金属
332|Fabricated metal products|金属制品
333|Machinery|机械
334|Computer and electronic products|计算机与电子产品
335|Electrical equipment and appliances|电气设备与家电
3361MV|Motor vehicles and parts|汽车及零部件
3364OT|Other transportation equipment|其他运输设备
337|Furniture|家具
339|Miscellaneous manufacturing|其他制造
311FT|Food, beverages and tobacco|食品饮料烟草
313TT|Textiles|纺织
315AL|Apparel and leather|服装皮革
322|Paper|纸制品
323|Printing|印刷
324|Petroleum and coal products|石油和煤制品
325|Chemicals|化工
326|Plastics and rubber|塑料橡胶
42|Wholesale trade|批发
441|Motor vehicle dealers|汽车经销
445|Food and beverage stores|食品店
452|General merchandise stores|百货店
4A0|Other retail|其他零售
481|Air transportation|航空运输
482|Rail transportation|铁路运输
483|Water transportation|水路运输
484|Truck transportation|公路货运
485|Transit and ground passenger transportation|地面客运
486|Pipeline transportation|管道运输
487OS|Other transportation and support|其他运输与支持
493|Warehousing and storage|仓储
511|Publishing and software|出版与软件
512|Motion pictures and sound|影视与录音
513|Broadcasting and telecommunications|广播与电信
514|Data processing and internet|数据处理与互联网
521CI|Banks and credit|银行与信贷
523|Securities and investments|证券与投资
524|Insurance|保险
525|Funds and trusts|基金与信托
HS|Housing|住房
ORE|Other real estate|其他房地产
532RL|Rental and leasing|租赁
5411|Legal services|法律服务
5415|Computer systems design|计算机系统设计
5412OP|Other professional and technical services|其他专业技术服务
55|Management of companies|企业管理
561|Administrative and support services|行政与支持服务
562|Waste management|废物管理
61|Education|教育
621|Ambulatory health care|门诊医疗
622|Hospitals|医院
623|Nursing and residential care|护理与养老
624|Social assistance|社会救助
711AS|Performing arts, sports and museums|演艺、体育与博物馆
713|Amusements and recreation|娱乐休闲
721|Accommodation|住宿
722|Food services|餐饮
81|Other services|其他服务
GFGD|Federal government, defence|联邦政府（国防）
GFGN|Federal government, nondefence|联邦政府（非国防）
GFE|Federal enterprises|联邦政府企业
GSLG|State and local government|州和地方政府
GSLE|State and local enterprises|州和地方政府企业
"""
CHINESE: dict[str, tuple[str, str]] = {code: (en, zh) for code, en, zh in barred(_NAMES)}
