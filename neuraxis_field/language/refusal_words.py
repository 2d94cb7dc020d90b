# SPDX-License-Identifier: Apache-2.0
"""Things the robot does not know, by split. The held-out nouns never occur in training."""

from __future__ import annotations

NOUNS_EN = tuple(
    """banana apple pen pencil book phone laptop keyboard mouse monitor knife fork
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
MORE_NOUNS_EN = tuple(
    """avocado pear plum cherry apricot fig olive garlic ginger cabbage lettuce spinach cucumber
    pumpkin zucchini celery mushroom pea corn almond peanut cashew raisin biscuit muffin bagel
    cereal oatmeal dumpling sushi taco burrito ham bacon chicken turkey shrimp lobster crab
    omelette pudding pie brownie lollipop gum candyfloss popcorn fries ketchup mustard mayonnaise
    smoothie lemonade soda cola whisky vodka cocktail thermos flask whisk grater peeler spatula
    tongs toaster blender mixer stove freezer cooler heater fan vacuum dryer hanger mat rug
    cushion mattress quilt bunk crib stool swing hammock tent whistle tripod lens flash adapter
    router modem antenna satellite webcam joystick console cartridge cassette vinyl harp cello
    clarinet saxophone tuba banjo ukulele accordion xylophone bell gong tambourine metronome
    easel palette chalk pastel ink quill sharpener protractor stencil glitter ribbon zipper
    needle thread yarn fabric leather velvet silk cotton wool tile beam pillar fence gate latch
    lock padlock keychain doorknob mailbox lampshade bulb fuse relay transformer diode coil
    inductor oscillator probe multimeter voltmeter ammeter thermocouple barcode sticker badge
    passport receipt invoice contract diploma certificate magazine newspaper comic atlas
    dictionary bookmark postcard purse briefcase trolley wheelbarrow cart wagon sled scooter
    tricycle motorcycle helicopter glider submarine canoe raft anchor paddle oar sail mast rudder
    tractor bulldozer crane excavator lion bear wolf fox deer moose goat sheep cow pig donkey
    camel kangaroo koala panda monkey gorilla squirrel hedgehog owl eagle parrot duck swan goose
    hen rooster ostrich flamingo snake lizard frog toad snail worm spider ant bee butterfly
    beetle dolphin whale shark octopus squid starfish seal otter coral seaweed moss fern cactus
    bamboo ivy rose tulip daisy sunflower lily orchid acorn pinecone log twig bark boulder
    crystal diamond ruby pearl amber coal ore nugget sand mud clay ash snowball icicle cloud
    lightning volcano meteor wizard fairy knight pirate clown cowboy astronaut soldier princess
    skeleton skull bone tooth wig moustache tattoo bandana headband hairpin hairbrush razor
    lotion deodorant lipbalm mascara nailfile plaster inhaler crutch stethoscope scalpel forceps
    beaker pipette pendulum gyroscope abacus chessboard pawn bishop rook yoyo kite frisbee
    boomerang trampoline dartboard bat club puck goalpost hoop skates ski snowboard dumbbell
    barbell treadmill yogamat stopwatch scoreboard jersey trainer cap visor poncho raincoat
    cardigan sweater hoodie vest blouse skirt jeans trousers shorts tights pyjamas apron uniform
    cape cloak robe kimono turban veil brooch cufflink buckle lace locket tiara""".split()
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
    """香蕉 苹果 钢笔 铅笔 书 手机 电脑 键盘 鼠标 刀 叉子 勺子 锤子 螺丝刀 扳手 钳子
    电钻 锯子
    螺栓 螺丝 钉子 垫片 弹簧 齿轮 电池 电线 传感器 相机 台灯 椅子 沙发 枕头 毛巾 海绵 肥皂 牙刷 梳子
    镜子 闹钟
    手表 戒指 项链 钱包 钥匙 硬币 卡片 纸 信封 剪刀 胶带 胶水 尺子 橡皮 吉他 鼓 球 气球 娃娃 汽车
    卡车 火车
    自行车 头盔 手套 袜子 鞋子 衬衫 帽子 围巾 皮带 书包 雨伞 球体 金字塔 圆锥 星星 三角形 三明治
    披萨 面包 鸡蛋
    西红柿 土豆 胡萝卜 洋葱 柠檬 葡萄 草莓 西瓜 饼干 蛋糕 糖果 巧克力 牛奶 果汁 咖啡 茶 茶壶 锅
    蜡烛 打火机 绳子 链条 磁铁 地图 药片 花 石头 猫 狗 鸟 鱼 兔子 小孩 窗户 门 抽屉 架子 柜子 冰箱
    烤箱 微波炉
    水槽 马桶 床 屋顶 发动机 轮胎 飞机 船 无人机 充电器 插头 开关 遥控器 音箱 耳机 收音机 电视
    打印机 计算器
    笔记本 文件夹 芯片 马达 水泵 阀门 水管 梯子 扫帚 拖把 花瓶 雕像 奖杯 眼镜 面具 香肠 米饭 面条 盐
    油 蜂蜜
    圆锥体 球 圆环 五角星 三棱锥 椭球""".split()
)
MORE_NOUNS_ZH = tuple(
    """橙子 梨 李子 樱桃 荔枝 龙眼 榴莲 椰子 柚子 石榴 柿子 枣 大蒜 生姜 白菜 菠菜 黄瓜 南瓜 冬瓜
    苦瓜 萝卜 芹菜 香菇 豆腐 豆角 玉米 花生 瓜子 杏仁 腰果 包子 饺子 馒头 油条 豆浆 粽子 月饼
    年糕 汤圆 火锅 烤鸭 牛排 鸡腿 汉堡 薯条 寿司 蛋挞 布丁 冰淇淋 棒棒糖 口香糖 爆米花 酱油 醋
    辣椒 味精 可乐 啤酒 白酒 红酒 奶茶 矿泉水 吸管 茶叶 筷子 菜刀 砧板 锅铲 炒锅 电饭煲 水壶
    烤面包机 洗衣机 空调 风扇 吸尘器 熨斗 热水器 电灯 灯泡 插座 电线杆 路由器 摄像头 麦克风 键帽
    硬盘 光盘 优盘 显示器 投影仪 扫描仪 游戏机 手柄 平板 相册 相框 油画 书法 毛笔 墨水 砚台 粉笔
    黑板 白板 订书机 回形针 图钉 便签 日历 名片 护照 身份证 驾照 发票 合同书 报纸 杂志 漫画 字典
    书签 明信片 麻袋 钱币 珠宝 钻石 珍珠 玉石 金条 手链 耳环 胸针 领带 西装 毛衣 羽绒服
    牛仔裤 裙子 短裤 内衣 睡衣 围裙 雨衣 靴子 高跟鞋 运动鞋 鞋带 袖扣 拉链 纽扣 针线 毛线 布料
    皮革 被子 床单 枕套 凉席 蚊帐 沙发垫 书桌 茶几 书架 鞋柜 盆栽 仙人掌 玫瑰 百合 菊花 向日葵
    荷花 竹子 松果 树叶 树枝 木头 瓦片 水泥 沙子 泥土 鹅卵石 煤 铁矿 铁丝 螺母盖 铆钉 轮子 皮带轮
    链轮 凸轮 活塞 汽缸 火花塞 电机 变压器 继电器 保险丝 示波器 焊锡 胶枪 油漆 刷子 铁锹 锄头
    斧头 镰刀 拖车 摩托车 电动车 公交车 地铁 高铁 直升机 火箭 卫星 潜艇 帆船 船锚 降落伞 热气球
    风筝 陀螺 跳绳 毽子 象棋 围棋 扑克牌 麻将 篮球 足球 排球 乒乓球 羽毛球 哑铃 跑步机 瑜伽垫
    滑雪板 冰鞋 泳镜 帐篷 睡袋 指南针 哨子 口哨 喇叭 二胡 古筝 笛子 唢呐 萨克斯 小号 琵琶 风琴
    铃铛 老虎 狮子 熊猫 狐狸 狼 猴子 松鼠 刺猬 马 牛 羊 猪 鸡 鸭子 孔雀 鹦鹉 猫头鹰 鸽子 麻雀
    燕子 蛇 乌龟 青蛙 蜗牛 蜘蛛 蚂蚁 蜜蜂 蝴蝶 蜻蜓 海豚 鲸鱼 鲨鱼 章鱼 螃蟹 龙虾 海星 贝壳 珊瑚
    宇航员 警察帽 士兵 国王 公主 小丑 海盗 圣诞树 对联 红包 鞭炮 烟花 香水 洗面奶 牙线 剃须刀
    梳妆台 棉签 体温计 听诊器 针筒 轮椅 拐杖 假牙 试管 烧杯 显微镜 天平 砝码 棱镜 地球仪 星座图
    鸟笼 狗粮 猫砂 遥控车 变形金刚 机器狗 布偶""".split()
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
