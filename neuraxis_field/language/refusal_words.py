# SPDX-License-Identifier: Apache-2.0
"""Things the robot does not know, by split. The held-out nouns never occur in training."""

from __future__ import annotations

NOUNS_EN = tuple(
    """banana apple cup mug bottle pen pencil book phone laptop keyboard mouse monitor knife fork
    spoon hammer screwdriver wrench pliers drill saw bolt screw nail washer spring gear battery
    cable wire sensor camera lamp chair sofa pillow blanket towel sponge soap shampoo
    toothbrush comb mirror clock watch ring necklace wallet key coin card ticket paper envelope
    stamp scissors tape glue stapler ruler eraser marker crayon brush canvas guitar drum flute
    ball balloon doll teddy puzzle robot car truck bus train bike helmet glove sock shoe boot shirt
    hat scarf jacket belt bag backpack suitcase umbrella sphere pyramid cone star triangle heart
    ring disk donut sandwich pizza burger bread cheese egg tomato potato carrot onion lemon
    grape strawberry melon cookie cake candy chocolate milk juice coffee tea water wine beer
    teapot kettle pan pot lid jar glass pitcher napkin tissue candle lighter matchbox rope
    chain hook magnet compass map globe telescope microscope syringe bandage pill thermometer
    flower plant leaf branch stone rock shell feather cat dog bird fish horse rabbit turtle
    baby man woman person human child wall window door drawer shelf cabinet fridge oven microwave
    dishwasher sink toilet bathtub bed desk ceiling roof garden car engine wheel tire
    airplane ship boat rocket drone tablet charger plug socket switch button remote speaker
    headphones radio television printer scanner projector calculator notebook folder binder
    clipboard stylus chip circuit motor pump valve pipe hose ladder broom mop dustpan
    vase statue painting poster trophy medal crown sword shield arrow bow helmet mask glasses
    sausage steak noodle rice soup salad pepper salt sugar oil vinegar honey jam butter yogurt
    oval torus tetrahedron octahedron pentagon ellipsoid wedge arch dome plank stick""".split()
)
NOUNS_EN_HELD_OUT = tuple(
    """mango pineapple kiwi peach eggplant broccoli walnut croissant pancake waffle pretzel
    violin trumpet piano harmonica tennis racket skateboard surfboard kayak lantern flashlight
    hourglass typewriter binoculars barometer anvil chisel crowbar mallet tweezers caliper gasket
    rivet bearing piston transistor capacitor resistor penguin elephant giraffe dinosaur unicorn
    wardrobe armchair curtain carpet fireplace chimney bathrobe slipper sandal mitten necktie
    bracelet earring perfume lipstick toothpaste crescent rhombus trapezoid spiral""".split()
)
COLORS_EN = tuple(
    """pink brown grey gray cyan turquoise magenta beige silver transparent rainbow maroon
    teal bronze striped spotted colorless copper khaki""".split()
)
NOUNS_ZH = tuple(
    """香蕉 苹果 杯子 水杯 瓶子 钢笔 铅笔 书 手机 电脑 键盘 鼠标 刀 叉子 勺子 锤子 螺丝刀 扳手 钳子
    电钻 锯子
    螺栓 螺丝 钉子 垫片 弹簧 齿轮 电池 电线 传感器 相机 台灯 椅子 沙发 枕头 毛巾 海绵 肥皂 牙刷 梳子
    镜子 闹钟
    手表 戒指 项链 钱包 钥匙 硬币 卡片 纸 信封 剪刀 胶带 胶水 尺子 橡皮 吉他 鼓 球 气球 娃娃 汽车
    卡车 火车
    自行车 头盔 手套 袜子 鞋子 衬衫 帽子 围巾 皮带 书包 雨伞 球体 金字塔 圆锥 星星 三角形 三明治
    披萨 面包 鸡蛋
    西红柿 土豆 胡萝卜 洋葱 柠檬 葡萄 草莓 西瓜 饼干 蛋糕 糖果 巧克力 牛奶 果汁 咖啡 茶 茶壶 锅 罐头
    玻璃杯
    蜡烛 打火机 绳子 链条 磁铁 地图 药片 花 石头 猫 狗 鸟 鱼 兔子 小孩 窗户 门 抽屉 架子 柜子 冰箱
    烤箱 微波炉
    水槽 马桶 床 屋顶 发动机 轮胎 飞机 船 无人机 充电器 插头 开关 遥控器 音箱 耳机 收音机 电视
    打印机 计算器
    笔记本 文件夹 芯片 马达 水泵 阀门 水管 梯子 扫帚 拖把 花瓶 雕像 奖杯 眼镜 面具 香肠 米饭 面条 盐
    油 蜂蜜
    圆锥体 球 圆环 五角星 三棱锥 椭球""".split()
)
NOUNS_ZH_HELD_OUT = tuple(
    """芒果 菠萝 桃子 茄子 核桃 小提琴 钢琴 口琴 网球拍 滑板 灯笼 手电筒 沙漏 望远镜 凿子 镊子 轴承
    电阻 电容
    企鹅 大象 长颈鹿 恐龙 衣柜 窗帘 地毯 拖鞋 手镯 口红 牙膏 菱形 梯形 螺旋桨""".split()
)
COLORS_ZH = tuple("粉色 粉红色 棕色 灰色 青色 咖啡色 银色 褐色 米色 透明 彩色 卡其色".split())

SYLLABLES = tuple(
    """ba bo da do fi fu ga gle gri ka ko kra la lo mi mo na no pa plo qua ri ro sa sha ta te to va
    vo wi wo xa yo za zo bli dro fle snor gor zork wug blick dax fep tor mep""".split()
)
