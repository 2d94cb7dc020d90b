# SPDX-License-Identifier: Apache-2.0
"""Words that training strews into frames, so that a strange word beside a task does not hide it.

The same words earn a refusal where a part or a container should be named.
"""

from __future__ import annotations

import random

from neuraxis_field.language import refusal_words as words

ENGLISH = tuple(
    """abruptly absolutely accept accompany achieve acknowledge adjust admire admit adore
    afternoon agency agree aim airport allegedly allow almost altogether amazing amid among amuse
    anew angle announce answer anxious anyhow apparently appeal apply appoint appreciate approach
    approve argue arise army around article artist ashore aside assist assume assure attach
    attempt attend aunt authority autumn avenue avoid await awake award aware awful awhile baker
    balance bank bargain basis battle beach beautiful become beforehand beginning behave believe
    benefit beyond bishop bless blissful boldly border boring borrow bother boundary breakfast
    breathe brief bright brilliant broadly brother budget building busily calculate calendar
    campaign cancel candidate capable captain capture career careless carpenter casually celebrate
    century certainly challenge champion chapter charming chase chat cheap childhood choice
    circumstance citizen claim clearly clever climate closely coach coast colleague combine
    comfort commit common compare compete complain compose conceive concern conclude conduct
    confident confirm confuse congratulate connect conquer conscious consult consume contact
    contest context continue contract convince council count courage cousin craft create credit
    crew critic crowd crucial curious currently daily damn dance danger daring daughter deal
    decade decent decide declare dedicate deeply defend definitely degree delay delight demand
    democracy depart depend describe deserve desire despite detail detect determine develop devote
    dialogue differ dinner direct discover discuss dispatch district doctor double doubt
    downstairs dozen dramatic dream dress eager early earn easily economy edit effect effort elbow
    elect elegant elsewhere embrace emerge emotion employ enable encourage endure energetic engage
    engineer enjoy enormous ensure entertain entire entrust episode equip errand escape especially
    establish estimate evening event evidence evolve examine excellent excited exclaim execute
    exercise exhibit expand experience explain explore extra extremely fabulous fairly faithful
    famous fancy farmer fashion father favourite fearless february fetching fiercely figure
    finance finish fiscal flawless flexible flourish foreign forever formal fortunate foster
    freedom frequently fresh friday friendly fulfil fully function furthermore gallant garage
    generous genius gentle genuine gladly glorious government gradual graduate grandma grateful
    greatly greet guarantee guest guide habit half handle handsome handy happen happily hardly
    harmony harvest haul heartily heaven helpful hence history holiday honest honour hopefully
    horizon hotel hour humble hungry husband ideal identify imagine immense impatient implement
    improve include indeed independent industry inform initially inner innocent inspect inspire
    instead instruct insurance intend intense invite island january jolly journey joyful judge
    july june junior keen keenly kingdom knowledge labour lady language largely lately lawyer lazy
    leader league learn lecture legal legend leisure lesson liberty likely literally lively local
    logical lonely lovely lucky lunch magic magnificent mainly maintain majesty manage manner
    march market marvellous master maybe mayor meantime measure medical meekly member memory
    mention merry method midnight mighty mild million mind minister minute miracle modern modest
    moment monday monthly mood moral mostly mother mountain murmur museum music mutual mystery
    namely narrow nation natural nearly necessary negotiate neighbour nephew nervous network noble
    noon normal notably notice november nowadays numerous nurse obtain obvious occasion occupy
    october offer office officer often onward operate opinion opportunity optimal organise origin
    otherwise outdoors outcome outside overall overnight paragraph parade parent park partner
    party passage passion patient peaceful people perfect perform perhaps period permit person
    persuade physics pilot planet pleasant pleasure plenty poem poet police policy politics
    popular portion possess postpone potential pour practical practise praise precious precise
    prefer prepare presence preserve president pretend pretty previous pride prince principle
    priority private probably proceed produce professor profit progress promise promote proof
    proper propose protect proud provide province public publish pupil purchase purely purpose
    pursue puzzle quarter queen quest question quite quote rather reach react readily realise
    rearrange reason rebuild recall receive recent reckon recommend recover reduce refer refine
    reflect reform refresh refuse regard region register regret regular reject relate relax
    release relief reluctantly rely remark remedy remote render repeat replace reply report
    request rescue research reserve resist resolve respect respond restore result resume retire
    reveal review revive reward rhythm river romance rough routine royal rude rumour rural sadly
    sample saturday savage scene schedule scholar school science scout season secret secretary
    section secure seek seem seldom select senator senior sense sensible sequence serene series
    serious servant serve session settle several severe sharp shelter sheriff shine shortly
    shoulder shout signal silent similar sincere singer sister situation skilful sleepy slender
    slightly smart smile smooth sober social soldier solemn solution solve somehow sometimes
    somewhat somewhere song sorrow source southern special spectacular speech spirit splendid
    sponsor spontaneous spread stable stadium staff stage station steady stir story strange
    strategy stream street strict stroll strong stubborn student studio stunning style subject
    submit succeed such sudden suffer suggest suitable summer summon sunday superb supervise
    supply support suppose supreme sure surely surface surprise survey survive sustain sweet swift
    symbol system talent teach teacher technique temple temporary tend tender territory terrific
    theatre theory thereby thorough thoughtful thousand thrilled thursday tidy tiger tireless
    together tolerate tomorrow tonight topic total tour toward town track trade tradition traffic
    training transform translate travel treasure treat tremble tremendous trial tribe triumph
    truly trust truth tuesday twice typical ultimate uncle undergo understand undertake uniform
    union unique unite universe university unless unlikely upgrade upload upset upstairs urban
    urge urgent useful usual utmost vacation valley valuable various vast venture verify version
    vibrant victory village violent visible vision visit vital vivid voice volunteer voyage wander
    warm warn warrior wealth wednesday weekly welcome whatever whereas whole widely wife wild
    willing winner winter wise wish wonder wonderful worker world worry worth worthy write yearly
    yearn yesterday yield young zealous""".split()
)
CHINESE = tuple(
    """突然 居然 竟然 果断 偶尔 渐渐 逐渐 简直 几乎 似乎 仿佛 究竟 到底 毕竟 难道 幸亏 幸好 可惜
    恰好 恰巧 正好 刚好 碰巧 故意 特意 特地 专程 专门 临时 暂时 永远 始终 再三 屡次 反复 随时 随手
    随便 随意 任意地 自觉 主动 积极 热情 努力 勤奋 勇敢 坚决 坚定 严肃 严格 郑重 隆重 欢快 愉快
    快乐 幸福 悲伤 忧愁 紧张 激动 兴奋 平静 安静 沉默 温和 温暖 凉爽 清新 美丽 帅气 聪明 机智 灵活
    笨拙 巧妙 精心 精细 粗略 大致 完全 彻底 绝对 相当 极其 格外 尤其 更加 越发 稍微 略微 有点 十分
    万分 多么 如此 这般 那样 怎样 经济 政治 文化 历史 科学 技术 教育 医疗 交通 能源 环境 资源 市场
    管理 服务 质量 价格 数据 信息 网络 系统 平台 产品 设计 研究 开发 生产 销售 运营 财务 法律 合同
    会议 报告 方案 计划书 流程 标准 规范 检验 测试 验收 维护 升级 优化 培训 考试 毕业 入学 就业
    创业 投资 理财 旅行 旅游 购物 做饭 跑步 游泳 唱歌 画画 读书 写字 聊天 春天 夏天 秋天 冬天 周一
    周二 周三 周五 周末 假期 节日 元旦 春节 中秋 国庆 凌晨 清晨 傍晚 深夜 半夜 去年 今年 后天 前天
    刚刚 曾经 将来 从前 北京 上海 广州 深圳 杭州 南京 成都 武汉 西安 中国 世界 城市 农村 学校 医院
    银行 公司 工厂 车间 仓库 商店 超市 餐厅 酒店 机场 车站 公园 爸爸 妈妈 爷爷 奶奶 哥哥 姐姐 弟弟
    妹妹 叔叔 阿姨 同桌 邻居 经理 主管 组长 班长 校长 医生 护士 律师 记者 司机 警察 厨师 工程师
    设计师 张三 李四 王五 赵六 小张 小刘 小陈 老王 老李 阿明 阿花 建国 志强 秀英 晓东 以为 认为
    相信 怀疑 猜测 估计 打算 决定 愿意 喜欢 讨厌 害怕 担心 羡慕 佩服 尊敬 鼓励 支持 反对 同意 拒绝
    接受 提议 商量 讨论 争论 解释 说明 证明 发现 发明 创造 改变 影响 帮助 保护 照顾 陪伴 等候 协助
    配合 参与 组织 安排 布置 指挥 领导 监督 检讨 反省 总结 回忆 想象 思考 理解 掌握 熟悉 适应 习惯
    坚持 放弃 成功 失败 胜利 结果 原因 目的 意义 价值 作用 效果 方法 办法 方式 过程 阶段 步伐 机会
    条件 能力 水平 程度 范围 领域 方面 角度 立场 态度 情绪 心情 性格 脾气 兴趣 爱好 梦想 理想 目光
    眼神 声音 颜值 味道 气氛 节奏 风格 品味 气质 魅力 哇塞 天哪 老天 哎哟 嘿嘿 嘻嘻 呵呵 咦 哼 唉
    噢 嗯哼 妥妥 棒棒 稳稳当当 不由得 不得不 忍不住 说不定 来得及 差不多 没准 无非 何况 况且 固然
    诚然 即便 纵然 哪怕 尽管 除非 否则 不然 要么 与其 宁可 省得 免得 以免""".split()
)
_CHARS = tuple(
    "安宝超诚达恩凡刚歌海华佳健杰凯兰乐丽玲龙鲁曼梅美敏娜宁鹏琪强庆"
    "然荣瑞森珊尚诗舒硕涛婷伟雯熙贤晓欣雅妍阳怡颖勇宇悦云泽哲珍芝忠卓"
)


def pseudo_word(rng: random.Random) -> str:
    """A word that means nothing: ``snorwug``."""
    return "".join(rng.choice(words.SYLLABLES) for _ in range(rng.randint(2, 3)))


def drawn(rng: random.Random, language: str) -> str:
    """A word out of place: a real one, two of them, a noun, or one that does not exist."""
    roll = rng.random()
    if language == "zh":
        if roll < 0.7:
            return rng.choice(CHINESE)
        if roll < 0.8:
            return rng.choice(CHINESE) + rng.choice(CHINESE)
        return "".join(rng.choice(_CHARS) for _ in range(rng.randint(1, 3)))
    if roll < 0.6:
        return rng.choice(ENGLISH)
    if roll < 0.7:
        return f"{rng.choice(ENGLISH)} {rng.choice(ENGLISH)}"
    if roll < 0.8:
        return rng.choice(words.NOUNS_EN)
    if roll < 0.9:
        first, second = rng.choice(ENGLISH), rng.choice(ENGLISH)
        return first[: max(2, len(first) // 2)] + second[len(second) // 2 :]
    return pseudo_word(rng) + rng.choice(("", "", "ly", "ing", "ed"))
