"""What the screens and pictures of this room say. What the report says too is taken from there."""

from __future__ import annotations

from collections.abc import Mapping

from ballast.text import Lang, Text

WORDS: Mapping[str, Text] = {
    # titles
    "economy": Text("Economy {name}: {title}", "经济 {name}：{title}"),
    "scenario": Text("Scenario {name}: {title}", "情景 {name}：{title}"),
    "run": Text("Run on {book}, model {model}", "模拟：账本 {book}，模型 {model}"),
    "response": Text("Response to {name} on {book}: {title}", "应对：情景 {name}，账本 {book}：{title}"),
    # labels of rows
    "size": Text("size", "规模"),
    "money": Text("money", "计价"),
    "output": Text("output", "产出"),
    "regions": Text("regions", "地区"),
    "sectors": Text("sectors", "部门"),
    "grades": Text("grades", "证据等级"),
    "facts": Text("also known", "补充数据"),
    "findings": Text("findings", "问题"),
    "horizon": Text("horizon", "时段"),
    "outcome": Text("outcome", "结果"),
    "lost": Text("lost", "损失"),
    "worst": Text("worst month", "最差月份"),
    "stopped": Text("stopped", "停产"),
    "first": Text("who first", "先保谁"),
    "blockages": Text("blockages", "堵点"),
    "lands": Text("landing", "落点"),
    "notes": Text("notes", "须知"),
    # economy
    "economy.size": Text(
        "{n} nodes; {r} regions × {k} sectors; {slots} inputs bought in {markets} markets",
        "{n}个节点；{r}个地区×{k}个部门；{slots}个投入项，{markets}个市场",
    ),
    "economy.money": Text("{unit}, year {year}", "{unit}，{year}年"),
    "economy.output": Text(
        "{output}; value added {added} ({industry} industry); exports {exports}",
        "{output}；增加值{added}（工业占{industry}）；出口{exports}",
    ),
    "economy.grade": Text("{grade}: {list}", "{grade}：{list}"),
    "economy.largest": Text("of value added: {list}", "占增加值：{list}"),
    "facts.days": Text("days of stock of {n} inputs", "{n}个投入项的库存天数"),
    "facts.staff": Text("staff of {n} nodes", "{n}个节点的从业人数"),
    "facts.use": Text("use of {n} carriers", "{n}种能源的消费量"),
    "facts.corridors": Text("{n} corridors", "{n}条运输通道"),
    "facts.generation": Text("{n} power stations", "{n}处电源"),
    "facts.targets": Text("{n} ranges", "{n}个目标区间"),
    "economy.finding": Text("{n} × {level}; see .findings", "{level}{n}条，见 .findings"),
    "error": Text("error", "错误"),
    "warning": Text("warning", "警告"),
    "note": Text("note", "提示"),
    # scenario
    "summary": Text("summary", "概要"),
    "book": Text("book", "账本"),
    "shocks": Text("shocks", "冲击"),
    "range": Text("range", "目标区间"),
    "scenario.decision": Text("help can act from {day}", "{day}起可采取措施"),
    "scenario.shock": Text(
        "{title} ({first} to {last}, grade {grade})", "{title}（{first}至{last}，证据等级{grade}）"
    ),
    "scenario.range": Text("{name}: {range}", "{name}：{range}"),
    # run
    "run.none": Text("not run yet", "尚未运行"),
    "run.horizon": Text("{first} to {last}, {days} days", "{first}至{last}，共{days}天"),
    "run.lost": Text("{money} of industrial value added", "工业增加值{money}"),
    "run.gained": Text(
        "nothing: {money} of industrial value added more than without the shock",
        "无：工业增加值较无冲击情形多{money}",
    ),
    "run.worst": Text("{month}: industrial value added {move}", "{month}：工业增加值{move}"),
    "run.low": Text("worst day {day}: {level} of baseline", "最低为{day}：基准的{level}"),
    "run.stopped": Text("{nodes} fell below half of baseline:", "{n}个节点产出低于基准的一半："),
    "run.stop": Text("{node} ({cause}, {day})", "{node}（{cause}，{day}）"),
    "run.stopped_none": Text("no node fell below half", "没有节点产出低于一半"),
    "run.light": Text("only output was kept (full=False)", "仅保留产出（full=False）"),
    "run.few": Text("what says who stopped was not kept", "未保留判断停产所需的数据"),
    # response
    "response.worst": Text("{month}: industrial value added {nothing}", "{month}：工业增加值{nothing}"),
    "response.planned": Text("with the plan it {plan}", "按方案{plan}"),
    "response.lost": Text(
        "{nothing} of industrial value added; {plan} with the plan", "工业增加值{nothing}；按方案{plan}"
    ),
    "response.lost_alone": Text("{nothing} of industrial value added", "工业增加值{nothing}"),
    "response.outcome": Text(
        "{kind}; {draws} draws, model {model}, grade {grade}",
        "{kind}；抽样{draws}次，模型{model}，证据等级{grade}",
    ),
    "response.saves": Text("{rank}. {name}: saves {money}", "{rank}. {name}：可保住{money}"),
    "response.lands": Text("{name}: {nothing} → {plan} ({range})", "{name}：{nothing} → {plan}（{range}）"),
    "response.lands_alone": Text("{name}: {nothing} ({range})", "{name}：{nothing}（{range}）"),
    "response.none": Text("none", "无"),
    "more": Text("and {n} more", "另有{n}项"),
    "completed": Text("completed", "完成"),
    "collapsed": Text("collapsed", "崩溃"),
    "diverged": Text("diverged", "发散"),
    # pictures
    "pictures": Text("pictures: {list}", "图：{list}"),
    "this": Text("this run", "本次模拟"),
    "other": Text("the other", "另一次"),
    "path.title": Text(
        "Industrial value added of {scope} {move} in {month}, the worst month",
        "{scope}工业增加值{month}{move}，为最差月份",
    ),
    "path.alt": Text(
        "Line chart of daily industrial value added, {first} to {last}. {title}.",
        "日工业增加值折线图，{first}至{last}。{title}。",
    ),
    "map.title": Text("{region} loses most in {month}: {size}", "{month}{region}降幅最大：{size}"),
    "map.title_none": Text("In {month} no region loses", "{month}没有地区下降"),
    "map.share": Text("{region} has most of {what}: {size}", "{what}以{region}最多，占{size}"),
    "map.share_note": Text(
        "Share of {what}, %. A tile is a region; its place is rough.",
        "占{what}的比重，%。每格代表一个地区，位置为示意。",
    ),
    "map.share_alt": Text("Tile map of shares of {what}: {list}.", "{what}占比方格图：{list}。"),
    "value_added": Text("value added", "增加值"),
    "industry": Text("industrial value added", "工业增加值"),
    "gross": Text("output", "产出"),
    "exports": Text("exports", "出口"),
    "chain.title": Text("Why {node} fell to {level} of baseline", "{node}产出为何降至基准的{level}"),
    "chain.note": Text(
        "From the cause above to what fell below. The share is what was left at the worst.",
        "自上而下：从起因到受影响者。百分比为最低时剩余的比例。",
    ),
    "chain.down": Text("{level} of baseline on {day}", "{day}为基准的{level}"),
    "chain.fell": Text("What fell", "受影响者"),
    "chain.upstream": Text("Where {node} gets what it buys most of", "{node}最大宗投入品从哪里来"),
    "chain.upstream_note": Text(
        "At each step the largest input and its largest seller; the share is that of all the buyer's "
        "inputs. It ends abroad, or where the next seller stands in it already.",
        "每一步取最大的投入品及其最大的卖方；百分比为占买方全部投入的比重。到境外为止，或到已出现过的卖方为止。",
    ),
    "chain.flow": Text("{product}, {money} a year ({share})", "{product}，全年{money}（{share}）"),
    "chain.makes": Text("makes {money} a year", "年产出{money}"),
    "chain.alt": Text("A chain: {list}.", "链条：{list}。"),
}


def say(key: str, lang: Lang, **values: object) -> str:
    """The words for a key in one language; a Text among the values gives its own side."""
    return WORDS[key].format(**values)[lang]


def known(key: object, lang: Lang) -> str:
    """The words for a code that may be new, or the code itself."""
    return WORDS[str(key)][lang] if str(key) in WORDS else str(key)
