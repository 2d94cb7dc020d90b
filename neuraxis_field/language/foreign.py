# SPDX-License-Identifier: Apache-2.0
"""Sentences in languages that the robot does not speak. {c} colour, {s} part, {t} container."""

from __future__ import annotations

import random

from neuraxis_field.language.templates import choose

_LANGUAGES: dict[str, tuple[str, str, str, str]] = {
    "es": ("Pon el {s} {c} en la {t}|Coloca {s} {c} en {t} por favor|Mueve todos los {s} a la {t}|"
           "Quiero el {s} {c} en la {t}|Mete la pieza {c} dentro de la {t}|"
           "¿Puedes poner el {s} en {t}?|"
           "Hola, qué tal|Qué tiempo hace hoy|Lleva el {s} {c} hasta la {t}|"
           "Guarda el {s} en la {t}",
           "rojo|azul|verde|amarillo|negro|blanco|morado|naranja",
           "cubo|bloque|cilindro|hexágono|objeto|frasco|vaso|cartón",
           "bandeja azul|caja roja|bandeja|caja|bandeja de la izquierda|cesta verde"),
    "de": ("Lege den {c}en {s} in {t}|Bitte stell den {s} in {t}|Bring alle {c}en Teile in {t}|"
           "Kannst du den {c}en {s} in {t} legen?|Der {s} soll in {t}|"
           "Nimm den {s} und leg ihn in {t}|"
           "Guten Morgen, wie geht es dir|Wie wird das Wetter|Pack den {s} bitte in {t}|"
           "Räum den Tisch auf",
           "rot|blau|grün|gelb|schwarz|weiß|lila",
           "Würfel|Block|Zylinder|Sechseck|Quader|Klotz|Becher|Karton",
           "die blaue Schale|die rote Kiste|den Korb|den Behälter|das linke Tablett|die Box"),
    "fr": ("Mets le {s} {c} dans {t}|Place le {s} {c} dans {t} s'il te plaît|"
           "Déplace tous les {s}s dans {t}|"
           "Je veux le {s} {c} dans {t}|Peux-tu mettre le {s} dans {t}|Bonjour, comment ça va|"
           "Prends le {s} {c} et pose-le dans {t}|Range le {s} dans {t}|"
           "Il faut mettre le {s} dans {t}",
           "rouge|bleu|vert|jaune|noir|blanc|violet|orange",
           "cube|bloc|cylindre|hexagone|objet|flacon|gobelet|carton",
           "le plateau bleu|la boîte rouge|le bac|le panier|le plateau de gauche|la caisse verte"),
    "it": ("Metti il {s} {c} nel {t}|Sposta tutti i {s} nel {t}|Per favore metti il {s} nel {t}|"
           "Prendi il {s} {c} e mettilo nel {t}|Ciao come stai|Vorrei il {s} {c} nel {t}",
           "rosso|blu|verde|giallo|nero|bianco|viola",
           "cubo|blocco|cilindro|esagono|flacone|bicchiere|barattolo",
           "vassoio blu|contenitore rosso|vassoio|cestino"),
    "pt": ("Coloque o {s} {c} na {t}|Ponha o {s} na {t}|Mova todos os {s}s para a {t}|"
           "Eu quero o {s} {c} na {t}|Bom dia, tudo bem|Pegue o {s} {c} e coloque na {t}",
           "vermelho|azul|verde|amarelo|preto|branco|roxo",
           "cubo|bloco|cilindro|hexágono|frasco|copo",
           "bandeja azul|caixa vermelha|bandeja|caixa"),
    "nl": ("Leg de {c} {s} in de {t}|Zet de {s} in de {t}|Doe alle {c} dingen in de {t}|"
           "Kun je de {s} in de {t} leggen|Pak de {c} {s} en stop hem in de {t}|"
           "Verplaats de {s} naar de {t}",
           "rode|blauwe|groene|gele|zwarte|witte", "kubus|blok|cilinder|zeshoek|fles|beker",
           "blauwe bak|rode doos|schaal|linker bak"),
    "pl": ("Połóż {c} {s} na {t}|Włóż {s} do {t}|Przenieś wszystkie {c} części do {t}|"
           "Umieść {s} w {t}",
           "czerwony|niebieski|zielony|żółty", "sześcian|klocek|walec|sześciokąt",
           "tacy|pudełka|pojemnika"),
    "tr": ("{c} {s}ü {t} koy|Lütfen {c} {s} {t} koy|Bütün {c} parçaları {t} taşı|"
           "{c} {s} {t} yerleştir",
           "kırmızı|mavi|yeşil|sarı", "küp|blok|silindir|altıgen", "tepsiye|kutuya|mavi tepsiye"),
    "sv": ("Lägg den {c} {s} i {t}|Ställ {s} på {t}|Flytta alla {c} delar till {t}|"
           "Placera {s} i {t}",
           "röda|blå|gröna|gula", "kuben|klossen|cylindern|sexkanten",
           "brickan|lådan|den blå brickan"),
    "id": ("Taruh {s} {c} di {t}|Letakkan {s} {c} ke dalam {t}|Pindahkan semua {s} ke {t}|"
           "Masukkan {s} ke {t}",
           "merah|biru|hijau|kuning", "kubus|balok|silinder", "nampan biru|kotak merah|wadah"),
    "vi": ("Đặt khối {c} vào {t}|Hãy bỏ {s} {c} vào {t}|Cho tất cả {s} vào {t}|"
           "Di chuyển {s} {c} đến {t}",
           "đỏ|xanh|vàng|đen", "khối lập phương|hình trụ|khối", "khay xanh|thùng đỏ|hộp"),
    "ja": ("{c}{s}を{t}に入れてください|{c}{s}を{t}に置いて|すべての{c}{s}を{t}へ移動して|"
           "{s}を{t}に片付けて",
           "赤い|青い|緑の|黄色い|黒い",
           "立方体|ブロック|円柱|六角形|キューブ|薬のボトル|コップ|缶",
           "青いトレイ|赤い箱|トレー|箱"),
    "ko": ("{c} {s}를 {t}에 넣어 주세요|{c} {s}을 {t}에 놓아줘|모든 {s}를 {t}로 옮겨|"
           "{s}를 {t}에 담아",
           "빨간|파란|초록|노란", "큐브|블록|원기둥|육각형|약병|컵|캔", "파란 쟁반|빨간 상자|쟁반"),
    "ru": ("Положи {c} {s} в {t}|Поставь {s} на {t}, пожалуйста|Перемести все {s} в {t}|"
           "Убери {s} в {t}",
           "красный|синий|зелёный|жёлтый", "куб|блок|цилиндр|шестиугольник|флакон|стакан",
           "синий лоток|красный ящик|коробку"),
    "ar": ("ضع {s} {c} في {t}|من فضلك ضع {s} في {t}|انقل {s} إلى {t}", "الأحمر|الأزرق",
    "المكعب|الأسطوانة",
           "الصندوق|الصينية الزرقاء"),
    "th": ("วาง{s}{c}ใน{t}|ย้าย{s}ไปที่{t}", "สีแดง|สีน้ำเงิน", "ลูกบาศก์|ทรงกระบอก", "ถาด|กล่อง"),
    "hi": ("{c} {s} को {t} में रखो|{s} को {t} में डालो", "लाल|नीला", "घन|सिलेंडर", "ट्रे|डिब्बे"),
}  # fmt: skip
_WEIGHT = {"es": 5, "de": 5, "fr": 5, "it": 3, "pt": 3, "nl": 2, "ja": 3, "ko": 2, "ru": 2}


def foreign(rng: random.Random, split: str) -> str:
    """One sentence in some other language."""
    names = list(_LANGUAGES)
    name = rng.choices(names, [_WEIGHT.get(n, 1) for n in names])[0]
    frames, colors, parts, targets = _LANGUAGES[name]
    text = choose(rng, frames.split("|"), split)
    for key, table in (("{c}", colors), ("{s}", parts), ("{t}", targets)):
        text = text.replace(key, rng.choice(table.split("|")))
    return text + rng.choice(("", "", ".", "!"))
